"""Authenticator apps: set up, asked for at each login, replaced and removed."""

import time
from datetime import timedelta

import jwt
import pytest
import time_machine
from flask import Flask

from app.core import clock
from tests.factories import Person, Tenant
from tests.mails import mails_to
from tests.mfa.enrolling import PERIOD, challenge, enrol, first_step, log_in, second_step

STALE = timedelta(minutes=6)


@pytest.fixture
def person(tenant: Tenant) -> Person:
    return tenant.sign_up()


def claims(access_token: str) -> dict[str, object]:
    found: dict[str, object] = jwt.decode(access_token, options={"verify_signature": False})
    return found


def test_MFA_03_a_secret_that_is_not_confirmed_changes_nothing(tenant: Tenant, person: Person) -> None:
    person.call("POST", "/me/mfa/totp")
    refused = person.call("POST", "/me/mfa/totp/confirm", json={"code": "not it"})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_code")
    # Nobody is logging in here: what helps is the app and the phone that it is on.
    assert all(word in refused.json()["detail"] for word in ("app shows now", "clock", "scan the picture again"))
    assert tenant.log_in(person.email).access_token
    assert person.call("GET", "/me/mfa").json() == {
        "methods": [],
        "totp_confirmed_at": None,
        "passkeys": 0,
        "recovery_codes_left": 0,
    }


def test_a_login_asks_for_the_factor_and_says_so_in_the_token(tenant: Tenant, person: Person) -> None:
    pocket = enrol(person)
    asked = first_step(tenant, person)
    assert (asked["code"], asked["methods"]) == ("mfa_required", ["totp", "recovery_code"])
    assert "user" not in asked
    answer = second_step(tenant, asked["mfa_token"], pocket.code())
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"user_id", "access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert claims(body["access_token"])["amr"] == ["pwd", "otp", "mfa"]
    assert [(row["status"], row["detail"].get("reason")) for row in tenant.audit(action="login")] == [
        ("success", None),
        ("failed", "mfa_required"),
    ]


def test_MFA_05_what_was_proved_survives_a_refresh_and_never_grows(tenant: Tenant, person: Person) -> None:
    pocket = enrol(person)
    plain = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}).json()
    assert claims(plain["access_token"])["amr"] == ["pwd"]
    proved = {"password": person.password, "code": pocket.code()}
    assert person.call("POST", "/me/reauth", json=proved).status_code == 204
    plain = tenant.call("POST", "/refresh", json={"refresh_token": plain["refresh_token"]}).json()
    assert claims(plain["access_token"])["amr"] == ["pwd"]
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        whole = log_in(tenant, person, pocket.code())
        again = tenant.call("POST", "/refresh", json={"refresh_token": whole.refresh_token}).json()
    assert claims(again["access_token"])["amr"] == ["pwd", "otp", "mfa"]


def test_TOK_15_the_whole_login_is_a_session_of_its_own(tenant: Tenant, person: Person) -> None:
    pocket = enrol(person)
    token = challenge(tenant, person)
    whole = second_step(tenant, token, pocket.code()).json()
    assert claims(whole["access_token"])["sid"] != claims(person.access_token)["sid"]
    assert second_step(tenant, token, pocket.recovery_codes[0]).json()["code"] == "invalid_code"


def test_MFA_02_a_code_is_good_once_and_none_before_it_any_more(tenant: Tenant, person: Person) -> None:
    pocket = enrol(person)
    with time_machine.travel((int(time.time()) // PERIOD + 10) * PERIOD, tick=False):
        now = int(time.time()) // PERIOD
        log_in(tenant, person, pocket.at(now + 1))
        for step in (now + 1, now, now - 1, now + 2, now - 2):
            refused = second_step(tenant, challenge(tenant, person), pocket.at(step))
            assert (refused.status_code, refused.json()["code"]) == (400, "invalid_code")
    with time_machine.travel((now + 3) * PERIOD, tick=False):
        log_in(tenant, person, pocket.at(now + 2))


def test_MFA_02_the_code_that_confirms_is_used_by_that(tenant: Tenant, person: Person) -> None:
    pocket = enrol(person)
    assert second_step(tenant, challenge(tenant, person), pocket.at(pocket.last_step)).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/me/mfa/totp"),
        ("POST", "/me/mfa/totp/confirm"),
        ("DELETE", "/me/mfa/totp"),
        ("POST", "/me/mfa/recovery-codes"),
    ],
)
def test_MFA_03_a_stale_session_changes_no_factor(person: Person, method: str, path: str) -> None:
    with time_machine.travel(clock.now() + STALE, tick=True):
        answer = person.call(method, path, json={"code": "123456"} if path.endswith("confirm") else None)
    assert (answer.status_code, answer.json()["code"]) == (403, "reauth_required")


def test_MFA_03_fresh_is_who_proves_the_factor_too(tenant: Tenant, person: Person) -> None:
    pocket = enrol(person)
    with time_machine.travel(clock.now() + STALE, tick=True):
        missing = person.call("POST", "/me/reauth", json={"password": person.password})
        assert (missing.status_code, missing.json()["code"]) == (401, "mfa_required")
        assert missing.json()["methods"] == ["totp", "recovery_code"]
        wrong = person.call("POST", "/me/reauth", json={"password": person.password, "code": pocket.wrong()})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_code")
        change = {"current_password": person.password, "new_password": "another fine sentence"}
        assert person.call("POST", "/me/password", json=change).status_code == 204
        assert person.call("DELETE", "/me/mfa/totp").json()["code"] == "reauth_required"
        proved = {"password": change["new_password"], "code": pocket.code()}
        assert person.call("POST", "/me/reauth", json=proved).status_code == 204
        assert person.call("DELETE", "/me/mfa/totp").status_code == 204
    rows = tenant.audit(action="session.reauth")
    assert [row["detail"].get("reason") for row in rows] == [None, "invalid_code", "mfa_required"]


def test_who_has_no_factor_proves_the_password(person: Person) -> None:
    for body, field in [
        ({}, "password"),
        ({"code": "123456"}, "password"),
        ({"password": "x", "credential": {}}, None),
    ]:
        refused = person.call("POST", "/me/reauth", json=body)
        assert refused.status_code == 422
        assert field is None or field in refused.json()["errors"]
    assert person.call("POST", "/me/reauth", json={"password": person.password}).status_code == 204


def test_a_new_app_takes_over_only_when_it_is_confirmed(tenant: Tenant, person: Person) -> None:
    pocket = enrol(person)
    begun = person.call("POST", "/me/mfa/totp").json()
    person_elsewhere = log_in(tenant, person, pocket.code())
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        pocket.secret, old = begun["secret"], pocket.secret
        confirmed = person.call("POST", "/me/mfa/totp/confirm", json={"code": pocket.code()})
        assert confirmed.status_code == 200
        assert person_elsewhere.call("GET", "/me").json()["code"] == "token_revoked"
        pocket.secret, new = old, pocket.secret
        assert second_step(tenant, challenge(tenant, person), pocket.at(pocket.last_step + 1)).status_code == 400
        pocket.secret = new
        log_in(tenant, person, pocket.code())


def test_TOK_08_every_change_of_factors_ends_the_other_sessions_and_is_told(
    app: Flask, tenant: Tenant, person: Person
) -> None:
    def others_end(change: str, path: str, elsewhere: Person) -> None:
        assert person.call(change, path).status_code in (200, 204)
        assert elsewhere.call("GET", "/me").json()["code"] == "token_revoked"
        answer = tenant.call("POST", "/refresh", json={"refresh_token": elsewhere.refresh_token})
        assert answer.json()["code"] == "token_revoked"
        assert person.call("GET", "/me").status_code == 200

    before = tenant.log_in(person.email)
    pocket = enrol(person)
    assert before.call("GET", "/me").json()["code"] == "token_revoked"
    others_end("POST", "/me/mfa/recovery-codes", log_in(tenant, person, pocket.code()))
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        others_end("DELETE", "/me/mfa/totp", log_in(tenant, person, pocket.code()))
        told = [mail for mail in mails_to(app, person.email) if "second factors" in mail.subject]
    assert len(told) == 3
    changes = [row["action"] for row in tenant.audit() if row["action"].startswith(("totp", "recovery"))]
    assert changes == ["totp.disable", "recovery_codes.renew", "totp.enable", "totp.begin"]


def test_without_the_app_a_login_asks_nothing_more(tenant: Tenant, person: Person) -> None:
    enrol(person)
    assert person.call("DELETE", "/me/mfa/totp").status_code == 204
    assert person.call("DELETE", "/me/mfa/totp").json()["code"] == "not_found"
    assert person.call("POST", "/me/mfa/recovery-codes").json()["code"] == "conflict"
    assert person.call("GET", "/me/mfa").json()["recovery_codes_left"] == 0
    assert tenant.log_in(person.email).access_token


def test_a_half_login_dies_with_the_password_or_the_account(tenant: Tenant, person: Person) -> None:
    right = enrol(person).code()
    before = challenge(tenant, person)
    change = {"current_password": person.password, "new_password": "another fine sentence"}
    assert person.call("POST", "/me/password", json=change).status_code == 204
    assert second_step(tenant, before, right).json()["code"] == "invalid_code"
    person.password = change["new_password"]
    after = challenge(tenant, person)
    assert tenant.call("PATCH", f"/users/{person.user_id}", json={"status": "disabled"}).status_code == 200
    assert second_step(tenant, after, right).json()["code"] == "invalid_code"
    body = {"email": person.email, "password": person.password}
    assert tenant.call("POST", "/login", json=body).json()["code"] == "account_disabled"


def test_MFA_07_a_half_login_is_of_one_user_and_one_client(tenant: Tenant, other: Tenant, person: Person) -> None:
    pocket, neighbour = enrol(person), tenant.sign_up()
    enrol(neighbour)
    stranger = other.sign_up(person.email)
    enrol(stranger)
    token = challenge(tenant, person)
    assert second_step(other, token, pocket.code()).json()["code"] == "invalid_code"
    assert second_step(tenant, challenge(tenant, neighbour), pocket.at(pocket.last_step)).status_code == 400
    assert second_step(tenant, token, pocket.at(pocket.last_step)).status_code == 200


def test_a_backend_changes_nobodys_factors(tenant: Tenant) -> None:
    answer = tenant.call("POST", "/me/mfa/totp")
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
