"""Proving an address: at sign-up, again, and before the first login where the client asks for it."""

from typing import Any

import httpx
import pytest
from flask import Flask

from tests import database
from tests.factories import PASSWORD, Tenant, bearer, fresh_email
from tests.mails import mails_to
from tests.recovery.asking import (
    NEW,
    OTHER,
    code_of,
    codes,
    forget,
    log_in,
    newest,
    redeem,
    resend,
    reset,
    set_up,
    sign_up,
)

SENT = {"email_verification": "sent"}
INVALID = (400, "invalid_code")


def test_a_sign_up_is_mailed_a_link_where_verification_is_optional(app: Flask, tenant: Tenant) -> None:
    set_up(tenant, email_verification="optional")
    person = tenant.sign_up()
    assert person.call("GET", "/me").json()["email_verified"] is False
    code = newest(app, person.email, "verify-email")
    assert redeem(tenant, "verify-email", code).status_code == 204
    assert person.call("GET", "/me").json()["email_verified"] is True
    assert code_of(redeem(tenant, "verify-email", code)) == INVALID
    rows = [(row["status"], row["user_id"]) for row in tenant.audit(action="email.verify")]
    assert rows == [("failed", None), ("success", person.user_id)]


def test_nothing_is_mailed_where_verification_is_off(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    assert mails_to(app, person.email) == []


def test_ACC_03_an_unproved_user_logs_in_nowhere_and_is_told_so_after_the_right_password_only(
    app: Flask, tenant: Tenant
) -> None:
    set_up(tenant, email_verification="required")
    email = fresh_email()
    answer = sign_up(tenant, email, full_name="Ada", username="ada")
    assert (answer.status_code, answer.json()) == (202, SENT)
    assert code_of(log_in(tenant, email, NEW)) == (401, "invalid_credentials")
    assert code_of(log_in(tenant, email)) == (403, "email_not_verified")
    assert redeem(tenant, "verify-email", newest(app, email, "verify-email")).status_code == 204
    user = log_in(tenant, email).json()["user"]
    assert (user["email_verified"], user["full_name"], user["username"]) == (True, "Ada", "ada")


def test_ACC_05_a_sign_up_with_a_taken_address_answers_as_with_a_new_one_and_changes_nothing(
    app: Flask, tenant: Tenant
) -> None:
    person = tenant.sign_up(full_name="Ada")
    resend(tenant, person.email)
    redeem(tenant, "verify-email", newest(app, person.email, "verify-email"))
    set_up(tenant, email_verification="required")
    taken = sign_up(tenant, person.email, OTHER, full_name="Eve", username="ada")
    new = sign_up(tenant, fresh_email(), OTHER, full_name="Eve", username="ada")
    assert (taken.status_code, taken.json()) == (new.status_code, new.json()) == (202, SENT)
    assert taken.headers.keys() == new.headers.keys()
    assert code_of(log_in(tenant, person.email, OTHER)) == (401, "invalid_credentials")
    assert log_in(tenant, person.email).json()["user"]["full_name"] == "Ada"
    (notice,) = [mail for mail in mails_to(app, person.email) if "already" in mail.subject]
    assert notice.link == ""
    assert OTHER not in notice.text


@pytest.mark.parametrize("owner_first", [True, False])
def test_ACC_07_where_two_sign_up_with_one_address_the_mailbox_decides_and_neither_password_is_confirmed(
    app: Flask, tenant: Tenant, owner_first: bool
) -> None:
    set_up(tenant, email_verification="required")
    email = fresh_email()
    first, second = (PASSWORD, OTHER) if owner_first else (OTHER, PASSWORD)
    assert sign_up(tenant, email, first).status_code == 202
    assert sign_up(tenant, email, second).status_code == 202
    assert [mail.page for mail in mails_to(app, email)] == ["verify-email", "reset-password"]
    assert code_of(redeem(tenant, "verify-email", newest(app, email, "verify-email"))) == INVALID
    chosen = newest(app, email, "reset-password")
    resend(tenant, email)
    assert [mail.page for mail in mails_to(app, email)] == ["verify-email", "reset-password", "reset-password"]
    assert code_of(reset(tenant, chosen)) == INVALID
    assert reset(tenant, newest(app, email, "reset-password")).status_code == 204
    assert [log_in(tenant, email, password).status_code for password in (PASSWORD, OTHER, NEW)] == [401, 401, 200]


def test_ACC_07_a_reset_of_an_unproved_account_leaves_a_stranger_nothing(app: Flask, tenant: Tenant) -> None:
    stranger = tenant.sign_up(password=OTHER)
    key = stranger.call("POST", "/keys", json={"name": "mine", "scopes": ["read"]}).json()["api_key"]
    forget(tenant, stranger.email)
    assert reset(tenant, newest(app, stranger.email, "reset-password")).status_code == 204
    token = {"refresh_token": stranger.refresh_token}
    refused = (
        stranger.call("GET", "/me"),
        tenant.call("POST", "/refresh", json=token),
        tenant.api.get("/api/v1/tiers", headers=bearer(key)),
        log_in(tenant, stranger.email, OTHER),
    )
    assert [answer.status_code for answer in refused] == [401] * 4
    assert log_in(tenant, stranger.email, NEW).json()["user"]["email_verified"] is True


def test_a_code_sent_again_ends_the_one_before(app: Flask, tenant: Tenant) -> None:
    set_up(tenant, email_verification="required")
    email = fresh_email()
    sign_up(tenant, email, PASSWORD)
    resend(tenant, email)
    earlier, last = codes(app, email, "verify-email")
    assert code_of(redeem(tenant, "verify-email", earlier)) == INVALID
    assert redeem(tenant, "verify-email", last).status_code == 204
    assert log_in(tenant, email).status_code == 200


def test_a_username_tells_nothing_of_addresses_and_is_left_out_if_taken_by_the_time_of_the_proof(
    app: Flask, tenant: Tenant
) -> None:
    set_up(tenant, email_verification="required")
    first, second = fresh_email(), fresh_email()
    for email in (first, second):
        assert sign_up(tenant, email, username="grace").status_code == 202
    for email in (second, first):
        assert redeem(tenant, "verify-email", newest(app, email, "verify-email")).status_code == 204
    names = [log_in(tenant, email).json()["user"]["username"] for email in (second, first)]
    assert names == ["grace", None]


def test_R_20_a_repeated_sign_up_that_waits_for_its_proof_answers_the_same_and_mails_once(
    app: Flask, tenant: Tenant
) -> None:
    set_up(tenant, email_verification="required")
    email = fresh_email()
    body, key = {"email": email, "password": PASSWORD}, {"Idempotency-Key": f"key of {email}"}
    answers = [tenant.call("POST", "/signup", json=body, headers=key) for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(202, SENT)] * 2
    assert len(mails_to(app, email)) == 1
    other = tenant.call("POST", "/signup", json=body | {"full_name": "Eve"}, headers=key)
    assert code_of(other) == (422, "idempotency_mismatch")


@pytest.mark.parametrize("credential", ["access key", "publishable key"])
def test_a_client_that_invites_refuses_every_sign_up(tenant: Tenant, database_url: str, credential: str) -> None:
    set_up(tenant, signup="invitation")
    publishable = tenant.call("POST", "/keys", json={"name": "page", "kind": "publishable"}).json()["api_key"]
    headers = bearer(publishable) if credential == "publishable key" else {}
    body: dict[str, Any] = {"email": fresh_email(), "password": PASSWORD}
    answer = tenant.call("POST", "/signup", json=body, headers=headers)
    assert code_of(answer) == (403, "insufficient_scope")
    assert "invitation" in answer.json()["detail"]
    assert database.count(database_url, tenant.table) == 0
    assert [row["detail"]["reason"] for row in tenant.audit(action="signup")] == ["invitation_only"]


@pytest.mark.parametrize("path", ["/signup", "/password/forgot", "/email/resend", "/me/email"])
def test_ACC_02_an_address_is_one_text_and_nobody_else_is_mailed(app: Flask, tenant: Tenant, path: str) -> None:
    person, evil = tenant.sign_up(), fresh_email()
    password = {"password": PASSWORD} if path == "/signup" else {}

    def ask(**options: Any) -> httpx.Response:
        return (person if path == "/me/email" else tenant).call("POST", path, **options)

    for email in ([person.email, evil], {"0": person.email, "1": evil}, [evil], f"{person.email},{evil}", None):
        assert code_of(ask(json={"email": email, **password})) == (422, "validation_failed")
    doubled = f'{{"email": "{person.email}", "email": "{evil}", "password": "{PASSWORD}"}}'
    json_type = {"Content-Type": "application/json"}
    assert code_of(ask(content=doubled, headers=json_type)) == (400, "invalid_request")
    assert code_of(ask(data={"email": evil, **password})) == (415, "unsupported_media_type")
    assert mails_to(app, evil) == mails_to(app, person.email) == []
