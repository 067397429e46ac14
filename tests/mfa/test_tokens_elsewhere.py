"""MFA-01: what a half-finished login is given opens its own calls, and no other route of the service."""

import re
import uuid

import pytest
from flask import Flask

from app.web import guards
from tests.factories import Tenant, bearer
from tests.mfa.enrolling import challenge, enrol, first_step, with_policy

Call = tuple[str, str]


def closed_calls(app: Flask, tenant: Tenant) -> dict[Call, bool]:
    """Return every call of the route map that asks for a credential, and whether it takes an enrollment token."""
    found: dict[Call, bool] = {}
    for rule in app.url_map.iter_rules():
        callers = guards.callers_of(app.view_functions[rule.endpoint])
        if guards.anyone in callers or guards.registrant in callers:
            continue
        path = rule.rule.replace("<client_id>", tenant.client_id)
        path = re.sub(r"<(?:[^:<>]+:)?\w+>", lambda _: str(uuid.uuid4()), path)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[method, path] = guards.enrollee in callers
    return found


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_MFA_01_a_pending_token_opens_no_route(app: Flask, tenant: Tenant, header: str) -> None:
    person = tenant.sign_up()
    enrol(person)
    token = challenge(tenant, person)
    headers = bearer(token) if header == "Authorization" else {header: token}
    calls = closed_calls(app, tenant)
    assert len(calls) > 40
    refused = {call: tenant.api.request(*call, headers=headers) for call in calls}
    assert {call: answer.status_code for call, answer in refused.items() if answer.status_code != 401} == {}
    assert {answer.headers["Content-Type"] for answer in refused.values()} == {"application/problem+json"}
    assert tenant.call("POST", "/login/mfa", json={"mfa_token": token, "code": "0"}).status_code == 400


def test_MFA_01_an_enrollment_token_opens_enrolment_alone(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    with_policy(tenant, "required")
    token = first_step(tenant, person)["enrollment_token"]
    calls = closed_calls(app, tenant)
    opened = {path.removeprefix(tenant.path) for (_, path), enrols in calls.items() if enrols}
    assert opened == {"/me/mfa/totp", "/me/mfa/totp/confirm", "/me/passkeys", "/me/passkeys/options"}
    answers = {call: tenant.api.request(*call, headers=bearer(token)).status_code for call in calls}
    assert {call for call, status in answers.items() if status != 401} == {
        call for call, enrols in calls.items() if enrols
    }


def test_MFA_01_neither_token_does_for_the_other(tenant: Tenant) -> None:
    person, newcomer = tenant.sign_up(), tenant.sign_up()
    pocket = enrol(person)
    pending = challenge(tenant, person)
    with_policy(tenant, "required")
    enrolling = first_step(tenant, newcomer)["enrollment_token"]
    assert tenant.api.post(f"{tenant.path}/me/mfa/totp", headers=bearer(pending)).status_code == 401
    swapped = tenant.call("POST", "/login/mfa", json={"mfa_token": enrolling, "code": pocket.code()})
    assert swapped.json()["code"] == "invalid_code"
    for token in (pending, enrolling):
        refreshed = tenant.call("POST", "/refresh", json={"refresh_token": token})
        assert refreshed.json()["code"] == "token_revoked"
