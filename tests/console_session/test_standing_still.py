"""The console at a client that is suspended, or being erased: nothing is spent, and each attempt has its row."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from tests import database
from tests.console_session.browsing import PLACE, REFRESH, SESSION, Page, told
from tests.factories import Operator, Tenant
from tests.mfa import ceremonies
from tests.mfa.enrolling import enrol

SUSPENDED = (403, "client_suspended")


@pytest.fixture
def page(app: Flask) -> Page:
    """A browser without cookies."""
    return Page(app)


@contextmanager
def suspended(operator: Operator, tenant: Tenant) -> Iterator[None]:
    """Let a client be suspended for a while."""
    for status in ("suspended", "active"):
        answer = operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"status": status})
        assert answer.status_code == 200, answer.text
        if status == "suspended":
            yield


def test_LOG_03_a_refresh_at_a_suspended_client_has_one_row_and_spends_nothing(
    page: Page, tenant: Tenant, operator: Operator
) -> None:
    person = tenant.sign_up()
    session = page.enter(tenant, person)
    with suspended(operator, tenant):
        assert told(page.refresh()) == SUSPENDED
        assert page.cookies.keys() >= {SESSION, REFRESH}
    (row,) = tenant.audit(action="session.refresh", user_id=person.user_id)
    detail = {"session_id": session["session_id"], "reason": "client_suspended", "via": "console"}
    assert (row["status"], row["detail"]) == ("failed", detail)
    assert page.refresh().status_code == 200


def test_TEN_02_a_second_step_at_a_suspended_client_is_no_login_and_spends_no_code(
    page: Page, tenant: Tenant, operator: Operator
) -> None:
    person = tenant.sign_up()
    code = enrol(person).recovery_codes[0]
    page.begin(tenant, person)
    before = tenant.call("GET", f"/users/{person.user_id}").json()["last_login_at"]
    with suspended(operator, tenant):
        assert told(page.second_step(code)) == SUSPENDED
    assert tenant.call("GET", f"/users/{person.user_id}").json()["last_login_at"] == before
    assert tenant.audit(action="login", user_id=person.user_id)[0]["detail"]["reason"] == "client_suspended"
    assert page.second_step(code).status_code == 200


def test_TEN_02_a_passkey_at_a_suspended_client_is_no_login(page: Page, tenant: Tenant, operator: Operator) -> None:
    person = tenant.sign_up()
    held = ceremonies.enrol(person)
    before = tenant.call("GET", f"/users/{person.user_id}").json()["last_login_at"]
    options = page.call("POST", f"{PLACE}/session/passkey/options", json={"client": tenant.slug})
    body = {"client": tenant.slug, "credential": held.get(options.json())}
    with suspended(operator, tenant):
        assert told(page.call("POST", f"{PLACE}/session/passkey", json=body)) == SUSPENDED
    assert tenant.call("GET", f"/users/{person.user_id}").json()["last_login_at"] == before


def test_logging_out_writes_nothing_to_a_client_that_is_being_erased(
    app: Flask, tenant: Tenant, database_url: str
) -> None:
    key = database.uuid_text(database_url, tenant.client_id)
    of_client = {"where": "client_id = :c", "c": key}
    live = {"where": "client_id = :c AND revoked_at IS NULL", "c": key}
    person = tenant.sign_up()
    pages = [Page(app), Page(app)]
    for one in pages:
        one.enter(tenant, person)
    pages[1].browser.cookies.delete(SESSION)
    before = [database.count(database_url, "audit_logs", **of_client), database.count(database_url, "sessions", **live)]
    database.change(database_url, f"UPDATE clients SET status = 'erasing' WHERE client_id = '{key}'")
    try:
        for one in pages:
            assert one.leave().status_code == 204
            assert one.cookies == {}
        after = [database.count(database_url, "audit_logs", **of_client)]
        assert [*after, database.count(database_url, "sessions", **live)] == before
    finally:
        database.change(database_url, f"UPDATE clients SET status = 'active' WHERE client_id = '{key}'")
