"""How long a session lasts on a page: proven anew, ended elsewhere, another person's in another tab, out of reach."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests import database
from tests.console.conftest import Console, log_in
from tests.console.running import drawn, fill_in_login
from tests.console.test_accounts import WRONG, heading, open_account, type_code
from tests.console.watching import Watch
from tests.factories import PASSWORD, Tenant, fresh_email
from tests.mfa.enrolling import enrol


def grow_stale(console: Console, session: dict[str, Any]) -> None:
    """Let the proof of a session be too old for what wants a fresh one."""
    database.change(
        console.environment["DATABASE_URL"],
        f"UPDATE sessions SET authenticated_at = '2020-01-01 00:00:00+00' WHERE session_id = '{session['session_id']}'",
    )


def test_a_session_that_was_ended_elsewhere_leads_to_the_login_which_says_so(page: Page, tenant: Tenant) -> None:
    person = tenant.sign_up()
    open_account(page, person)
    assert person.call("POST", "/logout", json={"everywhere": True}).status_code == 204
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/console/login\?client={tenant.slug}&next=%2Faccount$"))


def test_a_session_that_ends_takes_no_secret_away_that_is_shown_this_once(page: Page, tenant: Tenant) -> None:
    person = tenant.make("user")
    made = person.call("POST", "/keys", json={"name": "My laptop"}).json()
    log_in(page, person)
    page.goto(f"/console/keys/{made['key_id']}")
    page.get_by_role("button", name="Rotate", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Make the new key").click()
    shown = page.get_by_role("group", name="The new key")
    secret = shown.locator("code").first.inner_text()
    drawn(page)
    assert person.call("POST", "/logout", json={"everywhere": True}).status_code == 204
    page.evaluate("dispatchEvent(new Event('visibilitychange'))")  # as one who comes back to the tab
    page.get_by_role("button", name="Revoke", exact=True).click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("Type My laptop to confirm").fill("My laptop")
    asked.get_by_role("button", name="Revoke the key").click()
    expect(shown.get_by_role("alert", include_hidden=True)).to_contain_text("Your session has ended. This page stays")
    asked.get_by_role("button", name="Cancel").click()
    expect(shown.locator("code").first).to_have_text(secret)
    shown.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_text("Your session has ended. Log in to go on where you were.")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/console/login\?client={tenant.slug}&next=%2Fkeys%2F{made['key_id']}$"))
    assert page.evaluate("navigator.clipboard.readText()") == secret


def test_a_tab_of_one_person_does_nothing_for_another_who_has_logged_in_since(
    page: Page, watch: Watch, tenant: Tenant
) -> None:
    ada, ben = tenant.sign_up(), tenant.sign_up()
    open_account(page, ada)
    page.get_by_label("Full name").fill("Ada Lovelace")
    other = watch.page()
    open_account(other, ben)
    page.get_by_role("button", name="Save").click()
    expect(heading(page, "Somebody else has logged in")).to_be_visible()
    assert [one.call("GET", "/me").json()["full_name"] for one in (ada, ben)] == [None, None]
    page.get_by_role("button", name=f"Go on as {ben.email}").click()
    expect(page.get_by_role("link", name="Your account")).to_be_visible()

    log_in(other, ben)  # another session of the same person, as after a fresh proof there
    page.get_by_role("link", name="Your account").click()
    expect(heading(page, "Your account")).to_be_visible()
    drawn(page)  # what it asks for by itself would meet the end of the session first
    page.get_by_label("Full name").fill("Ben")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    other.goto("/console/account")
    other.get_by_role("button", name="Log out").click()
    expect(heading(other, "Log in")).to_be_visible()
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your session has ended")).to_be_visible()

    open_account(page, ada)
    open_account(other, ben)
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_role("button", name="Save").click()
    expect(heading(page, "Somebody else has logged in")).to_be_visible()
    for tab in (page, other):  # the session of both; the second one finds it ended
        tab.get_by_role("button", name="Log out").click()
        expect(heading(tab, "Log in")).to_be_visible()
        expect(tab).to_have_url(re.compile(rf"/console/login\?client={tenant.slug}$"))
        expect(tab.get_by_text("has ended")).to_have_count(0)


def test_what_wants_a_fresh_proof_asks_for_it_once_and_then_goes_on(
    page: Page, console: Console, tenant: Tenant
) -> None:
    person = tenant.sign_up()
    pocket = enrol(person)
    fill_in_login(page, tenant.slug, person.email)
    type_code(page, "Code of your authenticator app", pocket.code(), "Go on")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    session = page.request.get("/api/v1/console/session").json()
    page.goto("/console/account")
    page.get_by_role("button", name="Send a mail to confirm it").click()
    expect(page.get_by_role("status").filter(has_text=person.email)).to_contain_text("Look into your mailbox")
    assert console.mails_to(person.email)[-1].page == "verify-email"
    grow_stale(console, session)
    address = fresh_email()
    page.get_by_label("New e-mail address").fill(address)
    page.get_by_role("button", name="Send the link").click()
    proof = page.get_by_role("dialog", name="Is it still you?")
    proof.get_by_role("button", name="Cancel").click()
    expect(proof).to_have_count(0)
    expect(page.get_by_label("New e-mail address")).to_have_value(address)
    expect(page.get_by_role("alert")).to_contain_text("last five minutes")

    page.get_by_role("button", name="Send the link").click()
    proof.get_by_label("Password", exact=True).fill(WRONG)
    proof.get_by_role("button", name="Use a recovery code").click()
    type_code(page, "Recovery code", pocket.recovery_codes[0], "Confirm")
    expect(proof.get_by_role("alert")).to_contain_text("wrong")
    proof.get_by_label("Password", exact=True).fill(PASSWORD)
    proof.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text(f"A mail is on its way to {address}")).to_be_visible()
    assert [mail.page for mail in console.mails_to(address)] == ["change-email"]
    after = page.request.get("/api/v1/console/session").json()
    assert after["session_id"] != session["session_id"]


def test_a_service_that_does_not_answer_is_no_end_of_the_session(page: Page, watch: Watch, tenant: Tenant) -> None:
    open_account(page, tenant.sign_up())
    watch.expect("ERR_CONNECTION_RESET")
    page.route("**/api/v1/console/session", lambda route: route.abort("connectionreset"), times=1)
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("The service did not answer")
    page.get_by_role("button", name="Try again").click()
    expect(heading(page, "Your account")).to_be_visible()

    refused = {"code": "rate_limited", "detail": "session_per_minute (120) is used up; the next call passes in 48 s."}
    page.route(
        "**/api/v1/console/session",
        lambda route: route.fulfill(status=429, json=refused, headers={"Retry-After": "47"}),
        times=1,
    )
    page.reload()
    expect(heading(page, "The console could not be opened")).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Rowlock")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Too many calls in a short time")
    expect(page.get_by_role("alert")).not_to_contain_text("48 s")
    page.get_by_role("button", name="Try again").click()
    expect(heading(page, "Your account")).to_be_visible()
