"""Accounts: one per mailbox, told apart by nothing but the right password, changed by nobody but their owner."""

from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import text

from app.core import settings
from tests import database
from tests.factories import PASSWORD, Tenant, fresh_email, register
from tests.flows.observing import masked, rows_of, watched

WRONG = "not the right password"
NOT_ACCEPTED = {
    "role": "admin", "status": "active", "email_verified": True, "user_id": "01890000-0000-7000-8000-000000000000",
    "tenant_id": "01890000-0000-7000-8000-000000000000", "client_id": "01890000-0000-7000-8000-000000000000",
    "password_hash": "$2b$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", "password_version": 7,
    "created_at": "2020-01-01T00:00:00Z", "last_login_at": None, "quota": 10**6, "scopes": ["admin"],
    "tier": "enterprise", "is_admin": True, "__proto__": {"role": "admin"}, "id": 1,
}  # fmt: skip


def sign_up(tenant: Tenant, email: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
    return tenant.call("POST", "/signup", json={"email": email, "password": password, **more})


def log_in(tenant: Tenant, email: str, password: str = WRONG) -> httpx.Response:
    return tenant.call("POST", "/login", json={"email": email, "password": password})


def change_row(url: str, tenant: Tenant, assignment: str) -> None:
    """Change all users of a client beside the service, as no call can yet."""
    engine = database.seeing_all(url)
    try:
        with engine.begin() as connection:
            connection.execute(text(f'UPDATE "{tenant.table}" SET {assignment}'))
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    ("email", "spelling"),
    [
        ("ada@example.com", "ADA@EXAMPLE.COM"), ("ada@example.com", " Ada@Example.com "),
        ("ada@example.com", "ａｄａ@example.com"), ("ada@example.com", "ada\uff20example.com"),
        ("ada@example.com", "ada@example。com"),
        ("ada@example.com", "\u3000ada@example.com"), ("kay@example.com", "\u212aay@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"), ("ada@bücher.example", "ada@BU\u0308CHER.example"),
    ],
)  # fmt: skip
def test_ACC_01_another_spelling_is_the_same_account_at_sign_up_and_login(
    tenant: Tenant, database_url: str, email: str, spelling: str
) -> None:
    made = sign_up(tenant, spelling)
    assert made.status_code == 201
    for variant in (email, spelling):
        again = sign_up(tenant, variant)
        assert (again.status_code, again.json()["code"]) == (409, "email_taken")
        assert log_in(tenant, variant, PASSWORD).json()["user_id"] == made.json()["user_id"]
    stored = database.rows(database_url, f'SELECT email FROM "{tenant.table}"')
    assert stored == [{"email": made.json()["user"]["email"]}]
    assert stored[0]["email"].isascii()
    assert log_in(tenant, email).status_code == 401
    assert database.count(database_url, "login_throttles", "client_id = :c", c=_id(database_url, tenant)) == 1


@pytest.mark.parametrize(
    "spelling",
    ["adı@example.com", "adİ@example.com", "café@example.com", "cafe\u0301@example.com", "ada@example.com.",
     "a\u200bda@example.com", "\u0430da@example.com", '"ada"@example.com', "ada@example.com,evil@example.com"],
)  # fmt: skip
def test_ACC_01_a_spelling_that_looks_like_another_is_refused_everywhere(
    tenant: Tenant, database_url: str, spelling: str
) -> None:
    for answer in (sign_up(tenant, spelling), log_in(tenant, spelling)):
        assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (
            422, "validation_failed", ["email"],
        )  # fmt: skip
    assert database.count(database_url, tenant.table) == 0
    registration = {"client_name": "Odd", "admin": {"email": spelling, "password": PASSWORD}}
    assert list(tenant.api.post("/api/v1/clients/register", json=registration).json()["errors"]) == ["admin.email"]


def test_ACC_03_a_failed_login_has_one_answer(api: httpx.Client, database_url: str) -> None:
    def failure(state: str | None, email: str = "same-length@example.com") -> tuple[int, str, list[tuple[str, str]]]:
        tenant = register(api)
        if state is not None:
            tenant.sign_up(email)
            change_row(database_url, tenant, state)
        return masked(log_in(tenant, email))

    unknown = failure(None)
    assert unknown[0] == 401
    assert '"code":"invalid_credentials"' in unknown[1].replace(": ", ":")
    assert not [value for name, value in unknown[2] if name == "set-cookie"]
    for state in ("status = 'active'", "status = 'disabled'", "email_verified = false", "password_hash = NULL"):
        assert failure(state) == unknown, state


def test_ACC_03_the_state_of_an_account_is_told_to_whoever_knows_its_password(
    tenant: Tenant, database_url: str
) -> None:
    person = tenant.sign_up()
    change_row(database_url, tenant, "status = 'disabled'")
    told = log_in(tenant, person.email, PASSWORD)
    assert (told.status_code, told.json()["code"]) == (403, "account_disabled")
    assert person.call("GET", "/me").json()["code"] == "token_revoked"
    refreshed = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
    assert (refreshed.status_code, refreshed.json()["code"]) == (403, "account_disabled")
    assert tenant.audit(action="login")[0]["detail"] == {"reason": "account_disabled"}


def test_ACC_03_a_disabled_user_with_the_right_password_neither_logs_in_nor_fails(
    tenant: Tenant, database_url: str
) -> None:
    person = tenant.sign_up()
    before = database.rows(database_url, f'SELECT last_login_at FROM "{tenant.table}"')
    change_row(database_url, tenant, "status = 'disabled'")
    assert [log_in(tenant, person.email, PASSWORD).status_code for _ in range(8)] == [403] * 8
    assert database.rows(database_url, f'SELECT last_login_at FROM "{tenant.table}"') == before


def test_ACC_03_a_locked_account_answers_as_an_unknown_one_does(tenant: Tenant) -> None:
    known, unknown = tenant.sign_up("known@example.com").email, "other@example.com"
    for email in (known, unknown):
        assert [log_in(tenant, email).status_code for _ in range(5)] == [401] * 5
    answers = [log_in(tenant, email) for email in (known, unknown)]
    assert [answer.status_code for answer in answers] == [423, 423]
    assert masked(answers[0]) == masked(answers[1])


@pytest.mark.parametrize("stranger", [False, True])
def test_ACC_05_signing_up_with_a_taken_address_changes_nothing_and_gives_no_token(
    tenant: Tenant, database_url: str, stranger: bool
) -> None:
    victim = tenant.sign_up(full_name="Victim", custom_fields={"plan": "gold"})
    before = rows_of(database_url, tenant, without=("audit_logs",))
    password = "an attackers choice" if stranger else PASSWORD
    answer = sign_up(tenant, victim.email.upper(), password, full_name="Attacker", username="attacker")
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert set(answer.json()) == {"type", "title", "status", "detail", "code", "request_id"}
    assert "rlk_" not in answer.text
    assert "set-cookie" not in answer.headers
    assert rows_of(database_url, tenant, without=("audit_logs",)) == before
    failed = tenant.audit(action="signup")[0]
    assert (failed["status"], failed["user_id"], failed["detail"]) == ("failed", None, {"reason": "email_taken"})
    assert log_in(tenant, victim.email, PASSWORD).status_code == 200
    assert victim.call("GET", "/me").json()["full_name"] == "Victim"
    if stranger:
        assert log_in(tenant, victim.email, password).status_code == 401


@pytest.mark.parametrize("name", NOT_ACCEPTED)
def test_ACC_09_a_field_that_a_caller_may_not_set_is_refused(tenant: Tenant, database_url: str, name: str) -> None:
    person = tenant.sign_up()
    field: dict[str, Any] = {name: NOT_ACCEPTED[name]}
    before = rows_of(database_url, tenant)
    for answer in (
        sign_up(tenant, fresh_email(), **field),
        person.call("PATCH", "/me", json={"full_name": "New", **field}),
        tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD, **field}),
        tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token, **field}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
        assert list(answer.json()["errors"]) == [name]
    assert rows_of(database_url, tenant) == before


def test_ACC_09_what_custom_fields_say_gives_no_right(tenant: Tenant) -> None:
    claims = {"role": "super_admin", "email_verified": True, "scopes": ["admin"], "client_id": tenant.client_id}
    person = tenant.sign_up(custom_fields=claims)
    me = person.call("GET", "/me").json()
    assert (me["role"], me["status"], me["email_verified"], me["custom_fields"]) == ("user", "active", False, claims)
    assert person.call("GET", "/audit-logs").json()["code"] == "insufficient_scope"


@pytest.mark.parametrize(
    "field", [{"client_id": "01890000-0000-7000-8000-000000000000"}, {"tier": "pro"}, {"status": "active"},
              {"access_key": "x"}, {"settings": {"password_min_length": 8}}, {"limits": {}}],
)  # fmt: skip
def test_ACC_09_registration_takes_its_own_fields_only(
    api: httpx.Client, database_url: str, field: dict[str, Any]
) -> None:
    before = database.users_tables(database_url)
    answer = api.post("/api/v1/clients/register", json={"client_name": "Greedy", **field})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, list(field))
    admin = {"email": fresh_email(), "password": PASSWORD, "role": "super_admin"}
    nested = api.post("/api/v1/clients/register", json={"client_name": "Greedy", "admin": admin})
    assert (nested.status_code, list(nested.json()["errors"])) == (422, ["admin.role"])
    assert database.users_tables(database_url) == before


def test_ACC_04_the_work_watched_here_is_the_work_that_is_done(app: Flask, tenant: Tenant) -> None:
    with watched(app) as work, settings.changed(bcrypt_rounds=5):
        tenant.sign_up()
    assert work.hashes == [5]
    assert [statement for statement in work.statements if tenant.table in statement]


def _id(url: str, tenant: Tenant) -> str:
    return database.uuid_text(url, tenant.client_id)
