"""Who only guesses at the console learns nothing: unknown, erased and suspended clients, and who is kept out."""

import itertools
from typing import Any

import httpx
import pytest
from flask import Flask

from app.core import settings
from tests import database
from tests.console_session.browsing import PLACE, Page, told
from tests.factories import Operator, Tenant, bearer, fresh_email
from tests.flows.observing import Work, watched
from tests.mails import mails_to
from tests.recovery.asking import newest, redeem, set_up

WRONG = "not the right password"
_addresses = (f"198.51.100.{number}" for number in itertools.count(1))


@pytest.fixture
def page(app: Flask) -> Page:
    """A browser without cookies."""
    return Page(app)


@pytest.fixture
def stranger(app: Flask) -> Page:
    """A browser at an address that has not called yet."""
    return Page(app, address=next(_addresses))


def seen(answer: httpx.Response) -> dict[str, Any]:
    """Return all that a caller sees of a refusal, but for what differs in each answer."""
    of_each = {"x-request-id", "content-length", "x-ratelimit-remaining", "ratelimit", "x-ratelimit-reset"}
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in of_each)
    return {"status": answer.status_code, "headers": headers, **answer.json(), "request_id": None}


def test_ACC_03_an_unknown_client_is_answered_as_a_wrong_password_is(page: Page, tenant: Tenant) -> None:
    person = tenant.sign_up()
    known = page.log_in(tenant.slug, person.email, WRONG)
    for client in ("nobody-s-client", "0192f0c4-9a01-7c55-8e21-5d0f7b3a6c42", "no slug at all"):
        assert seen(page.log_in(client, person.email, WRONG)) == seen(known)
    assert told(known) == (401, "invalid_credentials")
    assert known.json()["detail"] == "The client, the e-mail address or the password is wrong."
    assert page.cookies == {}
    page.enter(tenant, person)
    asked = page.prove(password=WRONG)
    assert (told(asked), asked.json()["detail"]) == ((401, "invalid_credentials"), "The password is wrong.")


def test_ACC_04_a_login_at_an_unknown_client_is_the_same_work_and_leaves_no_row_that_names_nobody(
    app: Flask, page: Page, tenant: Tenant, database_url: str
) -> None:
    def work_of(client: str, email: str) -> Work:
        page.log_in(client, fresh_email(), WRONG)  # fills the caches
        with watched(app) as work:
            page.log_in(client, email, WRONG)
        return work

    before = database.count(database_url, "audit_logs")
    unknown = work_of("nobody-s-client", fresh_email())
    assert database.count(database_url, "audit_logs") == before
    known = work_of(tenant.slug, tenant.sign_up().email)
    assert unknown.hashes == known.hashes == [4]
    assert len(known.statements) - len(unknown.statements) in (0, 1)  # the audit row


def test_RL_01_at_an_unknown_client_the_tries_run_out_as_at_a_known_one(page: Page, tenant: Tenant) -> None:
    for client in (tenant.slug, f"nobody-{tenant.slug}"):
        email = fresh_email()
        answers = [page.log_in(client, email, WRONG) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [423]
        assert int(answers[-1].headers["retry-after"]) >= 1


def test_RL_07_logins_are_counted_by_address_whichever_client_they_name(stranger: Page, tenant: Tenant) -> None:
    with settings.changed(login_limit="4 per minute"):
        answers = [
            stranger.log_in(client, fresh_email(), WRONG) for client in (tenant.slug, "nobody", "no-one") for _ in "ab"
        ]
    assert [answer.status_code for answer in answers] == [401] * 4 + [429] * 2
    assert answers[-1].json()["code"] == "rate_limited"


def test_TEN_02_a_suspended_client_is_told_of_after_the_right_password_only(
    page: Page, tenant: Tenant, operator: Operator
) -> None:
    person, unused = tenant.sign_up(), tenant.sign_up()
    page.enter(tenant, person)
    answer = operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"status": "suspended"})
    assert answer.status_code == 200
    assert told(page.show()) == (403, "client_suspended")
    assert told(page.refresh()) == (403, "client_suspended")
    assert told(page.log_in(tenant.slug, person.email, WRONG)) == (401, "invalid_credentials")
    assert told(page.log_in(tenant.slug, unused.email, unused.password)) == (403, "client_suspended")
    operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"status": "active"})
    row = tenant.audit(action="login", user_id=unused.user_id)[0]
    assert (row["status"], row["detail"]) == ("failed", {"reason": "client_suspended", "via": "console"})
    assert page.enter(tenant, person)["user"]["email"] == person.email


def test_an_erased_client_is_as_unknown_as_one_that_never_was(page: Page, tenant: Tenant) -> None:
    person = tenant.sign_up()
    page.enter(tenant, person)
    confirm = {"confirm": tenant.slug}
    gone = tenant.api.delete(f"/api/v1/clients/{tenant.client_id}", params=confirm, headers=bearer(tenant.access_key))
    assert gone.status_code in (200, 202)
    assert told(page.refresh()) == (401, "token_revoked")
    assert page.cookies == {}
    assert seen(page.log_in(tenant.slug, person.email, person.password)) == seen(
        page.log_in("nobody-s-client", person.email, person.password)
    )


def test_what_keeps_a_user_out_is_told_after_the_right_password_only(page: Page, tenant: Tenant) -> None:
    disabled, unproved = tenant.sign_up(), tenant.sign_up()
    tenant.call("PATCH", f"/users/{disabled.user_id}", json={"status": "disabled"})
    set_up(tenant, email_verification="required")
    for person, code in ((disabled, "account_disabled"), (unproved, "email_not_verified")):
        assert told(page.log_in(tenant.slug, person.email, WRONG)) == (401, "invalid_credentials")
        assert told(page.log_in(tenant.slug, person.email, person.password)) == (403, code)
    assert page.cookies == {}


def test_a_forgotten_password_is_mailed_to_and_the_answer_is_the_same_for_everybody(
    app: Flask, page: Page, tenant: Tenant, operator: Operator, database_url: str
) -> None:
    def forget(client: str, email: str) -> httpx.Response:
        return page.call("POST", f"{PLACE}/password/forgot", json={"client": client, "email": email})

    person = tenant.sign_up()
    rows = database.count(database_url, "audit_logs")
    nowhere = [forget(client, person.email) for client in ("nobody-s-client", "no slug at all")]
    assert database.count(database_url, "audit_logs") == rows
    assert mails_to(app, person.email) == []
    known = [forget(tenant.slug, person.email), forget(tenant.client_id, fresh_email())]
    assert {(answer.status_code, answer.content, *answer.cookies) for answer in (*nowhere, *known)} == {(202, b"")}
    code = newest(app, person.email, "reset-password")
    assert redeem(tenant, "reset-password", code).status_code == 204


def test_another_mail_that_confirms_an_address_is_sent_to_who_waits_for_it_and_the_answer_is_the_same_for_everybody(
    app: Flask, page: Page, tenant: Tenant, database_url: str
) -> None:
    def ask(client: str, email: str) -> httpx.Response:
        return page.call("POST", f"{PLACE}/email/resend", json={"client": client, "email": email})

    person = tenant.sign_up()
    rows = database.count(database_url, "audit_logs")
    nowhere = [ask(client, person.email) for client in ("nobody-s-client", "no slug at all")]
    assert database.count(database_url, "audit_logs") == rows
    assert mails_to(app, person.email) == []
    known = [ask(tenant.slug, person.email), ask(tenant.client_id, fresh_email())]
    assert {(answer.status_code, answer.content, *answer.cookies) for answer in (*nowhere, *known)} == {(202, b"")}
    code = newest(app, person.email, "verify-email")
    assert redeem(tenant, "verify-email", code).status_code == 204
    assert person.call("GET", "/me").json()["email_verified"] is True
    ask(tenant.slug, person.email)
    assert len(mails_to(app, person.email)) == 1, "who is confirmed gets no more"
    (row,) = tenant.audit(action="email.resend", user_id=person.user_id, limit="1")
    assert row["detail"]["reason"] == "email_verified"
    assert row["detail"]["via"] == "console"
