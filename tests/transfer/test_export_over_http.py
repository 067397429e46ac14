"""A client asks for all it has over HTTP, and a chore writes it."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import time_machine
from flask import Flask

from app.core import chores, isolation
from app.core.isolation import Crossing
from app.transfer import bundles, jobs
from tests.database import dump, rows, uuid_text
from tests.factories import Tenant, bearer
from tests.transfer.moving import Full, done, full

PASSPHRASE = "eight oars and one small cox"


def write(app: Flask) -> None:
    """Write what is asked for."""
    with app.app_context():
        chores.run(jobs.CHORE)


def files(environment: dict[str, str], tenant: Tenant) -> list[Path]:
    """Return the files of a client's bundles."""
    return list((Path(environment["INSTANCE_PATH"]) / "exports").glob(f"*{UUID(tenant.client_id).hex}*"))


def asked(tenant: Tenant, **body: Any) -> str:
    """Ask for a bundle; return the path of its job."""
    answer = tenant.call("POST", "/export", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "pending"
    return f"/export/{answer.json()['job_id']}"


def test_a_bundle_is_asked_for_written_and_fetched(
    app: Flask, api: httpx.Client, environment: dict[str, str], database_url: str
) -> None:
    before: Full = full(api)
    tenant = before.tenant
    path = asked(tenant, passphrase=PASSPHRASE)
    waiting = tenant.call("GET", path)
    assert (waiting.status_code, waiting.json()["status"], waiting.headers["Retry-After"]) == (200, "pending", "2")
    assert tenant.call("GET", path, params={"download": "true"}).json()["code"] == "in_progress"
    again = tenant.call("POST", "/export", json={})
    assert (again.status_code, again.json()["job_id"]) == (409, path.rpartition("/")[2])
    assert PASSPHRASE not in dump(database_url)
    write(app)
    written = tenant.call("GET", path)
    assert (written.json()["status"], written.json()["encrypted"], "Retry-After" in written.headers) == (
        "done",
        True,
        False,
    )
    fetched = before.admin.call("GET", path, params={"download": "true"})
    assert (fetched.headers["Content-Type"], fetched.headers["Cache-Control"]) == (
        "application/octet-stream",
        "no-store",
    )
    assert hashlib.sha256(fetched.content).hexdigest() == written.json()["sha256"]
    assert int(fetched.headers["Content-Length"]) == len(fetched.content) == written.json()["size"]
    with app.app_context(), bundles.open_bundle(io.BytesIO(fetched.content), passphrase=PASSPHRASE) as bundle:
        assert bundle.summary.counts["users"] == 3
    (file,) = files(environment, tenant)
    assert file.stat().st_mode & 0o777 == 0o600
    (kept,) = rows(database_url, "SELECT lock FROM exports WHERE client_id = :id", id=_id(database_url, tenant))
    assert kept["lock"] is None
    assert [row["status"] for row in tenant.audit(action="client.export")] == ["success"]
    (told,) = tenant.audit(action="client.export_download")
    assert (told["user_id"], told["detail"]["sha256"]) == (before.admin.user_id, written.json()["sha256"])


def test_only_the_access_key_and_a_fresh_admin_export_and_only_their_own_client(
    app: Flask, tenant: Tenant, other: Tenant
) -> None:
    key = tenant.call("POST", "/keys", json={"name": "All", "scopes": ["users:read", "audit:read"]}).json()["api_key"]
    user, admin = tenant.sign_up(), tenant.make_admin()
    path = asked(tenant)
    for method, place in (("POST", "/export"), ("GET", path)):
        refused = tenant.api.request(method, tenant.path + place, headers=bearer(key))
        assert refused.json()["code"] == "insufficient_scope"
        assert user.call(method, place).json()["code"] == "insufficient_scope"
        crossing = other.api.request(method, tenant.path + place, headers=bearer(other.access_key))
        assert crossing.json()["code"] == "client_not_found"
        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
            assert admin.call(method, place).json()["code"] == "reauth_required"
    assert other.call("GET", path).json()["code"] == "not_found"
    write(app)


def test_a_job_whose_runner_was_killed_is_taken_up_again_and_gives_up_after_three(
    app: Flask, tenant: Tenant, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = asked(tenant)
    with app.app_context(), isolation.across(Crossing.WORKER):
        steps = jobs.carry_out()
        next(steps), next(steps)
        del steps  # as far as the table tells, it was killed
    assert tenant.call("GET", path).json()["status"] == "running"
    write(app)
    assert tenant.call("GET", path).json()["status"] == "done"
    first = files(environment, tenant)
    second = asked(tenant)
    write(app)
    assert (len(files(environment, tenant)), files(environment, tenant) != first) == (1, True)
    assert tenant.call("GET", path, params={"download": "true"}).status_code == 404
    assert tenant.call("GET", second, params={"download": "true"}).status_code == 200
    third = asked(tenant)
    monkeypatch.setattr(jobs, "_MOST_ATTEMPTS", 0)
    write(app)
    assert (tenant.call("GET", third).json()["status"], tenant.call("GET", third).json()["error"]) == (
        "failed",
        "It was cut off several times.",
    )


def test_a_bundle_goes_after_a_day_and_with_its_client_and_there_are_ten_a_day(
    app: Flask, tenant: Tenant, other: Tenant, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, theirs = asked(tenant), asked(other)
    write(app)
    assert (len(files(environment, tenant)), len(files(environment, other))) == (1, 1)
    done(app, "erase", other.slug, "--confirm", other.slug)
    assert files(environment, other) == []
    assert other.call("GET", theirs).status_code == 401
    monkeypatch.setattr(jobs, "MOST_A_DAY", 1)
    limited = tenant.call("POST", "/export", json={})
    assert (limited.status_code, 86_000 < int(limited.headers["Retry-After"]) <= 86_400) == (429, True)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        write(app)
        assert tenant.call("GET", path).status_code == 404
    assert files(environment, tenant) == []


def _id(url: str, tenant: Tenant) -> str:
    return uuid_text(url, tenant.client_id)
