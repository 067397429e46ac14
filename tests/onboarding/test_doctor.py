"""`flask doctor` finds what is not where it belongs."""

import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.onboarding import doctor
from tests import database, servers
from tests.conftest import DATABASES, GENEROUS, client_from, settings_from
from tests.factories import Tenant, register
from tests.support.applications import another_application

Look = Callable[[], dict[str, list[str]]]


@pytest.fixture(params=DATABASES)
def patient(
    request: pytest.FixtureRequest, tmp_path: Any, postgres: servers.PostgresServer
) -> Iterator[dict[str, str]]:
    """A database of this test's own, with a client and a user in it."""
    url = postgres.create_database() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'sick.db'}"
    environment = {"DATABASE_URL": url, "APP_ENV": "test", "SECRET_KEY": "kF3v9sQ1-Zx7LmW0pTqR8uYb2NcHd5EjGa4iOoV6"}
    environment |= {"INSTANCE_PATH": str(tmp_path), "BCRYPT_ROUNDS": "4"}
    assert servers.flask("db", "upgrade", environment=environment).returncode == 0
    yield environment


@pytest.fixture
def tenant(patient: dict[str, str]) -> Iterator[Tenant]:
    with another_application(settings_from(patient)) as app:
        made = register(client_from(app, "127.0.0.1"))
        made.sign_up()
        yield made


@pytest.fixture
def look(patient: dict[str, str]) -> Look:
    """Run the doctor; return the problems by check. Its exit status agrees with them."""

    def run() -> dict[str, list[str]]:
        ended = servers.flask("doctor", "--json", environment=patient)
        found = json.loads(ended.stdout)
        problems = {check["name"]: check["problems"] for check in found["checks"] if not check["ok"]}
        assert found["healthy"] == (not problems) == (ended.returncode == 0)
        return problems

    return run


def change(patient: dict[str, str], *statements: str) -> None:
    database.change(patient["DATABASE_URL"], *statements)


def _role_of(characters: int) -> str:
    """Return what gives the client a role of four permissions, of so many characters in all."""
    words = json.dumps([letter * (characters // 4 + (letter == "d") * (characters % 4)) for letter in "abcd"])
    return (
        "INSERT INTO roles (client_id, name, permissions, created_at, updated_at)"
        f" SELECT client_id, 'role_of_{characters}', '{words}', created_at, created_at"
        " FROM clients WHERE slug <> 'platform'"
    )


def test_a_healthy_database_is_found_healthy(patient: dict[str, str], tenant: Tenant, look: Look) -> None:
    assert look() == {}
    assert database.count(patient["DATABASE_URL"], tenant.table) == 1


def test_what_is_out_of_place_is_found(patient: dict[str, str], tenant: Tenant, look: Look) -> None:
    orphan = f"users_{uuid.uuid4().hex}"
    change(
        patient,
        f'CREATE TABLE "{orphan}" (user_id INTEGER)',
        f'DELETE FROM "{tenant.table}"',
        "UPDATE clients SET users_schema_version = 0 WHERE slug <> 'platform'",
        "DELETE FROM signing_keys WHERE client_id = (SELECT client_id FROM clients WHERE slug <> 'platform')",
        "UPDATE keys SET revoked_at = created_at",
        *(_role_of(characters) for characters in (4000, 4001, 12_000)),
        "INSERT INTO outbox (message_id, client_id, kind, recipient_mac, status, attempts, next_attempt_at, created_at)"
        " SELECT client_id, client_id, 'email_verify', 'x', 'waiting', 0, '2026-01-02 03:04:05.000000', created_at"
        " FROM clients WHERE slug <> 'platform'",
    )
    problems = look()
    assert problems["no mail has waited for ten minutes to be sent"] == ["since 2026-01-02 03:04 UTC"]
    assert problems["every role fits into access tokens"] == [
        f"{tenant.client_id}: role_of_12000, 12,000 characters",
        f"{tenant.client_id}: role_of_4001, 4,001 characters",
    ]
    assert problems["every users table has its client"] == [orphan]
    assert problems["every users table has a version that is served"] == [f"{tenant.client_id}: version 0"]
    assert problems["every client has a signing key"] == [tenant.client_id]
    assert tenant.client_id in problems["every client has an access key"]
    nobody = problems["every session, token and key has its user"]
    assert nobody == [f"{tenant.client_id}: 1 users of {table}" for table in ("sessions", "tokens")]


def test_a_client_without_its_table_and_rows_without_a_client_are_found(
    patient: dict[str, str], tenant: Tenant, look: Look
) -> None:
    change(patient, f'DROP TABLE "{tenant.table}"')
    assert look() == {"every client has its users table": [tenant.client_id]}
    change(patient, "DELETE FROM clients WHERE slug <> 'platform'")
    assert set(look()) == {"every central row has its client"}


def test_another_secret_key_is_noticed_by_the_doctor_and_at_start(patient: dict[str, str], look: Look) -> None:
    patient["SECRET_KEY"] = "Another-Key.of:at/least+thirty-two_bytes"
    assert list(look()) == ["SECRET_KEY is the database's own"]
    with pytest.raises(RuntimeError, match="SECRET_KEY"), servers.rowlock_server(patient):
        pass


def test_clients_that_register_meanwhile_are_not_taken_for_orphans(patient: dict[str, str]) -> None:
    generous = dict.fromkeys(("CLIENT_REGISTRATION_LIMIT", "CLIENT_REGISTRATION_GLOBAL_LIMIT"), GENEROUS)
    with (
        servers.rowlock_server(patient | generous) as server,
        httpx.Client(base_url=server.base_url, timeout=30) as api,
        ThreadPoolExecutor(3) as pool,
        another_application(settings_from(patient | generous)),
    ):
        registering = [pool.submit(lambda: [register(api) for _ in range(40)]) for _ in range(3)]
        found, looks = [], 0
        while not all(one.done() for one in registering):
            found += [(check.name, check.problems) for check in doctor.examine() if not check.ok]
            looks += 1
        made = sum(len(one.result()) for one in registering)
    assert (found, made) == ([], 120)
    assert looks >= 5
