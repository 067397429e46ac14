"""The client's policy of second factors holds on every way to a session, and for those begun before it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine

from app.core import clock
from tests import database
from tests.factories import Person, Tenant, bearer, register
from tests.mfa.enrolling import Pocket, enrol, first_step, log_in, with_policy

PROBLEM = {"type", "title", "status", "detail", "code", "request_id"}
"""What a refusal says that hands out nothing to go on with."""


@pytest.fixture
def person(tenant: Tenant) -> Person:
    return tenant.sign_up()


def refresh(tenant: Tenant, person: Person) -> httpx.Response:
    return tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})


def enrol_by(tenant: Tenant, token: str) -> tuple[Pocket, httpx.Response]:
    """Set an authenticator app up with an enrollment token."""
    begun = tenant.api.post(f"{tenant.path}/me/mfa/totp", headers=bearer(token))
    assert begun.status_code == 200, begun.text
    pocket = Pocket(begun.json()["secret"])
    body = {"code": pocket.code()}
    return pocket, tenant.api.post(f"{tenant.path}/me/mfa/totp/confirm", json=body, headers=bearer(token))


def test_MFA_05_where_it_is_required_a_login_leads_to_enrolment(tenant: Tenant, person: Person) -> None:
    with_policy(tenant, "required")
    asked = first_step(tenant, person)
    assert asked["code"] == "mfa_enrollment_required"
    pocket, confirmed = enrol_by(tenant, asked["enrollment_token"])
    assert confirmed.status_code == 200
    assert confirmed.json().keys() == {"recovery_codes"}
    spent = tenant.api.post(f"{tenant.path}/me/mfa/totp", headers=bearer(asked["enrollment_token"]))
    assert (spent.status_code, spent.json()["code"]) == (401, "authentication_required")
    whole = log_in(tenant, person, pocket.code())
    assert whole.call("GET", "/me").status_code == 200
    assert refresh(tenant, whole).status_code == 200


def test_MFA_05_a_session_from_before_stands_still_at_once(tenant: Tenant, person: Person) -> None:
    with_policy(tenant, "required")
    answer = person.call("GET", "/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_required")
    for token in (person.access_token, person.refresh_token):
        assert tenant.call("POST", "/tokens/introspect", json={"token": token}).json() == {"active": False}
    for _ in range(2):
        refused = refresh(tenant, person)
        assert (refused.status_code, refused.json()["code"]) == (401, "mfa_enrollment_required")
        assert refused.json().keys() == PROBLEM
    assert [row["detail"]["reason"] for row in tenant.audit(action="session.refresh")] == [
        "mfa_enrollment_required"
    ] * 2
    pocket, confirmed = enrol_by(tenant, first_step(tenant, person)["enrollment_token"])
    assert confirmed.status_code == 200
    assert refresh(tenant, person).json()["code"] == "token_revoked"
    assert log_in(tenant, person, pocket.code()).call("GET", "/me").status_code == 200


def test_MFA_05_a_factor_alone_completes_no_session_from_before(
    tenant: Tenant, person: Person, database_url: str
) -> None:
    pocket = enrol(person)
    with_policy(tenant, "required")
    assert person.call("GET", "/me").json()["code"] == "mfa_required"
    for _ in range(2):
        refused = refresh(tenant, person)
        assert (refused.status_code, refused.json()["code"]) == (401, "mfa_required")
        assert refused.json().keys() == PROBLEM
    assert "log in again" in refused.json()["detail"]
    of_client = {"c": database.uuid_text(database_url, tenant.client_id)}
    assert database.rows(database_url, "SELECT * FROM mfa_guesses WHERE client_id = :c", **of_client) == []
    assert log_in(tenant, person, pocket.code()).call("GET", "/me").status_code == 200
    assert person.call("GET", "/me").json()["code"] == "mfa_required"


def test_a_session_goes_on_once_the_policy_is_loosened(tenant: Tenant, person: Person) -> None:
    with_policy(tenant, "required")
    assert [refresh(tenant, person).status_code for _ in range(2)] == [401, 401]
    with_policy(tenant, "optional")
    assert person.call("GET", "/me").status_code == 200
    assert refresh(tenant, person).status_code == 200


def test_MFA_05_it_can_be_required_of_admins_alone(api: httpx.Client) -> None:
    tenant = register(api, admin=True)
    with_policy(tenant, "required_for_admins")
    person = tenant.sign_up()
    assert person.call("GET", "/me").status_code == 200
    assert tenant.admin is not None
    asked = tenant.call("POST", "/login", json=tenant.admin)
    assert (asked.status_code, asked.json()["code"]) == (401, "mfa_enrollment_required")
    promoted = tenant.call("PATCH", f"/users/{person.user_id}", json={"role": "admin"})
    assert promoted.status_code == 200, promoted.text
    for answer in (person.call("GET", "/me"), refresh(tenant, person), _login(tenant, person)):
        assert answer.status_code == 401
        assert answer.json()["code"] in ("mfa_required", "mfa_enrollment_required", "token_revoked")


def test_MFA_05_who_signs_up_where_it_is_required_gets_no_session(tenant: Tenant) -> None:
    with_policy(tenant, "required")
    email = "newcomer@example.com"
    answer = tenant.call("POST", "/signup", json={"email": email, "password": "correct horse battery"})
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_enrollment_required")
    person = Person(tenant.api, tenant.path, "", email, "correct horse battery", "", "")
    pocket, confirmed = enrol_by(tenant, answer.json()["enrollment_token"])
    assert confirmed.status_code == 200
    assert log_in(tenant, person, pocket.code()).call("GET", "/me").status_code == 200


def test_MFA_05_the_last_factor_stays_where_one_is_required(tenant: Tenant, person: Person) -> None:
    pocket = enrol(person)
    with_policy(tenant, "required")
    whole = log_in(tenant, person, pocket.code())
    kept = whole.call("DELETE", "/me/mfa/totp")
    assert (kept.status_code, kept.json()["code"]) == (409, "conflict")
    assert set(whole.call("GET", "/me/mfa").json()["methods"]) == {"totp", "recovery_code"}
    with_policy(tenant, "optional")
    assert whole.call("DELETE", "/me/mfa/totp").status_code == 204


def test_switched_off_nobody_enrols_but_a_factor_is_still_asked(tenant: Tenant, person: Person) -> None:
    pocket, neighbour = enrol(person), tenant.sign_up()
    with_policy(tenant, "off")
    refused = neighbour.call("POST", "/me/mfa/totp")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert log_in(tenant, person, pocket.code()).access_token


def test_an_enrollment_token_dies_with_the_password_and_with_time(tenant: Tenant, person: Person) -> None:
    with_policy(tenant, "required")
    old = first_step(tenant, person)["enrollment_token"]
    new = first_step(tenant, person)["enrollment_token"]
    assert _begin(tenant, old).json()["code"] == "authentication_required"
    assert _begin(tenant, new).status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=True):
        assert _begin(tenant, new).json()["code"] == "authentication_required"
    with_policy(tenant, "optional")
    change = {"current_password": person.password, "new_password": "another fine sentence"}
    assert person.call("POST", "/me/password", json=change).status_code == 204
    assert _begin(tenant, new).json()["code"] == "authentication_required"


def test_MFA_07_an_enrollment_token_is_of_one_client(tenant: Tenant, other: Tenant, person: Person) -> None:
    with_policy(tenant, "required")
    token = first_step(tenant, person)["enrollment_token"]
    assert _begin(other, token).status_code == 401
    beside = bearer(token) | {"X-API-Key": tenant.access_key}
    assert tenant.api.post(f"{tenant.path}/me/mfa/totp", headers=beside).status_code == 401
    assert _begin(tenant, token).status_code == 200


def _begin(tenant: Tenant, token: str) -> httpx.Response:
    return tenant.api.post(f"{tenant.path}/me/mfa/totp", headers=bearer(token))


def _login(tenant: Tenant, person: Person) -> httpx.Response:
    body: dict[str, Any] = {"email": person.email, "password": person.password}
    return tenant.call("POST", "/login", json=body)
