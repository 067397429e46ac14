"""How users are added in the console: the first one, by an invitation, with a password; and what a dialog holds."""

import re

from playwright.sync_api import Page, expect

from tests.console.running import Console
from tests.console.test_users import confirm, open_page
from tests.factories import PASSWORD, Tenant, fresh_email


def lose_what_was_typed_only_if_one_wants(page: Page) -> None:
    """Leave a dialog by the keyboard, with nothing changed in it and with something typed."""
    opener = page.get_by_role("button", name="Add a user")
    dialog = page.get_by_role("dialog", name="Add a user")
    asked = page.get_by_role("dialog", name="Discard what you typed?")
    email = dialog.get_by_label("E-mail")
    opener.click()
    expect(email).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(email).to_be_focused()
    page.keyboard.type("half an ad")
    page.mouse.click(5, 5)  # beside it
    expect(email).to_have_value("half an ad")
    email.press_sequentially("dr")
    page.keyboard.press("Escape")
    expect(asked).to_have_accessible_description("It is not saved, and is lost when this closes.")
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    expect(email).to_be_focused()
    page.keyboard.type("ess")
    expect(email).to_have_value("half an address")
    page.keyboard.press("Escape")
    asked.get_by_role("button", name="Go on typing").click()
    page.evaluate("history.back()")
    asked.get_by_role("button", name="Go on typing").click()
    expect(asked).to_have_count(0)
    expect(email).to_have_value("half an address")
    expect(page).to_have_url(re.compile(r"/console/users$"))
    dialog.get_by_role("button", name="Close").click()
    asked.get_by_role("button", name="Discard it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def go_back_over_a_dialog(page: Page) -> None:
    """Leave the users' page by Back, with a dialog open: one that holds nothing, and one whose words may go."""
    signup = page.get_by_role("heading", name="First steps", level=1)
    asked = page.get_by_role("dialog", name="Discard what you typed?")
    for typed in ("", "half an address"):
        page.get_by_role("link", name="Users", exact=True).click()
        page.get_by_role("button", name="Add a user").click()
        page.get_by_role("dialog").get_by_label("E-mail").fill(typed)
        page.evaluate("history.back()")
        if typed:
            asked.get_by_role("button", name="Discard it").click()
        expect(signup).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_first_user_is_explained_and_one_who_is_invited_gets_a_mail_and_another(
    page: Page, tenant: Tenant, console: Console
) -> None:
    email = fresh_email()
    open_page(page, tenant, "/users")
    expect(page.get_by_text("Nobody has signed up yet")).to_be_visible()
    page.get_by_role("link", name="First steps: sign up your first user").click()
    expect(page.get_by_text(f"/api/v1/{tenant.client_id}/signup")).to_be_visible()
    page.get_by_role("link", name="Users", exact=True).click()
    expect(page.get_by_text("Nobody has signed up yet")).to_be_visible()
    lose_what_was_typed_only_if_one_wants(page)
    page.go_back()
    go_back_over_a_dialog(page)
    page.get_by_role("link", name="Users", exact=True).click()
    page.get_by_role("button", name="Add a user").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text(f"{email} is invited.")).to_be_visible()
    assert len(console.mails_to(email)) == 1

    page.get_by_role("link", name=email).click()  # what was sent is asked about no more
    expect(page.get_by_role("heading", name=email, level=1)).to_be_visible()
    expect(page.get_by_text("Invited", exact=True)).to_be_visible()
    confirm(page, "Send the invitation again", send="Send the invitation")
    expect(page.get_by_text("A new invitation is on its way.")).to_be_visible()
    assert len(console.mails_to(email)) == 2


def test_a_user_is_added_with_a_password_and_an_address_is_taken_once(page: Page, tenant: Tenant) -> None:
    email = fresh_email()
    open_page(page, tenant, "/users")
    way_in = page.get_by_role("dialog", name=f"{email} is added.")
    for told in (way_in, page.get_by_role("alert")):
        page.get_by_role("button", name="Add a user").click()
        page.get_by_label("E-mail").fill(email)
        page.get_by_role("dialog").get_by_label("Role").select_option("admin")
        page.get_by_label("How this person gets in").select_option("By a password that you set")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("I know that this address belongs to this person").check()
        page.get_by_role("button", name="Add the user").click()
        expect(told).to_be_visible()
        if told is way_in:  # whoever is to run the client is told where
            expect(told).to_contain_text(f"/console/login?client={tenant.slug}")
            told.get_by_role("button", name="Copy").click()
            expect(told.get_by_role("button", name="Copied")).to_be_visible()
            told.get_by_role("button", name="Done").click()
    expect(page.get_by_role("alert")).to_contain_text("A user with this e-mail address exists.")
    tenant.log_in(email)
    (user,) = tenant.call("GET", "/users", params={"email": email}).json()["items"]
    assert (user["role"], user["email_verified"]) == ("admin", True)
