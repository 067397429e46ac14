"""A client that is erased is gone, with everything of it; the platform keeps a receipt that anyone can check."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from flask import Flask

from app.audit import service as audit
from app.core import chores, db, isolation
from app.core.actors import Origin, SystemActor
from app.core.errors import Named
from app.core.isolation import Crossing
from app.erasure import carrying_out, files, service
from app.extensions import metadata
from app.limits import usage, windows
from app.onboarding import documents
from tests import servers
from tests.database import count, rows, uuid_text
from tests.erasure import traces
from tests.factories import PASSWORD, Operator, Person, Tenant, bearer, register

# Central tables that hold nothing of one client, or (idempotency_keys) name it in another way and go with it all the
# same. A new table is put here, or has a column client_id.
OF_NO_CLIENT = {
    "alembic_version", "chores", "erasures", "idempotency_keys", "installation", "installation_statistics", "tiers",
}  # fmt: skip


def erase(tenant: Tenant, **params: str) -> httpx.Response:
    path = f"/api/v1/clients/{tenant.client_id}"
    return tenant.api.delete(path, params=params or {"confirm": tenant.slug}, headers=bearer(tenant.access_key))


def begin(app: Flask, tenant: Tenant) -> None:
    """Do the first transaction and nothing more, as a process does that is killed behind it."""
    with app.app_context():
        service.begin(SystemActor(), uuid.UUID(tenant.client_id), confirm=tenant.slug)


def finish(app: Flask) -> None:
    with app.app_context():
        chores.run(carrying_out.CHORE)


def every_credential(tenant: Tenant, person: Person) -> list[httpx.Response]:
    """Try everything that a client and its user hold."""
    api, path = tenant.api, tenant.path
    return [
        tenant.call("GET", "/users"),
        tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD}),
        person.call("GET", "/me"),
        tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}),
        api.get(f"{path}/me", headers=bearer(person.access_token) | {"X-API-Key": tenant.access_key}),
        api.get(f"/api/v1/clients/{tenant.client_id}", headers=bearer(tenant.access_key)),
    ]


def receipt_says(app: Flask, receipt: str) -> dict[str, Any]:
    with app.app_context():
        return documents.verify(documents.ERASURE_RECEIPT, receipt)


def test_every_central_table_names_its_client_or_is_known_to_have_none() -> None:
    assert {name for name, table in metadata.tables.items() if "client_id" not in table.c} <= OF_NO_CLIENT


def test_TEN_04_everything_of_a_client_goes_and_the_receipt_says_how_much(
    app: Flask, tenant: Tenant, other: Tenant, database_url: str
) -> None:
    tenant.sign_up()
    for one in (tenant, other):
        traces.plant(database_url, one.client_id, times=2)
    before, spared = traces.left(database_url, tenant.client_id), traces.left(database_url, other.client_id)
    assert before.keys() >= {table.name for table in traces.OWNED}
    answer = erase(tenant)
    assert answer.status_code == 200, answer.text
    left, of_other = (traces.left(database_url, one.client_id) for one in (tenant, other))
    assert erase(other).status_code == 200
    assert (left, of_other) == ({}, spared)
    deleted = answer.json()["deleted"]
    assert deleted["users"] == 1
    assert {name: deleted[name] for name in before if name in deleted} == {
        name: number for name, number in before.items() if name in deleted
    }
    assert deleted.keys() == {table.name for table in traces.OWNED} - {"clients"} | {
        "users", "files", "idempotency_keys",
    }  # fmt: skip
    told = receipt_says(app, answer.json()["receipt"])
    assert (told["client_id"], told["slug"], told["deleted"]) == (tenant.client_id, tenant.slug, deleted)
    assert told["requested_by"]["kind"] == "access_key"


def test_the_receipt_stays_in_the_platforms_audit_log_and_an_operator_is_answered_it_again(
    tenant: Tenant, operator: Operator
) -> None:
    receipt = erase(tenant).json()["receipt"]
    log = operator.call("GET", "/audit-logs", params={"limit": "20"}).json()["items"]
    mine = [row for row in log if row["detail"].get("client_id") == tenant.client_id]
    assert [row["action"] for row in mine] == ["client.erased", "client.erase"]
    assert mine[0]["detail"]["receipt"] == receipt
    path = f"/clients/{tenant.client_id}"
    again = operator.platform_call("DELETE", path, params={"confirm": tenant.slug})
    assert (again.status_code, again.json()["receipt"]) == (200, receipt)
    assert operator.platform_call("DELETE", path, params={"confirm": "another"}).status_code == 422
    assert operator.platform_call("GET", path).json()["code"] == "client_not_found"


def test_TEN_04_who_registers_again_under_the_same_name_finds_nobody_and_no_old_credential_works(
    api: httpx.Client, tenant: Tenant, operator: Operator
) -> None:
    person = tenant.sign_up()
    assert [answer.status_code for answer in every_credential(tenant, person)] == [200] * 6
    assert erase(tenant).status_code == 200
    again = register(api, client_name=tenant.name, slug=tenant.slug)
    assert again.client_id != tenant.client_id
    assert again.call("GET", "/users").json()["items"] == []
    for answer in every_credential(tenant, person):
        assert answer.status_code == 401, answer.text
    for credential in (tenant.access_key, person.access_token):
        assert api.get(f"{again.path}/users", headers=bearer(credential)).status_code == 401
    refreshed = again.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
    assert refreshed.status_code == 401
    assert again.call("POST", "/login", json={"email": person.email, "password": PASSWORD}).status_code == 401


def test_TEN_02_a_client_that_is_being_erased_is_gone_for_all_but_the_operators_list(
    app: Flask, tenant: Tenant, operator: Operator
) -> None:
    person = tenant.sign_up()
    assert person.call("GET", "/me").status_code == 200
    begin(app, tenant)
    try:
        for answer in every_credential(tenant, person):
            assert answer.status_code == 401, answer.text
            assert answer.json()["code"] == "authentication_required"
        for public in (f"{tenant.path}/.well-known/jwks.json", f"/docs/{tenant.client_id}"):
            assert tenant.api.get(public).status_code == 404
        path = f"/clients/{tenant.client_id}"
        for method, below, body in (
            ("GET", "", None),
            ("PATCH", "", {"status": "active"}),
            ("PATCH", "", {"client_name": "Back again"}),
            ("POST", "/access-key/rotate", None),
            ("POST", "/sessions/revoke-all", None),
        ):
            answer = operator.platform_call(method, path + below, json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, "client_not_found")
        listed = operator.platform_call("GET", "/clients", params={"status": "erasing", "q": tenant.slug}).json()
        assert [(row["client_id"], row["status"]) for row in listed["items"]] == [(tenant.client_id, "erasing")]
        taken = tenant.api.post("/api/v1/clients/register", json={"client_name": "New", "slug": tenant.slug})
        assert taken.json()["code"] == "slug_taken"
    finally:
        finish(app)


def test_who_may_erase_a_client_and_how_it_is_confirmed(
    tenant: Tenant, other: Tenant, operator: Operator, database_url: str
) -> None:
    admin, path = tenant.make_admin(), f"/clients/{tenant.client_id}"
    for wrong in (other.slug, tenant.slug.upper(), ""):
        refused = erase(tenant, confirm=wrong)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["confirm"])
    unconfirmed = tenant.api.delete(f"/api/v1{path}", headers=bearer(tenant.access_key))
    assert unconfirmed.status_code == 422
    assert "slug" in unconfirmed.json()["errors"]["confirm"][0]
    params = {"confirm": tenant.slug}
    for credential, status in ((other.access_key, 404), (admin.access_token, 403)):
        answer = tenant.api.delete(f"/api/v1{path}", params=params, headers=bearer(credential))
        assert answer.status_code == status, answer.text
    unknown = operator.platform_call("DELETE", f"/clients/{uuid.uuid4()}", params=params)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "client_not_found")
    platform = operator.platform_call("DELETE", f"/clients/{operator.client_id}", params={"confirm": "platform"})
    assert (platform.status_code, platform.json()["code"]) == (409, "conflict")
    assert tenant.call("GET", "/users").status_code == 200
    assert count(database_url, "erasures", "slug IN (:one, 'platform')", one=tenant.slug) == 0
    assert operator.platform_call("DELETE", path, params=params).status_code == 200


def test_what_takes_too_long_is_told_as_a_job_and_done_by_the_chore(
    app: Flask, tenant: Tenant, operator: Operator, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    traces.plant(database_url, tenant.client_id, times=3, only="user_imports")
    monkeypatch.setattr(service, "AT_ONCE_SECONDS", 0.0)
    answer = erase(tenant)
    assert answer.status_code == 202, answer.text
    job = answer.json()["job"]
    assert (job["client_id"], job["status"]) == (tenant.client_id, "erasing")
    path, params = f"/clients/{tenant.client_id}", {"confirm": tenant.slug}
    assert operator.platform_call("DELETE", path, params=params).status_code == 202
    with app.app_context():
        chores.run_due(app)
    done = operator.platform_call("DELETE", path, params=params)
    assert done.status_code == 200, done.text
    assert done.json()["deleted"]["user_imports"] == 3
    assert traces.left(database_url, tenant.client_id) == {}


def test_files_of_a_client_go_and_are_counted_once(app: Flask, tenant: Tenant, tmp_path: Path) -> None:
    def finder(client_id: uuid.UUID) -> Iterator[Path]:
        return tmp_path.glob(f"{client_id}.*")

    for name in (f"{tenant.client_id}.1", f"{tenant.client_id}.2", "another"):
        (tmp_path / name).touch()
    files.on_erase(finder)
    try:
        begin(app, tenant)
        with app.app_context():
            next(carrying_out.carry_on(uuid.UUID(tenant.client_id)))
        (tmp_path / f"{tenant.client_id}.1").touch()  # as if the process had been killed before it was deleted
        finish(app)
        with app.app_context():
            assert service.require(uuid.UUID(tenant.client_id)).counts["files"] == 2
    finally:
        files._finders.remove(finder)
    assert [path.name for path in tmp_path.iterdir()] == ["another"]


def test_no_window_names_the_client_any_more(tenant: Tenant, other: Tenant, environment: dict[str, str]) -> None:
    for one in (tenant, other):
        one.sign_up()
    assert (erase(tenant).status_code, other.call("GET", "/users").status_code) == (200, 200)
    if environment["REDIS_URL"]:
        with contextlib.closing(redis.Redis.from_url(environment["REDIS_URL"])) as kept:
            assert kept.keys(f"*{tenant.client_id}*") == []
            assert kept.keys(f"*{other.client_id}*") != []
    assert [subject for subject, _ in windows._memory._logs if subject.startswith(tenant.client_id)] == []


def test_what_is_noted_of_a_client_after_it_went_is_not_written(app: Flask, tenant: Tenant, database_url: str) -> None:
    person, client_id = tenant.sign_up(), uuid.UUID(tenant.client_id)
    assert erase(tenant).status_code == 200
    with app.app_context():
        usage.note(client_id, None, requests=1)
        usage.flush()
        audit.record_refusal(Named(client_id, user_id=uuid.UUID(person.user_id)), Origin(), code="token_expired")
    assert person.call("GET", "/me").status_code == 401
    assert traces.left(database_url, tenant.client_id) == {}


def test_stragglers_are_looked_for_later_but_not_those_of_a_client_that_came_back(
    app: Flask, tenant: Tenant, other: Tenant, database_url: str
) -> None:
    for one in (tenant, other):
        assert erase(one).status_code == 200
        traces.plant(database_url, one.client_id, only="login_throttles")
    with app.app_context():
        with isolation.across(Crossing.ERASURE):
            assert service.erased(uuid.UUID(other.client_id)) is not None
            with db.unit_of_work():
                service.revive(uuid.UUID(other.client_id))
        assert traces.left(database_url, other.client_id) == {}
        traces.plant(database_url, other.client_id, only="login_throttles")
        list(carrying_out.sweep(after=timedelta(0)))
    left = [traces.left(database_url, one.client_id) for one in (tenant, other)]
    traces.remove(database_url, other.client_id)
    assert left == [{}, {"login_throttles": 1}]
    traces_id = uuid_text(database_url, other.client_id)
    assert rows(database_url, "SELECT swept_at FROM erasures WHERE erased_client_id = :id", id=traces_id)


def test_the_shell_erases_and_verifies_and_says_where_something_is_left(
    environment: dict[str, str], tenant: Tenant, database_url: str, tmp_path: Path
) -> None:
    refused = servers.flask("clients", "erase", tenant.slug, "--confirm", "other", environment=environment)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1), refused.stderr
    pending = servers.flask("clients", "verify-erasure", tenant.client_id, environment=environment)
    assert pending.returncode == 1
    done = servers.flask("clients", "erase", tenant.slug, "--confirm", tenant.slug, "--json", environment=environment)
    assert done.returncode == 0, done.stderr
    (tmp_path / "receipt").write_text(json.loads(done.stdout)["receipt"])
    for named in (tenant.client_id, str(tmp_path / "receipt")):
        checked = servers.flask("clients", "verify-erasure", named, "--json", environment=environment)
        assert (checked.returncode, json.loads(checked.stdout)["left"]) == (0, []), checked.stderr
    traces.plant(database_url, tenant.client_id, only="passkeys")
    checked = servers.flask("clients", "verify-erasure", tenant.client_id, environment=environment)
    traces.remove(database_url, tenant.client_id)
    assert checked.returncode == 1
    assert "passkeys: 1 row" in checked.stdout
