"""What ends somebody's sessions ends what was half begun too: no token from before brings a session after."""

from collections.abc import Callable

import httpx
import pytest
from flask import Flask

from tests.factories import Person, Tenant, bearer, fresh_email
from tests.mfa import ceremonies
from tests.mfa.authenticator import Authenticator
from tests.mfa.enrolling import challenge, enrol, first_step, second_step, with_policy
from tests.recovery.asking import ask_for_email, code_of, newest, redeem

INVALID = (400, "invalid_code")
ENDINGS: dict[str, Callable[[Tenant, Person], httpx.Response]] = {
    "everyone is logged out": lambda tenant, _: tenant.call("POST", "/sessions/revoke-all"),
    "an admin ends the user's sessions": lambda tenant, person: tenant.call(
        "DELETE", f"/users/{person.user_id}/sessions"
    ),
    "the user logs out everywhere": lambda tenant, person: person.call("POST", "/logout", json={"everywhere": True}),
    "the role changes": lambda tenant, person: tenant.call("PATCH", f"/users/{person.user_id}", json={"role": "admin"}),
}


@pytest.fixture
def person(tenant: Tenant) -> Person:
    return tenant.sign_up()


def end(how: str, tenant: Tenant, person: Person) -> None:
    answer = ENDINGS[how](tenant, person)
    assert answer.status_code in (200, 204), answer.text


@pytest.mark.parametrize("how", ENDINGS)
def test_TOK_08_MFA_01_a_half_login_ends_with_the_sessions(tenant: Tenant, person: Person, how: str) -> None:
    pocket = enrol(person)
    before = challenge(tenant, person)
    half = ceremonies.half_login(tenant, person)
    end(how, tenant, person)
    for token in (before, half["mfa_token"]):
        assert code_of(second_step(tenant, str(token), pocket.recovery_codes[0])) == INVALID
    assert second_step(tenant, challenge(tenant, person), pocket.recovery_codes[0]).status_code == 200


@pytest.mark.parametrize("how", [how for how in ENDINGS if how != "the user logs out everywhere"])
def test_TOK_08_MFA_01_an_enrolment_ends_with_the_sessions(tenant: Tenant, person: Person, how: str) -> None:
    with_policy(tenant, "required")
    token = first_step(tenant, person)["enrollment_token"]
    person.access_token = token
    begun = ceremonies.asked(person, ceremonies.CREATION)
    end(how, tenant, person)
    assert ceremonies.add(person, Authenticator().create(begun)).status_code == 401
    again = tenant.api.post(f"{tenant.path}/me/mfa/totp", headers=bearer(token))
    assert code_of(again) == (401, "authentication_required")


@pytest.mark.parametrize("how", ENDINGS)
def test_TOK_08_ACC_10_a_pending_address_ends_with_the_sessions(
    app: Flask, tenant: Tenant, person: Person, how: str
) -> None:
    new = fresh_email()
    ask_for_email(person, new)
    end(how, tenant, person)
    assert code_of(redeem(tenant, "change-email", newest(app, new, "change-email"))) == INVALID
    assert tenant.log_in(person.email).call("GET", "/me").json()["email"] == person.email


def test_ACC_10_a_pending_address_ends_with_the_session_that_asked_for_it_and_no_other(
    app: Flask, tenant: Tenant, person: Person
) -> None:
    other, stolen, new = tenant.log_in(person.email), tenant.log_in(person.email), fresh_email()
    ask_for_email(stolen, new)
    mine = {row["session_id"]: row["current"] for row in stolen.call("GET", "/me/sessions").json()["items"]}
    asking = next(session_id for session_id, current in mine.items() if current)
    assert person.call("DELETE", f"/me/sessions/{asking}").status_code == 204
    assert code_of(redeem(tenant, "change-email", newest(app, new, "change-email"))) == INVALID
    ask_for_email(person, new)
    assert other.call("POST", "/logout").status_code == 204
    assert redeem(tenant, "change-email", newest(app, new, "change-email")).status_code == 204
    assert person.call("GET", "/me").json()["email"] == new


def test_ACC_10_what_one_asked_for_outlives_ones_own_change_of_factors(
    app: Flask, tenant: Tenant, person: Person
) -> None:
    new = fresh_email()
    ask_for_email(person, new)
    enrol(person)
    assert redeem(tenant, "change-email", newest(app, new, "change-email")).status_code == 204


def test_everyones_half_logins_end_in_one_client_only(tenant: Tenant, other: Tenant, person: Person) -> None:
    elsewhere = other.sign_up()
    pocket = enrol(elsewhere)
    token = challenge(other, elsewhere)
    end("everyone is logged out", tenant, person)
    assert second_step(other, token, pocket.recovery_codes[0]).status_code == 200
