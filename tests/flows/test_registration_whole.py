"""Registration is all or nothing: a client comes to be whole, with all that belongs to it, or leaves no trace."""

import hashlib
import re
import secrets
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.keys import service as keys
from app.onboarding import registration
from app.users.store import SCHEMA_VERSION
from tests import database
from tests.concurrency import at_once
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email
from tests.flows.counting import code_of, grown, own_row, totals

REGISTER = "/api/v1/clients/register"
ONE_CLIENT = {"clients": 1, "keys": 1, "signing_keys": 1, "audit_logs": 1, "users tables": 1}
COLUMNS = [
    ("user_id", False), ("email", False), ("email_verified", False), ("full_name", True), ("username", True),
    ("avatar_url", True), ("role", False), ("status", False), ("custom_fields", False), ("password_hash", True),
    ("password_version", False), ("created_at", False), ("updated_at", False), ("last_login_at", True),
]  # fmt: skip
CATALOGUE = {
    "sqlite": (
        'SELECT name, "notnull" = 0 AS empty FROM pragma_table_info(:t) ORDER BY cid',
        "SELECT sql AS made FROM sqlite_master WHERE type = 'index' AND tbl_name = :t AND sql IS NOT NULL",
    ),
    "postgresql": (
        "SELECT column_name AS name, is_nullable = 'YES' AS empty FROM information_schema.columns"
        " WHERE table_name = :t ORDER BY ordinal_position",
        "SELECT indexdef AS made FROM pg_indexes WHERE tablename = :t",
    ),
}


@pytest.fixture
def word() -> str:
    """A word that no other client is called by."""
    return f"w{secrets.token_hex(5)}"


def test_one_registration_makes_table_client_signing_key_access_key_and_audit_row(
    api: httpx.Client, database_url: str
) -> None:
    before = totals(database_url)
    answer = api.post(REGISTER, json={"client_name": "Whole"})
    made, client_id = answer.json(), answer.json()["client_id"]
    assert grown(before, totals(database_url)) == ONE_CLIENT

    client = own_row(database_url, "clients", client_id)
    assert {name: client[name] for name in ("client_name", "slug", "status", "tier", "users_schema_version")} == {
        "client_name": "Whole", "slug": made["slug"], "status": "active", "tier": "free",
        "users_schema_version": SCHEMA_VERSION,
    }  # fmt: skip
    key = own_row(database_url, "keys", client_id)
    assert bytes(key["digest"]) == hashlib.sha256(made["access_key"].encode()).digest()
    assert (key["kind"], key["prefix"], key["last4"], key["user_id"], key["expires_at"], key["revoked_at"]) == (
        "access", made["access_key"][:12], made["access_key"][-4:], None, None, None,
    )  # fmt: skip
    signing = own_row(database_url, "signing_keys", client_id)
    assert (signing["algorithm"], signing["retired_at"]) == ("ES256", None)
    assert b"PRIVATE KEY" not in bytes(signing["private_key"])
    (public,) = api.get(f"/api/v1/{client_id}/.well-known/jwks.json").json()["keys"]
    assert public["kid"].replace("-", "") == str(signing["kid"]).replace("-", "")


def test_the_users_table_has_its_columns_two_unique_indexes_and_one_of_its_order(
    tenant: Tenant, database_url: str
) -> None:
    columns, indexes = CATALOGUE[database_url.split(":")[0].split("+")[0]]
    found = database.rows(database_url, columns, t=tenant.table)
    assert [(column["name"], bool(column["empty"])) for column in found] == COLUMNS
    made = [row["made"].replace('"', "") for row in database.rows(database_url, indexes, t=tenant.table)]
    shapes = {re.sub(r"\(\((\w+)\)::text\)", r"(\1)", one).split("INDEX ")[1].split(" ")[0]: one for one in made}
    order = shapes.pop(f"{tenant.table}_created_at")
    assert re.search(r"CREATE INDEX .*\(created_at, user_id\)\Z", order)
    assert all(one.startswith("CREATE UNIQUE INDEX") for one in shapes.values())
    assert {name for name in shapes if not name.endswith("_pkey")} == {
        f"{tenant.table}_email", f"{tenant.table}_username",
    }  # fmt: skip
    assert re.search(r"\(email\)\Z", shapes[f"{tenant.table}_email"])
    assert re.search(r"lower\(+username\b", shapes[f"{tenant.table}_username"])
    assert database.count(database_url, tenant.table) == 0


def test_a_slug_that_is_taken_or_reserved_is_refused_and_nothing_is_made(
    api: httpx.Client, tenant: Tenant, database_url: str
) -> None:
    before = totals(database_url)
    for slug in (tenant.slug, "platform", "admin", "register"):
        answer = api.post(REGISTER, json={"client_name": "Late", "slug": slug})
        assert code_of(answer) == (409, "slug_taken")
        body = answer.json()
        assert body.pop("request_id") == answer.headers["x-request-id"]
        assert body == {
            "type": "/docs/errors#slug_taken", "title": "This slug is taken.", "status": 409,
            "detail": "This slug is taken.", "code": "slug_taken",
        }  # fmt: skip
    assert totals(database_url) == before


def test_of_fifty_registrations_of_one_slug_at_once_one_is_made_and_the_others_leave_nothing(
    live: httpx.Client, word: str, database_url: str
) -> None:
    before = totals(database_url)
    answers = at_once(50, lambda number: live.post(REGISTER, json={"client_name": f"No. {number}", "slug": word}))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
    assert {code_of(answer) for answer in answers if answer.status_code == 409} == {(409, "slug_taken")}
    assert grown(before, totals(database_url)) == ONE_CLIENT
    (made,) = [answer.json() for answer in answers if answer.status_code == 201]
    assert live.get(f"/api/v1/clients/{made['client_id']}", headers=bearer(made["access_key"])).json()["slug"] == word


@pytest.mark.parametrize(
    ("admin", "field"),
    [
        ({"email": "ada@example.com", "password": "iloveyou"}, "admin.password"),
        ({"email": "ada@example.com", "password": "seven77"}, "admin.password"),
        ({"email": "ada@", "password": PASSWORD}, "admin.email"),
        ({"email": "ada@example.com"}, "admin.password"),
        ({"email": "ada@example.com", "password": PASSWORD, "role": "super_admin"}, "admin.role"),
    ],
)
def test_a_registration_whose_admin_cannot_be_made_leaves_nothing(
    api: httpx.Client, database_url: str, admin: dict[str, str], field: str
) -> None:
    before, key = totals(database_url), {"Idempotency-Key": secrets.token_hex(16)}
    answer = api.post(REGISTER, json={"client_name": "Half", "admin": admin}, headers=key)
    assert (code_of(answer), list(answer.json()["errors"])) == ((422, "validation_failed"), [field])
    assert admin.get("password", PASSWORD) not in answer.text
    assert totals(database_url) == before


@pytest.mark.parametrize(
    "step", ["users.create_table", "users.add", "signing.add", "keys.issue", "audit.record", "idempotency.finish"]
)
def test_R_01_a_registration_that_breaks_at_any_step_leaves_nothing(
    api: httpx.Client, database_url: str, monkeypatch: pytest.MonkeyPatch, word: str, step: str
) -> None:
    module, name = step.split(".")

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a canary that stays inside")

    before, key = totals(database_url), {"Idempotency-Key": secrets.token_hex(16)}
    body = {"client_name": word, "slug": word, "admin": {"email": fresh_email(), "password": PASSWORD}}
    with monkeypatch.context() as patched:
        patched.setattr(getattr(registration, module), name, broken)
        answer = api.post(REGISTER, json=body, headers=key)
    assert code_of(answer) == (500, "internal_error")
    assert "canary" not in answer.text
    assert totals(database_url) == before
    assert api.post(REGISTER, json=body, headers=key).status_code == 201


def test_R_20_a_repeat_names_the_client_and_the_key_to_rotate(
    api: httpx.Client, operator: Operator, database_url: str
) -> None:
    key = {"Idempotency-Key": secrets.token_hex(16)}
    body = {"client_name": "Lost", "admin": {"email": fresh_email(), "password": PASSWORD}}
    made, before = api.post(REGISTER, json=body, headers=key).json(), totals(database_url)
    again = api.post(REGISTER, json=body, headers=key)
    assert code_of(again) == (409, "already_created")
    known = own_row(database_url, "keys", made["client_id"])["key_id"]
    ids = {name: again.json()[name].replace("-", "") for name in ("client_id", "access_key_id")}
    assert ids == {"client_id": made["client_id"].replace("-", ""), "access_key_id": str(known).replace("-", "")}
    other = body | {"admin": {"email": fresh_email(), "password": PASSWORD}}
    assert code_of(api.post(REGISTER, json=other, headers=key)) == (422, "idempotency_mismatch")
    assert totals(database_url) == before
    proof = operator.call("POST", "/me/reauth", json={"password": operator.password})
    assert proof.status_code == 204
    rotated = operator.platform_call("POST", f"/clients/{made['client_id']}/access-key/rotate", json={})
    assert rotated.status_code == 201


def test_R_20_while_a_registration_is_under_way_its_twin_makes_nothing(
    api: httpx.Client, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, issue = threading.Event(), threading.Event(), keys.issue

    def slow(*arguments: Any, **options: Any) -> Any:
        begun.set()
        may_end.wait(timeout=10)
        return issue(*arguments, **options)

    before, key = totals(database_url), {"Idempotency-Key": secrets.token_hex(16)}

    def attempt() -> httpx.Response:
        return api.post(REGISTER, json={"client_name": "Twin"}, headers=key)

    monkeypatch.setattr(keys, "issue", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(attempt)
        assert begun.wait(timeout=10)
        twin = pool.submit(attempt)
        # On SQLite writers stand in line, so the twin waits until there is something to tell.
        threading.Timer(0.5, may_end.set).start()
        answer = twin.result()
        assert first.result().status_code == 201
    if database_url.startswith("sqlite"):
        assert code_of(answer) == (409, "already_created")
    else:
        assert (*code_of(answer), answer.headers["retry-after"]) == (409, "in_progress", "1")
    assert code_of(attempt()) == (409, "already_created")
    assert grown(before, totals(database_url)) == ONE_CLIENT | {"idempotency_keys": 1}
