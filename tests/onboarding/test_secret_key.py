"""SECRET_KEY: a wrong one writes nothing, and an old one can be done away with."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.core import settings as app_settings
from app.core.actors import SystemActor
from app.onboarding import boot, doctor, registration
from app.sessions import signing
from tests import database, servers
from tests.conftest import SECRET_KEY, client_from, settings_from
from tests.factories import PASSWORD, Tenant, bearer, register
from tests.support.applications import another_application

NEW_KEY = "Pz8-tYw2_Lq5NdXe7RvKc3Hs9UbMf4Ja6GiOo1T0k"
WRONG_KEY = "Another-Key.of:at/least+thirty-two_bytes"
WRITING = (
    ("operators", "create", "--email", "a@example.com", "--password", "a long enough sentence"),
    ("seed",),
    ("reseal",),
    ("db", "upgrade"),
)


def everything(environment: dict[str, str]) -> str:
    return database.dump(environment["DATABASE_URL"])


def test_a_wrong_secret_key_writes_nothing_and_every_command_says_so_in_a_line(migrated: dict[str, str]) -> None:
    before = everything(migrated)
    for command in WRITING:
        ended = servers.flask(*command, environment=migrated | {"SECRET_KEY": WRONG_KEY})
        assert ended.returncode == 1, command
        (line,) = ended.stderr.splitlines()
        assert "SECRET_KEY is not the one this database was made with" in line
    assert everything(migrated) == before


def test_the_doctor_finds_every_signing_key_that_does_not_open(
    migrated: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "BATCH", 2)
    with another_application(settings_from(migrated)):
        for number in range(3):
            registration.register(SystemActor(), client_name=f"Sound {number}")
        with app_settings.changed(secret_key=WRONG_KEY):
            lost = [registration.register(SystemActor(), client_name=f"Lost {number}").client_id for number in range(3)]
        (check,) = [check for check in doctor.examine() if not check.ok]
    assert check.name == "every signing key opens with SECRET_KEY or a fallback"
    assert check.problems == [f"{client_id}: 1 signing keys" for client_id in lost]


@pytest.fixture
def changing_over(migrated: dict[str, str]) -> Iterator[dict[str, str]]:
    """Settings with a new key, and the database's own one as its fallback."""
    yield migrated | {"SECRET_KEY": NEW_KEY, "SECRET_KEY_FALLBACKS": SECRET_KEY}


def log_in(tenant: Tenant, api: httpx.Client, email: str) -> dict[str, Any]:
    answer = api.post(
        f"{tenant.path}/login", json={"email": email, "password": PASSWORD}, headers=bearer(tenant.access_key)
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_after_a_change_of_keys_and_a_resealing_the_old_key_is_needed_no_more(
    migrated: dict[str, str], changing_over: dict[str, str]
) -> None:
    with another_application(settings_from(migrated)) as before:
        old = register(client_from(before, "127.0.0.1"), admin=True)
        person = old.sign_up()
    with servers.rowlock_server(changing_over) as server, httpx.Client(base_url=server.base_url) as api:
        young = register(api)
        page = api.get(f"{old.path}/audit-logs", params={"limit": "1"}, headers=bearer(old.access_key)).json()
        said = servers.flask("reseal", "--json", environment=changing_over)
        assert json.loads(said.stdout) == {"resealed": 3}, said.stderr  # the check value, the platform's key, the old
        assert json.loads(servers.flask("reseal", "--json", environment=changing_over).stdout) == {"resealed": 0}
        assert log_in(old, api, person.email)["access_token"]
    alone = migrated | {"SECRET_KEY": NEW_KEY}
    servers.migrate(alone)
    with servers.rowlock_server(alone) as server, httpx.Client(base_url=server.base_url) as api:
        for token in (person.access_token, log_in(old, api, person.email)["access_token"]):
            assert api.get(f"{old.path}/me", headers=bearer(token)).status_code == 200
        body = {"refresh_token": person.refresh_token}
        assert api.post(f"{old.path}/refresh", json=body, headers=bearer(old.access_key)).status_code == 200
        query = {"limit": "1", "cursor": page["next_cursor"]}
        rest = api.get(f"{old.path}/audit-logs", params=query, headers=bearer(old.access_key))
        assert (rest.status_code, len(rest.json()["items"])) == (200, 1)
        signed_up = api.post(
            f"{young.path}/signup",
            json={"email": "ada@example.com", "password": PASSWORD},
            headers=bearer(young.access_key),
        )
        assert signed_up.status_code == 201
    assert servers.flask("doctor", environment=alone).returncode == 0
    without = servers.flask("clients", "list", environment=migrated)
    assert (without.returncode, "SECRET_KEY" in without.stderr) == (1, True)


def test_a_resealing_that_is_cut_off_goes_on_where_it_stopped(
    migrated: dict[str, str], changing_over: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "BATCH", 2)
    with another_application(settings_from(migrated)):
        for number in range(4):  # with the platform's: three batches
            registration.register(SystemActor(), client_name=f"Client {number}")
    with another_application(settings_from(changing_over)):
        done = iter(boot.reseal())
        assert next(done) == 2
        done.close()  # type: ignore[attr-defined]
        assert [check.name for check in doctor.examine() if not check.ok] == []
        assert sum(boot.reseal()) == 4
        assert sum(boot.reseal()) == 0
    with another_application(settings_from(migrated | {"SECRET_KEY": NEW_KEY})):
        assert [check.name for check in doctor.examine() if not check.ok] == []
