"""Changing an address: nothing changes before the new mailbox has answered."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.core import clock
from tests import database
from tests.factories import PASSWORD, Tenant, fresh_email
from tests.flows.observing import watched
from tests.mails import mails_to
from tests.recovery.asking import OTHER, ask_for_email, code_of, log_in, newest, redeem

INVALID = (400, "invalid_code")


def test_ACC_10_the_old_address_stays_the_login_until_the_new_one_has_answered(app: Flask, tenant: Tenant) -> None:
    person, new = tenant.sign_up(), fresh_email()
    elsewhere = tenant.log_in(person.email)
    answer = person.call("POST", "/me/email", json={"email": new.upper()})
    assert (answer.status_code, answer.content) == (202, b"")
    me = person.call("GET", "/me").json()
    assert (me["email"], me["email_verified"]) == (person.email, False)
    assert code_of(log_in(tenant, new)) == (401, "invalid_credentials")
    assert log_in(tenant, person.email).status_code == 200
    (notice,) = mails_to(app, person.email)
    assert notice.link == ""
    assert redeem(tenant, "change-email", newest(app, new, "change-email")).status_code == 204
    me = person.call("GET", "/me").json()
    assert (me["email"], me["email_verified"]) == (new, True)
    assert code_of(log_in(tenant, person.email)) == (401, "invalid_credentials")
    assert log_in(tenant, new).status_code == 200
    # TOK-08: every session but the one that asked has ended.
    assert elsewhere.call("GET", "/me").status_code == 401
    assert tenant.call("POST", "/refresh", json={"refresh_token": elsewhere.refresh_token}).status_code == 401
    told = [mail.subject for mail in mails_to(app, person.email)]
    assert ["is to change" in subject for subject in told] == [True, False]
    assert "was changed" in told[1]
    assert [row["status"] for row in tenant.audit(action="email.change")] == ["success"]


def test_ACC_10_a_change_asks_for_a_fresh_proof_of_identity(app: Flask, tenant: Tenant) -> None:
    person, new = tenant.sign_up(), fresh_email()
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        assert code_of(person.call("POST", "/me/email", json={"email": new})) == (403, "reauth_required")
    assert mails_to(app, new) == mails_to(app, person.email) == []


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_taken_address_is_not_told_apart_and_never_taken_over(
    app: Flask, tenant: Tenant, database_url: str, when: str
) -> None:
    person, new = tenant.sign_up(), fresh_email()
    if when == "before":
        tenant.sign_up(new, OTHER)
    ask_for_email(person, new)
    if when == "before":
        (mail,) = mails_to(app, new)
        assert mail.link == ""
        assert "asked to use" in mail.text
        assert "sign up" not in mail.text + mail.subject
    else:
        code = newest(app, new, "change-email")
        tenant.sign_up(new, OTHER)
        assert code_of(redeem(tenant, "change-email", code)) == INVALID
        assert code_of(redeem(tenant, "change-email", code)) == INVALID
        assert [row["status"] for row in tenant.audit(action="email.change")] == ["failed", "failed"]
    assert person.call("GET", "/me").json()["email"] == person.email
    assert log_in(tenant, new, OTHER).status_code == 200
    assert database.count(database_url, tenant.table) == 2


def test_ACC_04_asking_for_a_taken_address_is_the_same_work_as_for_a_free_one(app: Flask, tenant: Tenant) -> None:
    person, taken = tenant.sign_up(), tenant.sign_up().email
    ask_for_email(person, fresh_email())  # fills the caches
    works = []
    for email in (taken, fresh_email()):
        with watched(app) as work:
            ask_for_email(person, email)
        works.append(work.statements)
    assert works[0] == works[1]


def test_ones_own_address_and_a_misspelt_one_are_refused(tenant: Tenant) -> None:
    person = tenant.sign_up()
    for email in (person.email, person.email.upper(), "nobody", "", None):
        assert code_of(person.call("POST", "/me/email", json={"email": email})) == (422, "validation_failed")
    assert code_of(tenant.call("POST", "/me/email", json={"email": fresh_email()})) == (403, "insufficient_scope")


def test_only_the_newest_change_that_was_asked_for_can_be_confirmed(app: Flask, tenant: Tenant) -> None:
    person, first, second = tenant.sign_up(password=PASSWORD), fresh_email(), fresh_email()
    ask_for_email(person, first)
    ask_for_email(person, second)
    assert code_of(redeem(tenant, "change-email", newest(app, first, "change-email"))) == INVALID
    assert redeem(tenant, "change-email", newest(app, second, "change-email")).status_code == 204
    assert person.call("GET", "/me").json()["email"] == second
