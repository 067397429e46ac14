"""The settings of one's own client, as its admins read and change them: in a real Chromium, at the real service."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from app.mail.models import KINDS
from app.mail.texts import WORDINGS
from tests.console.conftest import Console, log_in
from tests.factories import Tenant, bearer, fresh_email

SAMPLE = {
    "email": "ada@example.com",
    "full_name": "Ada Lovelace",
    "change": "An authenticator app was set up",
    "moment": "22 November 2026, 10:30 UTC",
}
"""The values that the preview of a mail is shown with."""


@pytest.fixture
def settings(page: Page, tenant: Tenant) -> Page:
    """The page of the settings, opened by a client's admin."""
    log_in(page, tenant)
    page.goto("/console/settings")
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    expect(group(page, "Names and contact")).to_be_visible()
    return page


def group(page: Page, name: str) -> Locator:
    """Return a group of settings."""
    return page.get_by_role("region", name=name)


def begin(page: Page, name: str) -> Locator:
    """Begin to change a group; return it."""
    page.get_by_role("button", name=f"Change: {name}").click()
    return group(page, name)


def stored(tenant: Tenant) -> dict[str, Any]:
    """Return the client as the service has it."""
    answer = tenant.api.get(f"/api/v1/clients/{tenant.client_id}", headers=bearer(tenant.access_key))
    told: dict[str, Any] = answer.json()
    return told


def own(tenant: Tenant) -> dict[str, Any]:
    """Return the settings that are the client's own."""
    levels = stored(tenant)["settings"]
    return {name: level["value"] for name, level in levels.items() if level["source"] == "client"}


def test_each_setting_tells_its_value_and_origin_a_change_sends_nothing_else_and_a_colour_is_shown(
    settings: Page, tenant: Tenant
) -> None:
    issuer = f"{str(tenant.api.base_url).rstrip('/')}{tenant.path}"
    for address in (issuer, f"{issuer}/.well-known/jwks.json"):
        expect(settings.get_by_role("definition").get_by_text(address, exact=True)).to_be_visible()
    assert tenant.api.get(f"{issuer}/.well-known/jwks.json").json()["keys"]

    factors = begin(settings, "Second factors and passkeys")
    needed = factors.get_by_label("Who needs a second factor")
    needed.select_option("Required for everybody")
    expect(factors.get_by_text("You have no second factor of your own")).to_be_visible()
    needed.select_option("Off: nobody can set one up")
    expect(factors.get_by_text("You have no second factor of your own")).to_have_count(0)
    factors.get_by_role("button", name="Cancel").click()

    sessions = group(settings, "Sessions and tokens")
    expect(sessions).to_contain_text("30 minutes")
    expect(sessions.get_by_text("Default", exact=True)).to_have_count(3)
    begin(settings, "Sessions and tokens")
    expect(sessions.get_by_label("Life of an access token", exact=True)).to_be_focused()
    sessions.get_by_label("Longest pause", exact=True).fill("90")
    sessions.get_by_label("Unit: Longest pause").select_option("minutes")
    expect(sessions).to_contain_text("When a change takes effect: At the next refresh.")
    sessions.get_by_role("button", name="Save 1 change").click()
    expect(sessions).to_contain_text("1 hour 30 minutes")
    expect(sessions.get_by_text("Your own", exact=True)).to_be_visible()
    expect(settings.get_by_role("button", name="Change: Sessions and tokens")).to_be_focused()
    assert own(tenant) == {"session_idle_ttl": 5400}

    begin(settings, "Sessions and tokens")
    sessions.get_by_role("button", name="Use the default: Longest pause").click()
    sessions.get_by_role("button", name="Save 1 change").click()
    expect(settings.get_by_role("button", name="Change: Sessions and tokens")).to_be_focused()
    expect(sessions).to_contain_text("7 days")
    assert own(tenant) == {}

    look = begin(settings, "Sender and colour")
    look.get_by_role("textbox", name="Colour (optional)").fill("#ffd54a")
    preview = look.get_by_role("figure")
    expect(preview).to_contain_text("Text on it is black: contrast 14.9 to 1.")
    expect(preview).to_contain_text("Hard to see")
    look.get_by_role("button", name="Save 1 change").click()
    expect(look.get_by_text("#ffd54a")).to_be_visible()
    assert own(tenant) == {"brand_color": "#ffd54a"}


def test_what_is_wrong_stands_at_its_field_in_the_words_of_the_page(settings: Page, tenant: Tenant) -> None:
    pages = begin(settings, "Pages and origins")
    origins = pages.get_by_label("Pages that may call with your users’ tokens")
    origins.fill("https://app.example.com\n\nnot an origin\n")
    pages.get_by_role("button", name="Save 1 change").click()
    expect(pages.get_by_text("Line 2: ")).to_be_visible()
    expect(origins).to_be_focused()
    origins.fill("https://app.example.com\nhttp://localhost:3000")
    pages.get_by_role("button", name="Save 1 change").click()
    expect(pages.get_by_role("listitem")).to_have_text(["https://app.example.com", "http://localhost:3000"])

    sessions = begin(settings, "Sessions and tokens")
    sessions.get_by_label("Longest session", exact=True).fill("5")
    sessions.get_by_label("Longest pause", exact=True).fill("6")
    sessions.get_by_role("button", name="Save 2 changes").click()
    expect(sessions.get_by_text("At most “Longest session”, which is 5 days.")).to_be_visible()
    expect(sessions.get_by_label("Longest pause", exact=True)).to_be_focused()

    fields = begin(settings, "Custom fields")
    schema = fields.get_by_label("Schema of custom fields")
    schema.fill('{"type": ')
    fields.get_by_role("button", name="Save 1 change").click()
    expect(fields.get_by_text("This is not JSON")).to_be_visible()
    schema.fill("")
    fields.get_by_role("button", name="Begin with an example").click()
    fields.get_by_role("button", name="Save 1 change").click()
    expect(fields.get_by_text("3 fields: department, employee_number, newsletter")).to_be_visible()
    assert own(tenant).keys() == {"allowed_origins", "custom_fields_schema"}


def test_who_leaves_with_unsaved_changes_is_asked_first(settings: Page, tenant: Tenant) -> None:
    names = begin(settings, "Names and contact")
    names.get_by_label("Name", exact=True).fill("Quite another name")
    settings.get_by_role("link", name="Your account").click()
    asked = settings.get_by_role("dialog", name="Leave without saving?")
    asked.get_by_role("button", name="Stay on this page").click()
    expect(names.get_by_label("Name", exact=True)).to_have_value("Quite another name")
    settings.get_by_role("link", name="Your account").click()
    asked.get_by_role("button", name="Leave without saving").click()
    expect(settings.get_by_role("heading", name="Your account", level=1)).to_be_visible()
    assert stored(tenant)["client_name"] == tenant.name
    settings.get_by_role("link", name="Settings").click()
    names = begin(settings, "Names and contact")
    names.get_by_label("Name", exact=True).fill("Quite another name")
    names.get_by_role("button", name="Save 1 change").click()
    expect(settings.get_by_role("banner")).to_contain_text("Quite another name")
    settings.get_by_role("link", name="Your account").click()
    expect(settings.get_by_role("heading", name="Your account", level=1)).to_be_visible()


def test_the_preview_shows_the_words_that_mails_have_and_ones_own_stand_in_the_next_mail(
    settings: Page, console: Console, tenant: Tenant
) -> None:
    values = {**SAMPLE, "client_name": tenant.name}
    mails = group(settings, "Mail texts")
    for kind in range(len(KINDS)):
        wording = WORDINGS[KINDS[kind]]
        mails.get_by_role("listitem").nth(kind).get_by_role("button").click()
        preview = mails.get_by_role("figure")
        expect(preview).to_contain_text(wording.subject.format(**values))
        for paragraph in wording.text.format(**values).split("\n\n"):
            expect(preview).to_contain_text(paragraph)
        expect(preview).to_contain_text(wording.closing.format(**values))
        if "link" in wording.closing:
            expect(preview).to_contain_text(wording.button.format(**values))
        mails.get_by_role("button", name="Cancel").click()

    settings.get_by_role("button", name="Change the words: Invitation").click()
    mails.get_by_label("Subject").fill("Join {client_name}")
    mails.get_by_label("Text").fill("Hello {full_name},\n\nwe look forward to you, {nobody}.")
    mails.get_by_role("button", name="Save").click()
    expect(mails.get_by_text("Placeholders are {client_name}")).to_be_visible()
    mails.get_by_label("Text").fill("Hello {full_name},\n\nwe look forward to you.")
    expect(mails.get_by_role("figure")).to_contain_text("Hello Ada Lovelace,")
    mails.get_by_role("button", name="Save").click()
    expect(mails.get_by_role("listitem").filter(has_text="Invitation")).to_contain_text("Your own")
    address = fresh_email()
    assert tenant.call("POST", "/users", json={"email": address, "full_name": "Grace"}).status_code == 201
    (mail,) = console.mails_to(address)
    assert mail.subject == f"Join {tenant.name}"
    assert "Hello Grace,\n\nwe look forward to you." in mail.text

    settings.get_by_role("button", name="Change the words: Invitation").click()
    mails.get_by_role("button", name="Back to the built-in words").click()
    settings.get_by_role("dialog").get_by_role("button", name="Back to the built-in words").click()
    expect(mails.get_by_role("listitem").filter(has_text="Invitation")).to_contain_text("Built in")
    assert own(tenant) == {}


def test_who_is_no_admin_is_told_whom_to_ask(page: Page, tenant: Tenant) -> None:
    log_in(page, tenant.sign_up())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/console/settings")
    expect(page.get_by_role("heading", name="Your role does not allow this page")).to_be_visible()
    assert not [url for url in asked if "/api/v1/clients/" in url]
