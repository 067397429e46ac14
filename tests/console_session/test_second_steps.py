"""MFA-01, MFA-05 and TOK-15 through cookies: what a second factor begins, and what the half before it opens."""

import httpx
from flask import Flask

from tests.console_session.browsing import CSRF, LOGIN, PLACE, REFRESH, SESSION, Page, amr, copied, is_dead, told
from tests.factories import Person, Tenant
from tests.mfa import ceremonies
from tests.mfa.enrolling import Pocket, enrol, with_policy


def test_TOK_15_a_second_factor_begins_a_session_that_nothing_before_it_was(
    app: Flask, page: Page, tenant: Tenant
) -> None:
    person, old = tenant.sign_up(), copied(app, page)
    pocket = enrol(person)
    asked = page.begin(tenant, person)
    assert asked["methods"] == ["totp", "recovery_code"]
    assert "mfa_token" not in asked
    assert page.cookies.keys() == {LOGIN, CSRF}
    half = copied(app, page)
    assert is_dead(old)
    session = page.second_step(pocket.code())
    assert session.status_code == 200
    assert page.cookies.keys() == {SESSION, REFRESH, CSRF}
    assert amr(page) == ["pwd", "otp", "mfa"]
    assert set(half.cookies.values()).isdisjoint(page.cookies.values())
    assert told(half.second_step(pocket.wrong())) == (400, "invalid_code")
    assert told(half.show()) == (401, "authentication_required")


def test_MFA_01_what_waits_for_a_second_factor_opens_the_second_step_alone(
    app: Flask, tenant: Tenant, person: Person
) -> None:
    pocket, page = enrol(person), Page(app)
    page.begin(tenant, person)
    closed = [("GET", "/me"), ("PATCH", "/me"), ("GET", "/users"), ("POST", "/me/mfa/totp"), ("POST", "/me/passkeys")]
    closed += [("POST", "/me/mfa/totp/confirm"), ("POST", "/me/reauth"), ("POST", "/logout")]
    for method, path in closed:
        answer = page.call(method, tenant.path + path, json={} if method != "GET" else None)
        assert told(answer) == (401, "authentication_required"), path
    for answer in (page.show(), page.refresh(), page.prove(password=person.password)):
        assert told(answer) == (401, "authentication_required")
    assert told(page.second_step(pocket.wrong())) == (400, "invalid_code")
    without = page.call("POST", f"{PLACE}/session/mfa", json={"code": pocket.wrong()}, without=("X-CSRF-Token",))
    assert told(without) == (403, "insufficient_scope")
    assert page.second_step(pocket.code()).status_code == 200


def test_MFA_05_a_policy_that_wants_a_second_factor_is_met_before_there_is_a_session(
    app: Flask, tenant: Tenant, page: Page, person: Person
) -> None:
    with_policy(tenant, "required")
    assert told(page.show()) == (401, "mfa_required")
    assert told(page.refresh()) == (401, "mfa_enrollment_required")
    asked = page.begin(tenant, person)
    assert (asked["code"], asked["client_id"]) == ("mfa_enrollment_required", tenant.client_id)
    assert "enrollment_token" not in asked
    assert page.cookies.keys() == {LOGIN, CSRF}
    assert told(page.call("GET", f"{tenant.path}/me")) == (401, "authentication_required")
    assert told(page.call("DELETE", f"{tenant.path}/me/mfa/totp")) == (401, "authentication_required")
    begun = page.call("POST", f"{tenant.path}/me/mfa/totp")
    pocket = enrolled(page, tenant, begun)
    assert page.cookies == {}  # what they held is spent
    assert told(page.call("POST", f"{tenant.path}/me/mfa/totp")) == (401, "authentication_required")
    page.begin(tenant, person)
    assert page.second_step(pocket.code()).status_code == 200
    assert page.show().status_code == 200


def enrolled(page: Page, tenant: Tenant, begun: httpx.Response) -> Pocket:
    """Put the secret that was begun with into use."""
    pocket = Pocket(begun.json()["secret"])
    confirmed = page.call("POST", f"{tenant.path}/me/mfa/totp/confirm", json={"code": pocket.code()})
    assert len(confirmed.json()["recovery_codes"]) == 10
    return pocket


def test_MFA_05_a_fresh_proof_proves_neither_more_nor_less_than_the_login_did(
    app: Flask, tenant: Tenant, person: Person, page: Page
) -> None:
    pocket = enrol(person)  # ends the page's session
    page.begin(tenant, person)
    page.second_step(pocket.code())
    assert told(page.prove(password=person.password)) == (401, "mfa_required")
    assert told(page.prove(password=person.password, code=pocket.wrong())) == (400, "invalid_code")
    assert page.show().status_code == 200
    assert page.prove(password=person.password, code=pocket.recovery_codes[0]).status_code == 200
    assert amr(page) == ["pwd", "otp", "mfa"]
    plain, simple = Page(app), tenant.sign_up()
    plain.enter(tenant, simple)
    assert plain.prove(password=simple.password).status_code == 200
    assert amr(plain) == ["pwd"]


def test_a_passkey_proves_who_one_is_too(app: Flask, tenant: Tenant, person: Person) -> None:
    held, page = ceremonies.enrol(person), Page(app)
    asked = page.begin(tenant, person)
    body = {"credential": held.get(asked["passkey_options"])}
    assert page.call("POST", f"{PLACE}/session/mfa", json=body).status_code == 200
    spent = Page(app)
    spent.begin(tenant, person)
    again = spent.call("POST", f"{PLACE}/session/mfa", json=body)
    assert told(again) == (400, "invalid_code")
    assert "passkey" in again.json()["detail"], "no code was asked for"
    before = page.show().json()["session_id"]
    options = page.call("POST", f"{tenant.path}/me/reauth/options").json()
    answer = page.call("POST", f"{PLACE}/session/reauth", json={"credential": held.get(options)})
    assert answer.json()["session_id"] != before
