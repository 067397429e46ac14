"""The login and one's own account, as people use them: in a real Chromium, at the real service."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests import database
from tests.console.conftest import Console, log_in
from tests.console.running import drawn, fill_in_login, log_out
from tests.console.watching import Watch
from tests.factories import PASSWORD, Person, Tenant, fresh_email
from tests.mfa.enrolling import enrol
from tests.recovery.asking import set_up

NEW_PASSWORD = "seven quiet herons wading"
WRONG = "not the password at all"
OWN_PAGE = re.compile(r"/console/account$")


def heading(page: Page, name: str) -> Locator:
    """Return the heading that a page stands under."""
    return page.get_by_role("heading", name=name, level=1)


def open_account(page: Page, who: Tenant | Person) -> dict[str, Any]:
    """Log in without the form and open the whole page of one's own account; return the session."""
    session = log_in(page, who)
    page.goto("/console/account")
    expect(heading(page, "Your account")).to_be_visible()
    drawn(page)
    return session


def grow_stale(console: Console, session: dict[str, Any]) -> None:
    """Let the proof of a session be too old for what wants a fresh one."""
    database.change(
        console.environment["DATABASE_URL"],
        f"UPDATE sessions SET authenticated_at = '2020-01-01 00:00:00+00' WHERE session_id = '{session['session_id']}'",
    )


def type_code(page: Page, label: str, code: str, button: str) -> None:
    """Fill a code in and send it."""
    page.get_by_label(label, exact=True).fill(code)
    page.get_by_role("button", name=button, exact=True).click()


def test_a_wrong_password_is_told_and_the_right_one_leads_where_one_wanted_to_go(page: Page, tenant: Tenant) -> None:
    person = tenant.sign_up()
    page.goto("/console/account")
    expect(heading(page, "Log in")).to_be_visible()
    expect(page.get_by_label("Client", exact=True)).to_be_focused()
    page.get_by_label("Client", exact=True).fill(f" {tenant.slug.replace('-', ' ').title()} ")  # as a name is written
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(WRONG)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(OWN_PAGE)
    log_out(page)
    expect(page).to_have_url(re.compile(r"/console/login$"))


def test_a_login_leads_to_no_other_site(page: Page, console: Console, tenant: Tenant) -> None:
    log_in(page, tenant)
    for wanted in ("//evil.example/", "/%09/evil.example"):
        page.goto(f"/console/login?client={tenant.slug}&next={wanted}")
        expect(page).to_have_url(f"{console.base_url}/console/overview")


def test_a_session_that_was_ended_elsewhere_leads_to_the_login_which_says_so(page: Page, tenant: Tenant) -> None:
    person = tenant.sign_up()
    open_account(page, person)
    assert person.call("POST", "/logout", json={"everywhere": True}).status_code == 204
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/console/login\?next=%2Faccount$"))


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
        expect(tab).to_have_url(re.compile(r"/console/login$"))
        expect(tab.get_by_text("has ended")).to_have_count(0)


def test_who_guesses_passwords_is_told_how_long_to_wait_and_sees_it_run_down(
    page: Page, console: Console, tenant: Tenant
) -> None:
    email = tenant.sign_up().email
    for _ in range(5):
        tenant.call("POST", "/login", json={"email": email, "password": WRONG})
    later = (
        f"UPDATE login_throttles SET blocked_until_ms = blocked_until_ms + 99000 WHERE client_id = '{tenant.client_id}'"
    )
    database.change(console.environment["DATABASE_URL"], later)
    fill_in_login(page, tenant.slug, email, WRONG)
    shown = page.get_by_role("alert").locator("[aria-hidden=true]")
    expect(shown).to_contain_text("Try again in")
    before = shown.inner_text()
    expect(shown).not_to_have_text(before)


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
    page.get_by_role("button", name="Send the mail again").click()
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


def test_profile_password_and_sessions_are_in_ones_own_hands(page: Page, tenant: Tenant) -> None:
    person = tenant.sign_up()
    open_account(page, person)
    page.get_by_label("Full name").fill("Ada <b>Lovelace</b>")
    page.get_by_label("Username").fill("a")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 to 32 letters, digits, dots, dashes or underscores.")).to_have_count(2)
    expect(page.get_by_label("Username")).to_be_focused()
    page.get_by_label("Username").fill("ada")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Full name")).to_have_value("Ada <b>Lovelace</b>")

    sessions = page.get_by_role("region", name="Sessions").get_by_role("listitem")
    expect(sessions).to_have_count(2)
    page.get_by_role("button", name="End all others").click()
    page.get_by_role("dialog").get_by_role("button", name="End all others").click()
    expect(sessions).to_have_count(1)
    expect(sessions).to_contain_text("This session")
    assert person.call("GET", "/me").status_code == 401

    page.get_by_label("Current password").fill(WRONG)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    (failed,) = tenant.audit(action="password.change")
    assert failed["status"] == "failed"  # one press is one try
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    answer = tenant.call("POST", "/login", json={"email": person.email, "password": NEW_PASSWORD})
    assert answer.status_code == 200


def test_the_only_admin_cannot_delete_the_account_and_somebody_else_can(page: Page, tenant: Tenant) -> None:
    open_account(page, tenant)
    expect(page.get_by_text("You are the only admin of your client")).to_be_visible()
    expect(page.get_by_role("button", name="Delete my account")).to_have_count(0)
    person = tenant.sign_up()
    open_account(page, person)
    page.get_by_role("button", name="Delete my account").click()
    page.get_by_label(f"Type {person.email} to confirm").fill(person.email)
    page.get_by_role("dialog").get_by_role("button", name="Delete my account").click()
    expect(heading(page, "Log in")).to_be_visible()
    assert tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD}).status_code == 401


def test_a_forgotten_password_is_answered_alike_for_everybody_and_mailed_to_who_is_there(
    page: Page, console: Console, tenant: Tenant
) -> None:
    person = tenant.sign_up()
    for email in (person.email, fresh_email()):
        page.goto(f"/console/login?client={tenant.slug}")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_role("button", name="Forgotten your password?").click()
        page.get_by_role("button", name="Send the link").click()
        expect(heading(page, "Look into your mailbox")).to_be_visible()
        expect(page.get_by_text(f"If {email} has an account")).to_be_visible()
        mailed = [mail.page for mail in console.mails_to(email)]
        assert mailed[-1:] == (["reset-password"] if email == person.email else [])

    set_up(tenant, email_verification="required")
    fill_in_login(page, tenant.slug, person.email)
    expect(page.get_by_role("alert")).to_contain_text("Open the link in the mail")
    page.get_by_role("button", name="Send the mail again").click()
    expect(page.get_by_role("status").filter(has_text=person.email)).to_contain_text("Look into your mailbox")
    assert [mail.page for mail in console.mails_to(person.email)][-1] == "verify-email"
