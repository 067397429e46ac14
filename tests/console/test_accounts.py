"""The login and one's own account, as people use them: in a real Chromium, at the real service."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests import database
from tests.console.conftest import Console, log_in
from tests.console.running import drawn, fill_in_login, log_out
from tests.factories import PASSWORD, Person, Tenant, fresh_email
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
    told = page.get_by_role("alert").filter(has_text="The client, the e-mail address or the password is wrong.")
    expect(page.locator(":focus").filter(has=told)).to_be_visible()
    page.get_by_label("Password", exact=True).fill(WRONG)
    with page.expect_response("**/api/v1/console/session"):
        page.keyboard.press("Enter")
    expect(told).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(OWN_PAGE)
    log_out(page)
    expect(page).to_have_url(re.compile(rf"/console/login\?client={tenant.slug}$"))
    expect(page.get_by_label("Client", exact=True)).to_have_value(tenant.slug)
    expect(page.get_by_label("E-mail address")).to_be_focused()


def test_a_login_leads_to_no_other_site(page: Page, console: Console, tenant: Tenant) -> None:
    log_in(page, tenant)
    for wanted in ("//evil.example/", "/%09/evil.example"):
        page.goto(f"/console/login?client={tenant.slug}&next={wanted}")
        expect(page).to_have_url(f"{console.base_url}/console/overview")


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
    expect(sessions).to_contain_text(re.compile("This session.*in use now"))
    assert person.call("GET", "/me").status_code == 401

    page.get_by_label("Current password").fill(WRONG)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert")).to_contain_text("The password is wrong.")
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
