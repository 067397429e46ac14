"""Metrics: what is counted, over two workers and their deaths too, who may read it, and what it never says."""

import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from app.core import settings
from app.core.errors import TemporarilyUnavailable
from app.users import passwords
from tests import database
from tests.factories import PASSWORD, Tenant, bearer, fresh_email, register
from tests.servers import RunningServer, free_port, rowlock_server

TOKEN = "qL8wZt2NvR5xYb7KpE3mHc9UoJ4sAd6F"
NAMES = """auth_login_attempts_total auth_login_success_total auth_login_failure_total auth_token_generated_total
auth_token_validated_total auth_token_revoked_total api_key_generated_total api_key_validated_total
rate_limit_exceeded_total http_request_duration_seconds mail_sent_total mail_failed_total mail_dead_total"""
LOGIN = "/api/v1/<client_id>/login"
Figures = Counter[tuple[str, str]]


def figures(written: str) -> Figures:
    """Return each counter by its name and one value of its labels (`""`: their sum)."""
    found: Figures = Counter()
    for family in text_string_to_metric_families(written):
        for sample in family.samples:
            for value in {"", *sample.labels.values()}:
                found[sample.name, value] += int(sample.value)
    return found


@contextlib.contextmanager
def counted(api: httpx.Client) -> Iterator[Figures]:
    """Put into the figures what the block has added to them."""
    added: Figures = Counter()
    with settings.changed(metrics_token=TOKEN):
        before = figures(api.get("/metrics", headers=bearer(TOKEN)).text)
        yield added
        after = figures(api.get("/metrics", headers=bearer(TOKEN)).text)
    added.update({what: after[what] - before[what] for what in after if after[what] != before[what]})


def log_in(tenant: Tenant, email: str, password: str = PASSWORD) -> int:
    return tenant.call("POST", "/login", json={"email": email, "password": password}).status_code


def test_every_metric_has_its_name_its_help_and_the_documented_type(api: httpx.Client) -> None:
    with settings.changed(metrics_token=TOKEN):
        answer = api.get("/metrics", headers=bearer(TOKEN))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
    for word in ("HELP", "TYPE"):
        assert {line.split()[2] for line in answer.text.splitlines() if line.startswith(f"# {word}")} == set(
            NAMES.split()
        )


def test_metrics_are_read_with_their_token_only(api: httpx.Client, tenant: Tenant) -> None:
    with settings.changed(metrics_token=TOKEN):
        wrong = (
            "",
            "Bearer",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN[:-1]}",
            f"Basic {TOKEN}",
            f"Bearer {tenant.access_key}",
        )
        for header in (*({"Authorization": one} for one in wrong), {}, {"X-API-Key": TOKEN}):
            answer = api.get("/metrics", headers=header)
            assert (answer.status_code, answer.json()["code"]) == (401, "authentication_required"), header
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == 'Bearer realm="rowlock"'
        assert api.get("/metrics", headers=bearer(TOKEN)).status_code == 200


def test_without_a_token_set_there_are_no_metrics(api: httpx.Client) -> None:
    for header in ({}, bearer(TOKEN), bearer("None"), bearer("")):
        answer, nowhere = api.get("/metrics", headers=header), api.get("/nowhere", headers=header)
        assert answer.status_code == nowhere.status_code == 404
        assert answer.text.replace(answer.headers["x-request-id"], nowhere.headers["x-request-id"]) == nowhere.text


def test_each_login_is_an_attempt_that_succeeds_or_fails(
    api: httpx.Client, tenant: Tenant, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    email, other, locked = (tenant.sign_up().email for _ in range(3))

    def too_many(*_: object) -> bool:
        raise TemporarilyUnavailable()

    def broken(*_: object) -> bool:
        raise ZeroDivisionError()

    with counted(api) as added:
        statuses = [log_in(tenant, email), log_in(tenant, email, "not the password"), log_in(tenant, fresh_email())]
        statuses += [log_in(tenant, locked, "not the password") for _ in range(6)]
        for failing in (too_many, broken):
            with monkeypatch.context() as patched:
                patched.setattr(passwords, "verify", failing)
                statuses.append(log_in(tenant, other))
        engine = database.seeing_all(database_url)
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE {tenant.table} SET status = 'disabled'"))
        engine.dispose()
        statuses.append(log_in(tenant, email))
        tenant.call("POST", "/login", json={"email": email})
    assert statuses == [200, 401, 401, 401, 401, 401, 401, 401, 423, 503, 500, 403]
    assert added["auth_login_attempts_total", ""] == 12
    assert added["auth_login_success_total", ""] == 1
    outcomes = {value: n for (name, value), n in added.items() if name == "auth_login_failure_total"}
    assert {value: n for value, n in outcomes.items() if "_" in value} == {
        "invalid_credentials": 7,
        "account_locked": 1,
        "temporarily_unavailable": 1,
        "internal_error": 1,
        "account_disabled": 1,
    }
    tier = tenant.api.get(f"/api/v1/clients/{tenant.client_id}", headers=bearer(tenant.access_key)).json()["tier"]
    assert outcomes[tier] == outcomes[""] == 11


def test_tokens_and_keys_are_counted_once_they_are_committed(api: httpx.Client) -> None:
    with counted(api) as added:
        tenant = register(api)
        person = tenant.sign_up()
        taken = tenant.call("POST", "/signup", json={"email": person.email, "password": PASSWORD})
        again = [tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}) for _ in range(2)]
        statuses = [person.call("GET", "/me").status_code for _ in range(3)]
        tenant.log_in(person.email)
        person.call("POST", "/logout", json={"everywhere": True})
        statuses.append(person.call("GET", "/me").status_code)
        statuses.append(api.get(f"{tenant.path}/me", headers=bearer("eyJ.not.one")).status_code)
        tenant.log_in(person.email).call("DELETE", "/me")
    assert (taken.status_code, [answer.status_code for answer in again]) == (409, [200, 200])
    assert statuses == [200, 200, 200, 401, 401]
    assert added["api_key_generated_total", "access"] == 1
    assert added["api_key_validated_total", "valid"] == added["api_key_validated_total", ""] == 6
    # Sign-up, two logins, and a refresh; the repeated refresh gets the same refresh token with a new access token.
    assert added["auth_token_generated_total", "refresh"] == 4
    assert added["auth_token_generated_total", "access"] == 5
    validated = {value: n for (name, value), n in added.items() if name == "auth_token_validated_total"}
    assert validated == {"": 7, "valid": 5, "token_revoked": 1, "authentication_required": 1}
    revoked = {value: n for (name, value), n in added.items() if name == "auth_token_revoked_total"}
    assert revoked == {"": 3, "logout": 2, "user.delete": 1}


def test_a_refusal_by_a_limit_is_counted_by_its_route(app: Flask, api: httpx.Client) -> None:
    transport = httpx.WSGITransport(app=app, remote_addr="192.0.2.77")
    stranger = httpx.Client(transport=transport, base_url="http://localhost:8000")
    with counted(api) as added, settings.changed(client_registration_limit="2 per hour"):
        made = [stranger.post("/api/v1/clients/register", json={"client_name": "A"}) for _ in range(5)]
    assert [answer.status_code for answer in made] == [201, 201, 429, 429, 429]
    assert added["rate_limit_exceeded_total", "/api/v1/clients/register"] == 3
    assert added["rate_limit_exceeded_total", ""] == 3


def test_LOG_01_labels_name_no_client_no_user_and_no_path_that_somebody_made_up(api: httpx.Client) -> None:
    tenant = register(api, admin=True)
    person = tenant.sign_up()
    person.call("GET", "/me")
    for made_up in ("/secret-one", "/api/v1/secret-two/me", f"{tenant.path}/secret-three"):
        api.request("PROPFIND", made_up)
        api.get(made_up)
    with settings.changed(metrics_token=TOKEN):
        written = api.get("/metrics", headers=bearer(TOKEN)).text
    assert tenant.admin is not None
    secrets = (tenant.access_key, person.access_token, person.refresh_token, TOKEN)
    names = (tenant.client_id, tenant.slug, tenant.name, person.user_id, person.email, tenant.admin["email"])
    for told in (*names, *secrets, "secret-", "PROPFIND", "@", "127.0.0.1"):
        assert told not in written, told
    assert 'route="unknown"' in written


def children(server: RunningServer) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]


def replace_worker(server: RunningServer) -> None:
    """Kill a worker that is idle and wait until another has taken its place."""
    before = children(server)
    os.kill(before[0], signal.SIGKILL)
    while before[0] in (now := children(server)) or len(now) < 2:
        time.sleep(0.05)


def test_the_totals_are_the_requests_sent_over_two_workers_and_their_deaths(
    app: Flask, environment: dict[str, str], redis_url: str, tmp_path: Path
) -> None:
    place, bind = tmp_path / "counted", f"127.0.0.1:{free_port()}"
    place.mkdir()
    (place / "counter_1.db").write_bytes(b"of an earlier server")
    own = {"PROMETHEUS_MULTIPROC_DIR": str(place), "METRICS_TOKEN": TOKEN, "METRICS_BIND": bind, "REDIS_URL": redis_url}
    # A connection of its own for each call, so that both workers take part.
    single = httpx.Limits(max_keepalive_connections=0)
    with (
        rowlock_server(environment | own, workers=2) as server,
        httpx.Client(base_url=server.base_url, limits=single) as api,
    ):
        tenant = register(api)
        email = tenant.sign_up().email
        for _ in range(3):
            assert {log_in(tenant, email) for _ in range(20)} == {200}
            assert {api.get(f"{tenant.path}/nowhere").status_code for _ in range(20)} == {404}
            assert log_in(tenant, fresh_email()) == 401
            replace_worker(server)
        found = figures(api.get("/metrics", headers=bearer(TOKEN)).text)
        told = httpx.get(f"http://{bind}/metrics")
        numbers = {int(path.stem.rpartition("_")[2]) for path in place.glob("*.db")}
        living = children(server)
    assert found["auth_login_attempts_total", ""] == 63
    assert (found["auth_login_success_total", ""], found["auth_login_failure_total", ""]) == (60, 3)
    assert found["http_request_duration_seconds_count", LOGIN] == 63
    assert found["http_request_duration_seconds_count", "unknown"] == 60
    assert found["api_key_validated_total", "valid"] == 64
    assert figures(told.text)["auth_login_attempts_total", ""] == 63
    assert told.headers["content-type"].startswith("text/plain; version=")
    # Those of the dead are folded into one.
    assert 0 in numbers
    assert numbers <= {0, *living}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")
def test_a_server_leaves_no_folder_of_its_own_behind(app: Flask, environment: dict[str, str]) -> None:
    with rowlock_server(environment) as server:
        killed = folder_of(server)
        assert killed.stat().st_mode & 0o777 == 0o700
        server.kill9()
        server.start_again()
        assert not killed.exists()
        current = folder_of(server)
        assert current.is_dir()
        server.stop()
        assert not current.exists()


def folder_of(server: RunningServer) -> Path:
    """Return where a server counts, by the file there that its master holds open."""
    held = (descriptor.readlink() for descriptor in Path(f"/proc/{server.pid}/fd").iterdir())
    return next(file.parent for file in held if file.name == "in-use")
