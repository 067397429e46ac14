"""Passkeys, and second factors that a client demands, as people meet them; the app's own story is in test_stories."""

import re

from playwright.sync_api import Page, Route, expect

from tests.console.running import fill_in_login, log_out
from tests.console.test_accounts import OWN_PAGE, heading, open_account, type_code
from tests.factories import Tenant
from tests.mfa.enrolling import Pocket, with_policy
from tests.mfa.test_passkeys import Device


def store_codes(page: Page, button: str) -> list[str]:
    """Take the recovery codes down, say that they are stored and go on."""
    box = page.get_by_label("I have stored these codes")
    expect(box).to_be_visible()
    codes = page.get_by_role("listitem").filter(has_text=re.compile(r"^\w{6}-\w{6}-")).all_inner_texts()
    box.check()
    page.get_by_role("button", name=button, exact=True).click()
    return codes


def lose_no_codes(page: Page) -> None:
    """Go back in the browser with the recovery codes in sight, and think better of it."""
    expect(page.get_by_label("I have stored these codes")).to_be_visible()
    page.evaluate("history.back()")
    page.get_by_role("dialog", name="Leave without the secret?").get_by_role("button", name="Stay on this page").click()
    expect(page).to_have_url(OWN_PAGE)


def disabled_during(page: Page, path: str, button: str) -> list[str]:
    """Watch the next call of a path; return a list that gets the button's name if it takes no press meanwhile."""
    found: list[str] = []

    def look(route: Route) -> None:
        expect(page.get_by_role("button", name=button, exact=True)).to_be_disabled()
        found.append(button)
        route.continue_()

    page.route(f"**{path}", look, times=1)
    return found


def test_a_passkey_is_added_named_and_logs_in_alone(page: Page, tenant: Tenant) -> None:
    person, device = tenant.sign_up(), Device(page)
    open_account(page, person)
    page.get_by_role("link", name="API keys").click()
    expect(heading(page, "API keys")).to_be_visible()
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("button", name="Add a passkey").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("Name of the passkey").fill("Laptop")
    asked.get_by_role("button", name="Add a passkey").click()
    lose_no_codes(page)
    store_codes(page, "Go on")
    page.get_by_role("button", name="Rename: Laptop").click()
    page.get_by_label("Name of the passkey").fill("Old laptop")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Old laptop")).to_be_visible()
    page.get_by_role("button", name="Add a passkey").click()
    asked.get_by_role("button", name="Add a passkey").click()
    expect(asked.get_by_role("alert")).to_contain_text("holds a passkey for your account already")
    asked.get_by_role("button", name="Close").click()

    log_out(page)
    page.get_by_label("Client", exact=True).fill(tenant.slug)
    device.set_verified(False)
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was done")
    device.set_verified(True)
    meanwhile = disabled_during(page, "/console/session/passkey/options", "Log in")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()

    log_out(page)
    meanwhile_too = disabled_during(page, "/console/session", "Log in with a passkey")
    fill_in_login(page, tenant.slug, person.email)
    expect(heading(page, "Confirm that it is you")).to_be_visible()
    assert meanwhile + meanwhile_too == ["Log in", "Log in with a passkey"], "one way at a time"
    page.get_by_role("button", name="Use a passkey", exact=True).click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.goto("/console/account")
    page.get_by_role("button", name="Remove: Old laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("You log in with your password alone")).to_be_visible()


def test_where_a_second_factor_is_demanded_the_login_sets_one_up_first(page: Page, tenant: Tenant) -> None:
    people = [tenant.sign_up(), tenant.sign_up()]
    open_account(page, people[0])
    with_policy(tenant, "required")
    page.get_by_role("link", name="API keys").click()
    expect(page.get_by_text("Your client now asks for a second factor")).to_be_visible()
    fill_in_login(page, tenant.slug, people[0].email)
    expect(heading(page, "Set up a second factor")).to_be_visible()
    page.get_by_role("button", name=re.compile("^With an authenticator app")).click()
    page.get_by_text("You cannot scan it?").click()
    pocket = Pocket(page.get_by_role("code").inner_text())
    type_code(page, "Code that the app shows now", pocket.code(), "Turn it on")
    store_codes(page, "Go on to the login")
    type_code(page, "Code of your authenticator app", pocket.code(), "Go on")
    log_out(page)

    Device(page)
    fill_in_login(page, tenant.slug, people[1].email)
    expect(heading(page, "Set up a second factor")).to_be_visible()
    page.get_by_role("button", name=re.compile("^With a passkey")).click()
    page.get_by_role("button", name="Add a passkey", exact=True).click()
    store_codes(page, "Go on to the login")
    expect(heading(page, "Confirm that it is you")).to_be_visible()
    page.get_by_role("button", name="Use a passkey", exact=True).click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
