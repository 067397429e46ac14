"""A user's own passkeys: adding, seeing and removing them, and what keeps one from logging in."""

from datetime import timedelta

import pytest
import time_machine

from app.core import clock
from tests.factories import PASSWORD, Tenant, bearer, fresh_email
from tests.mfa.authenticator import Authenticator
from tests.mfa.ceremonies import (
    CREATION,
    INVALID,
    OWN,
    add,
    asked,
    enrol,
    honest_login,
    log_in,
    login_options,
    reauthenticate,
    set_to,
    told,
)
from tests.mfa.enrolling import enrol as an_app
from tests.mfa.enrolling import first_step
from tests.web.test_errors import database_write


def test_RL_02_a_lock_by_wrong_passwords_holds_for_a_passkey_and_wrong_answers_lock_the_password(
    tenant: Tenant,
) -> None:
    person = tenant.sign_up()
    held = enrol(person)
    wrong = {"email": person.email, "password": "not the password"}
    while (locked := tenant.call("POST", "/login", json=wrong)).status_code == 401:
        pass
    refused = honest_login(tenant, held)
    assert told(locked) == told(refused) == (423, "account_locked")
    assert int(refused.headers["Retry-After"]) >= 1
    assert tenant.audit(action="login")[0]["detail"]["reason"] == "account_locked"
    assert person.call("GET", "/me").status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=True):
        assert honest_login(tenant, held).status_code == 200
        for _ in range(5):
            assert told(log_in(tenant, held.get(login_options(tenant), page="http://localhost:1"))) == INVALID
        assert told(tenant.call("POST", "/login", json=wrong)) == (423, "account_locked")


def test_ACC_03_a_disabled_user_is_told_so_only_after_the_proof(tenant: Tenant, database_url: str) -> None:
    held = enrol(tenant.sign_up())
    database_write(database_url, f"UPDATE {tenant.table} SET status = 'disabled'")
    assert told(log_in(tenant, held.get(login_options(tenant), page="http://localhost:1"))) == INVALID
    assert told(honest_login(tenant, held)) == (403, "account_disabled")
    assert [row["detail"]["reason"] for row in tenant.audit(action="login")] == ["account_disabled", "invalid_code"]


def test_TOK_08_adding_and_removing_a_passkey_ends_the_other_sessions(tenant: Tenant) -> None:
    person = tenant.sign_up()
    before = tenant.log_in(person.email)
    made = add(person, Authenticator().create(asked(person, CREATION)), name="  My phone ")
    assert made.status_code == 201
    shown = made.json()
    assert len(shown.pop("recovery_codes")) == 10
    assert (shown["name"], shown["last_used_at"], shown["transports"]) == ("My phone", None, ["internal"])
    assert told(before.call("GET", "/me")) == (401, "token_revoked")
    second = enrol(person)
    entered = honest_login(tenant, second)
    assert person.call("GET", OWN).json()["items"][0] == shown
    assert (
        person.call("PATCH", f"{OWN}/{shown['passkey_id']}", json={"name": "Old phone"}).json()["name"] == "Old phone"
    )
    for one in person.call("GET", OWN).json()["items"]:
        assert person.call("DELETE", f"{OWN}/{one['passkey_id']}").status_code == 204
        assert told(person.call("DELETE", f"{OWN}/{one['passkey_id']}")) == (404, "not_found")
    assert told(tenant.api.get(f"{tenant.path}/me", headers=bearer(entered.json()["access_token"]))) == (
        401,
        "token_revoked",
    )
    assert told(honest_login(tenant, second)) == INVALID
    assert tenant.log_in(person.email).user_id == person.user_id  # no factor is left to ask for
    actions = [row["action"] for row in tenant.audit(user_id=person.user_id) if row["action"].startswith("passkey.")]
    assert sorted(actions) == ["passkey.create"] * 2 + ["passkey.delete"] * 2 + ["passkey.update"]


def test_recovery_codes_come_with_the_first_factor_only_and_never_again(tenant: Tenant) -> None:
    person = tenant.sign_up()
    enrol(person)
    again = add(person, Authenticator().create(asked(person, CREATION)))
    assert (again.status_code, again.json()["recovery_codes"]) == (201, None)


def test_a_user_has_at_most_twenty_passkeys_and_a_browser_is_told_of_them(tenant: Tenant) -> None:
    person = tenant.sign_up()
    for _ in range(19):
        enrol(person)
    options = asked(person, CREATION)
    assert len(options["excludeCredentials"]) == 19
    assert add(person, Authenticator().create(options)).status_code == 201
    assert told(person.call("POST", CREATION)) == (409, "conflict")


def test_MFA_03_a_passkey_is_added_and_removed_by_a_fresh_session_only(tenant: Tenant) -> None:
    person = tenant.sign_up()
    held = enrol(person)
    [mine] = person.call("GET", OWN).json()["items"]
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        stale = (403, "reauth_required")
        assert told(person.call("POST", CREATION)) == stale
        assert told(add(person, {})) == stale
        assert told(person.call("DELETE", f"{OWN}/{mine['passkey_id']}")) == stale
        assert person.call("GET", OWN).json()["items"] == [mine]
        assert reauthenticate(person, held.get(asked(person, "/me/reauth/options"))).status_code == 204
        assert person.call("POST", CREATION).status_code == 200


def test_MFA_05_whoever_must_have_a_factor_gets_in_by_a_passkey_and_the_enrolment_ends_with_it(tenant: Tenant) -> None:
    person = tenant.sign_up()
    set_to(tenant, mfa_policy="required")
    refused = tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD})
    assert told(refused) == (401, "mfa_enrollment_required")
    person.access_token = refused.json()["enrollment_token"]
    assert told(person.call("GET", OWN))[0] == 401
    held = enrol(person)
    assert told(person.call("POST", CREATION))[0] == 401
    body = honest_login(tenant, held).json()
    me = tenant.api.get(f"{tenant.path}/me", headers=bearer(body["access_token"]))
    assert me.json()["user_id"] == person.user_id


def test_where_the_policy_is_off_nobody_adds_a_passkey(tenant: Tenant) -> None:
    person = tenant.sign_up()
    set_to(tenant, mfa_policy="off")
    assert told(person.call("POST", CREATION)) == (409, "conflict")


def test_a_login_by_passkey_waits_for_the_address_to_be_proved(tenant: Tenant) -> None:
    held = enrol(tenant.sign_up(fresh_email()))
    set_to(tenant, email_verification="required")
    assert told(honest_login(tenant, held)) == (403, "email_not_verified")


@pytest.mark.parametrize("method, path", [("GET", OWN), ("POST", "/me/reauth/options")])
def test_without_a_passkey_there_is_nothing_to_see_or_prove_by(tenant: Tenant, method: str, path: str) -> None:
    answer = tenant.sign_up().call(method, path)
    assert answer.status_code == 404 if method == "POST" else answer.json()["items"] == []


def test_passkeys_are_listed_in_pages_oldest_first(tenant: Tenant) -> None:
    person = tenant.sign_up()
    for name in ("first", "second", "third"):
        assert add(person, Authenticator().create(asked(person, CREATION)), name=name).status_code == 201
    whole = person.call("GET", OWN).json()
    assert ([one["name"] for one in whole["items"]], whole["next_cursor"]) == (["first", "second", "third"], None)
    page = person.call("GET", OWN, params={"limit": "2"}).json()
    rest = person.call("GET", OWN, params={"limit": "2", "cursor": page["next_cursor"]}).json()
    assert (page["items"] + rest["items"], rest["next_cursor"]) == (whole["items"], None)
    assert told(person.call("GET", OWN, params={"cursor": "x"})) == (400, "invalid_request")


def test_what_a_login_takes_is_told_in_one_order_everywhere_recovery_codes_last(tenant: Tenant) -> None:
    person = tenant.sign_up()
    enrol(person)
    an_app(person)
    order = ["totp", "passkey", "recovery_code"]
    assert first_step(tenant, person)["methods"] == order
    assert person.call("GET", "/me/mfa").json()["methods"] == order
    assert person.call("POST", "/me/reauth", json={"password": PASSWORD}).json()["methods"] == order
