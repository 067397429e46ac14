"""A forgotten password: what the code of the mail does, and what it never does."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
import time_machine
from flask import Flask

from app.core import clock, settings
from tests.factories import PASSWORD, Tenant, bearer, fresh_email
from tests.mails import mails_to
from tests.mfa.ceremonies import enrol as enrol_passkey
from tests.mfa.ceremonies import second_step as passkey_step
from tests.mfa.enrolling import challenge, enrol, second_step
from tests.recovery.asking import (
    NEW,
    OTHER,
    anonymously,
    ask_for_email,
    code_of,
    codes,
    forget,
    log_in,
    newest,
    redeem,
    resend,
    reset,
    set_up,
)

INVALID = (400, "invalid_code")


def proved(app: Flask, tenant: Tenant, email: str) -> None:
    """Prove an address."""
    resend(tenant, email)
    assert redeem(tenant, "verify-email", newest(app, email, "verify-email")).status_code == 204


def test_a_reset_ends_every_session_clears_the_throttle_and_logs_nobody_in(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    proved(app, tenant, person.email)
    elsewhere = tenant.log_in(person.email)
    key = person.call("POST", "/keys", json={"name": "mine", "scopes": ["read"]}).json()["api_key"]
    for _ in range(6):
        locked = log_in(tenant, person.email, OTHER)
    assert locked.status_code == 423
    forget(tenant, person.email)
    answer = reset(tenant, newest(app, person.email, "reset-password"))
    assert (answer.status_code, answer.content) == (204, b"")
    assert "set-cookie" not in answer.headers
    for ended in (person, elsewhere):
        assert ended.call("GET", "/me").status_code == 401
        assert tenant.call("POST", "/refresh", json={"refresh_token": ended.refresh_token}).status_code == 401
    assert tenant.api.get("/api/v1/tiers", headers=bearer(key)).status_code == 401
    assert code_of(log_in(tenant, person.email, PASSWORD)) == (401, "invalid_credentials")
    assert log_in(tenant, person.email, NEW).status_code == 200
    assert "was changed" in mails_to(app, person.email)[-1].subject
    (row,) = tenant.audit(action="password.reset")
    told = {"sessions_ended": 2, "keys_ended": 1}
    assert (row["status"], row["user_id"], row["detail"]) == ("success", person.user_id, told)


def test_REC_04_only_the_newest_code_works_and_only_once(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    for _ in range(3):
        forget(tenant, person.email)
    first, second, third = codes(app, person.email, "reset-password")
    assert [code_of(reset(tenant, code)) for code in (first, second)] == [INVALID] * 2
    assert reset(tenant, third).status_code == 204
    assert [code_of(reset(tenant, code, OTHER)) for code in (first, second, third)] == [INVALID] * 3
    assert log_in(tenant, person.email, NEW).status_code == 200


@pytest.mark.parametrize("change", ["password", "address", "reset"])
def test_REC_04_a_change_of_password_or_address_voids_every_code(app: Flask, tenant: Tenant, change: str) -> None:
    person, address = tenant.sign_up(), fresh_email()
    resend(tenant, person.email)
    ask_for_email(person, address)
    forget(tenant, person.email)
    reset_code = newest(app, person.email, "reset-password")
    waiting = {"verify-email": newest(app, person.email, "verify-email")}
    if change == "password":
        body = {"current_password": PASSWORD, "new_password": OTHER}
        assert person.call("POST", "/me/password", json=body).status_code == 204
        assert "was changed" in mails_to(app, person.email)[-1].subject
    if change == "reset":
        assert reset(tenant, reset_code, OTHER).status_code == 204
    if change == "address":
        assert redeem(tenant, "change-email", newest(app, address, "change-email")).status_code == 204
    else:
        waiting["change-email"] = newest(app, address, "change-email")
    for page, code in {"reset-password": reset_code, **waiting}.items():
        assert code_of(redeem(tenant, page, code)) == INVALID, page


def test_REC_03_no_step_can_be_skipped(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    forget(tenant, person.email)
    code = newest(app, person.email, "reset-password")
    path = f"{tenant.path}/password/reset"
    bodies = [{"new_password": NEW, "token": token} for token in (None, "", [], [code], 0, True, {"eq": code})]
    bodies += [{"new_password": NEW}, {"token": code}, {"token": code, "new_password": None}, {}]
    bodies += [{"token": code, "new_password": NEW, "email": person.email}]
    assert [tenant.api.post(path, json=body).status_code for body in bodies] == [422] * len(bodies)
    wrong = (code[:-1], code + "0", f" {code}", code.swapcase(), "rlk_oc_" + "0" * 49, "x", "0" * 512)
    assert [code_of(reset(tenant, token)) for token in wrong] == [INVALID] * len(wrong)
    for order in ("verify-email", "change-email", "accept-invitation"):
        assert code_of(redeem(tenant, order, code)) == INVALID
    assert log_in(tenant, person.email).status_code == 200
    assert reset(tenant, code).status_code == 204
    failed = tenant.audit(action="password.reset", status="failed")
    assert len(failed) == len(wrong)
    assert {row["detail"]["reason"] for row in failed} == {"invalid_code"}


def test_a_password_that_the_policy_refuses_leaves_the_code_good(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    forget(tenant, person.email)
    code = newest(app, person.email, "reset-password")
    for password, reason in (("short", "too_short"), ("password1234567", "too_common"), (person.email, "too_personal")):
        refused = reset(tenant, code, password)
        assert code_of(refused) == (422, "validation_failed")
        assert refused.json()["reason"] == reason
    assert reset(tenant, code).status_code == 204


def test_REC_01_a_code_ends_after_fifteen_minutes(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    forget(tenant, person.email)
    code = newest(app, person.email, "reset-password")
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=1), tick=True):
        assert code_of(reset(tenant, code)) == INVALID
    assert reset(tenant, code).status_code == 204


def test_nothing_is_mailed_to_who_is_unknown_or_disabled(app: Flask, tenant: Tenant) -> None:
    person, unknown = tenant.sign_up(), fresh_email()
    disabled = {"status": "disabled"}
    assert tenant.call("PATCH", f"/users/{person.user_id}", json=disabled).status_code == 200
    for email in (person.email, unknown):
        forget(tenant, email)
        resend(tenant, email)
        assert mails_to(app, email) == []
    for action in ("password.forgot", "email.resend"):
        rows = [(row["status"], row["user_id"], row["detail"]["reason"]) for row in tenant.audit(action=action)]
        assert rows == [("failed", None, "no_account"), ("failed", person.user_id, "account_disabled")]


def test_REC_05_a_link_leads_to_the_services_own_address_whatever_the_request_says(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    spoofed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    for host in ({}, {"Host": "evil.example"}):
        body = {"email": person.email}
        assert tenant.call("POST", "/password/forgot", json=body, headers=spoofed | host).status_code == 202
    for mail in mails_to(app, person.email):
        assert mail.link == f"http://localhost:8000/pages/{tenant.client_id}/reset-password#token={mail.code}"
        assert "evil" not in mail.text + mail.html


def test_REC_06_a_reset_leaves_the_second_factor_of_a_proved_account_in_place(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    proved(app, tenant, person.email)
    pocket = enrol(person)
    pending = challenge(tenant, person)
    forget(tenant, person.email)
    assert reset(tenant, newest(app, person.email, "reset-password")).status_code == 204
    assert code_of(second_step(tenant, pending, pocket.code())) == INVALID  # begun with the old password
    asked = log_in(tenant, person.email, NEW)
    assert code_of(asked) == (401, "mfa_required")
    assert "access_token" not in asked.json()
    assert second_step(tenant, asked.json()["mfa_token"], pocket.recovery_codes[0]).status_code == 200


def test_REC_06_a_mailbox_alone_is_no_way_past_a_second_factor_where_addresses_are_never_proved(
    app: Flask, tenant: Tenant
) -> None:
    person, holder = tenant.sign_up(), tenant.sign_up()
    pocket, passkey = enrol(person), enrol_passkey(holder)
    for one in (person, holder):
        forget(tenant, one.email)
        assert reset(tenant, newest(app, one.email, "reset-password")).status_code == 204
    asked = [log_in(tenant, one.email, NEW) for one in (person, holder)]
    assert [code_of(answer) for answer in asked] == [(401, "mfa_required")] * 2
    by_app, by_key = (answer.json() for answer in asked)
    assert (set(by_app["methods"]), set(by_key["methods"])) == ({"totp", "recovery_code"}, {"passkey", "recovery_code"})
    assert second_step(tenant, by_app["mfa_token"], pocket.code()).status_code == 200
    assert passkey_step(tenant, by_key, passkey.get(by_key["passkey_options"])).status_code == 200


def test_RL_07_what_sends_mail_and_what_takes_codes_is_limited_per_address(
    api_from: Callable[[str], httpx.Client], tenant: Tenant
) -> None:
    here, elsewhere = (replace(tenant, api=api_from(address)) for address in ("198.19.1.1", "198.19.1.2"))
    publishable = bearer(tenant.call("POST", "/keys", json={"name": "page", "kind": "publishable"}).json()["api_key"])
    body = {"email": fresh_email()}
    with settings.changed(recovery_limit="2 per hour", recovery_global_limit="3 per hour", code_limit="2 per hour"):
        for path in ("/password/forgot", "/email/resend"):
            calls = [place.call("POST", path, json=body, headers=publishable) for place in [here] * 3 + [elsewhere] * 2]
            assert [answer.status_code for answer in calls] == [202, 202, 429, 202, 429]
        for path in ("/password/reset", "/email/verify", "/me/email/confirm", "/invitations/accept"):
            secret = {"/password/reset": {"new_password": NEW}, "/invitations/accept": {"password": NEW}}.get(path, {})
            tries = [anonymously(place, path, token="x", **secret) for place in [here] * 3 + [elsewhere]]
            assert [answer.status_code for answer in tries] == [400, 400, 429, 400]


REDIRECT = "https://app.example.com/after"
MUTATIONS = (
    "//app.example.com/after", "/\\app.example.com/after", "https:app.example.com/after", "%2f%2fapp.example.com/after",
    "https://app.example.com@evil.example/after", "https://app.example.com/after\t", "https://app.example.com/after\r\n",
    "javascript:alert(1)", "https://APP.example.com/after", "https://app.example.com/after/", "https://app.example.com/",
    "https://app.example.com/after?x=1", "https://app.example.com/after#x", "https://app.example.com:443/after",
    "http://app.example.com/after", "https://app.example.com/after/../after", "https://app.example.com/%61fter",
)  # fmt: skip


def test_REC_07_a_link_leads_only_to_an_address_that_the_client_has_named_letter_by_letter(
    app: Flask, tenant: Tenant
) -> None:
    set_up(tenant, redirect_urls=[REDIRECT])
    person = tenant.sign_up()
    forget(tenant, person.email, redirect_to=REDIRECT)
    (mail,) = mails_to(app, person.email)
    assert mail.link == f"{REDIRECT}#token={mail.code}&purpose=reset-password"
    for path in ("/password/forgot", "/email/resend", "/me/email", "/signup"):
        body = {"email": fresh_email()} | ({"password": PASSWORD} if path == "/signup" else {})
        caller = person if path == "/me/email" else tenant
        for redirect_to in MUTATIONS if path == "/password/forgot" else MUTATIONS[:1]:
            answer = caller.call("POST", path, json=body | {"redirect_to": redirect_to})
            assert code_of(answer) == (400, "invalid_request"), redirect_to
        assert mails_to(app, body["email"]) == []
    # LOG-03: each refusal leaves its row.
    told = Counter(row["action"] for row in tenant.audit(status="failed")
                   if row["detail"] == {"reason": "foreign_redirect"})  # fmt: skip
    others = {"email.resend": 1, "email.change_request": 1, "signup": 1}
    assert told == {"password.forgot": len(MUTATIONS), **others}
