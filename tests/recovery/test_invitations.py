"""Invitations: who reads the mail sets the password."""

from datetime import timedelta

import time_machine
from flask import Flask

from app.core import clock
from tests import database
from tests.factories import PASSWORD, Tenant, fresh_email
from tests.mails import mails_to
from tests.recovery.asking import NEW, anonymously, code_of, forget, invite, log_in, newest, redeem, resend, set_up

PAGE = "accept-invitation"
INVALID = (400, "invalid_code")


def test_an_invited_user_sets_a_password_and_is_logged_in(app: Flask, tenant: Tenant) -> None:
    set_up(tenant, signup="invitation", email_verification="required")
    email = invite(tenant, role="admin", full_name="A. L.")
    assert code_of(log_in(tenant, email)) == (401, "invalid_credentials")
    body = {"token": newest(app, email, PAGE), "password": NEW, "full_name": "Ada Lovelace"}
    entered = anonymously(tenant, "/invitations/accept", **body)
    assert entered.status_code == 200
    user = entered.json()["user"]
    assert (user["email"], user["email_verified"], user["status"]) == (email, True, "active")
    assert (user["role"], user["full_name"]) == ("admin", "Ada Lovelace")
    assert log_in(tenant, email, NEW).status_code == 200
    assert code_of(anonymously(tenant, "/invitations/accept", **body)) == INVALID
    statuses = [row["status"] for row in tenant.audit(action="invitation.accept")]
    assert statuses == ["failed", "success"]


def test_ACC_11_an_invitation_is_bound_to_its_client_its_user_and_its_days(
    app: Flask, tenant: Tenant, other: Tenant
) -> None:
    email = invite(tenant)
    code = newest(app, email, PAGE)
    edited = {"token": code, "password": NEW, "email": fresh_email()}
    assert code_of(anonymously(tenant, "/invitations/accept", **edited)) == (422, "validation_failed")
    edited = {"token": code, "password": NEW, "role": "admin"}
    assert code_of(anonymously(tenant, "/invitations/accept", **edited)) == (422, "validation_failed")
    assert code_of(redeem(other, PAGE, code)) == INVALID
    flipped = code[:20] + ("a" if code[20] != "a" else "b") + code[21:]
    assert code_of(redeem(tenant, PAGE, flipped)) == INVALID
    # Somebody else's session, of an address that nobody has proved, changes nothing about whose invitation it is.
    person = tenant.sign_up()
    assert code_of(person.call("POST", "/invitations/accept", json={"token": flipped, "password": NEW})) == INVALID
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1), tick=True):
        assert code_of(redeem(tenant, PAGE, code)) == INVALID
    assert redeem(tenant, PAGE, code).json()["user"]["email"] == email


def test_who_is_invited_has_the_invitation_and_no_other_way_in(app: Flask, tenant: Tenant) -> None:
    email = invite(tenant)
    forget(tenant, email)
    resend(tenant, email)
    assert [mail.page for mail in mails_to(app, email)] == [PAGE]
    taken = tenant.call("POST", "/signup", json={"email": email, "password": PASSWORD})
    assert code_of(taken) == (409, "email_taken")
    for password in ("short", email):
        refused = anonymously(tenant, "/invitations/accept", token=newest(app, email, PAGE), password=password)
        assert code_of(refused) == (422, "validation_failed")
    assert redeem(tenant, PAGE, newest(app, email, PAGE)).status_code == 200


def test_MFA_05_who_must_have_a_second_factor_is_asked_for_it_before_the_first_session(
    app: Flask, tenant: Tenant, database_url: str
) -> None:
    set_up(tenant, mfa_policy="required")
    email = invite(tenant)
    entered = redeem(tenant, PAGE, newest(app, email, PAGE))
    assert code_of(entered) == (401, "mfa_enrollment_required")
    assert entered.json()["enrollment_token"]
    of_client = {"client": database.uuid_text(database_url, tenant.client_id)}
    assert database.count(database_url, "sessions", "client_id = :client", **of_client) == 0
    # The invitation is used up and the password set: the next login asks the same.
    assert code_of(redeem(tenant, PAGE, newest(app, email, PAGE))) == INVALID
    assert code_of(log_in(tenant, email, NEW)) == (401, "mfa_enrollment_required")
    told = [(row["status"], row["detail"]["reason"]) for row in tenant.audit(action="invitation.accept")]
    assert told == [("failed", "invalid_code"), ("success", "mfa_enrollment_required")]
