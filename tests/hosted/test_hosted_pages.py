"""The pages behind the links in mails, as people use them: in Chromium, from a real mail, with keyboard and phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from app.core import colors
from app.hosted.service import PAGES
from app.web import console_build
from tests.factories import PASSWORD, Operator, Tenant, fresh_email, register
from tests.mails import ReceivedMail, mails_to
from tests.recovery.asking import forget, invite, redeem, set_up
from tests.servers import RunningServer
from tests.support.browser import chromium

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
NAME = "Bäckerei Sønnenblüm & <b>Partners</b> Ltd"
NEW_PASSWORD = "four quiet green lamps"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for all tests of this file."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def shop(live: httpx.Client) -> Tenant:
    """A client of the real server, with a colour of its own."""
    tenant = register(live, client_name=NAME)
    settings = {"brand_color": "#c2410c", "email_verification": "optional"}
    assert tenant.api.patch(
        f"/api/v1/clients/{tenant.client_id}",
        json={"settings": settings},
        headers={"Authorization": f"Bearer {tenant.access_key}"},
    ).is_success
    return tenant


class Visit:
    """A tab that watches what the page asks for and complains of."""

    def __init__(self, browser: Browser, viewport: Any = DESKTOP, scheme: Any = "light") -> None:
        self.context = browser.new_context(viewport=viewport, color_scheme=scheme)
        self.page: Page = self.context.new_page()
        self.addresses: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, server: RunningServer, link: str) -> Page:
        """Open a mail's link on the server of the test, whose port is not the one of PUBLIC_URL."""
        self.page.goto(link.replace("http://localhost:8000", server.base_url))
        return self.page


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A tab of a desktop."""
    made = Visit(browser)
    yield made
    made.context.close()


def newest(app: Flask, address: str, page: str) -> ReceivedMail:
    """Return the newest mail of an address whose link leads to a page."""
    return [mail for mail in mails_to(app, address) if mail.page == page][-1]


def status_of_login(shop: Tenant, email: str, password: str) -> int:
    return shop.call("POST", "/login", json={"email": email, "password": password}).status_code


def test_REC_08_a_mails_link_confirms_the_address_by_a_click_and_not_before(
    app: Flask, server: RunningServer, shop: Tenant, visit: Visit
) -> None:
    person = shop.sign_up()
    mail = newest(app, person.email, "verify-email")
    page = visit.open(server, mail.link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your e-mail address")
    assert NAME in page.inner_text("main")
    assert "token" not in page.url
    assert person.call("GET", "/me").json()["email_verified"] is False
    page.get_by_role("button", name="Confirm my address").click()
    expect(page.get_by_role("status")).to_contain_text("Your address is confirmed.")
    assert person.call("GET", "/me").json()["email_verified"] is True
    assert not any(mail.code in address for address in visit.addresses)
    assert {httpx.URL(address).netloc for address in visit.addresses} == {httpx.URL(server.base_url).netloc}
    again = visit.open(server, mail.link)
    again.reload()
    visit.open(server, mail.link)
    page.get_by_role("button", name="Confirm my address").click()
    expect(page.locator("#problem")).to_contain_text("used already")


def test_a_new_password_is_chosen_with_the_keyboard_alone(
    app: Flask, server: RunningServer, shop: Tenant, visit: Visit
) -> None:
    person = shop.sign_up()
    assert shop.call("POST", "/password/forgot", json={"email": person.email}).status_code == 202
    page = visit.open(server, newest(app, person.email, "reset-password").link)
    page.keyboard.press("Tab")
    page.keyboard.type("short")
    page.keyboard.press("Enter")
    expect(page.locator("#new_password-error")).to_have_text("Use at least 8 characters.")
    expect(page.get_by_label("New password")).to_be_focused()
    assert page.get_by_label("New password").get_attribute("aria-invalid") == "true"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.get_by_label("New password").get_attribute("type") == "text"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type(NEW_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your new password is saved.")
    expect(page.get_by_role("status")).to_be_focused()
    expect(page.get_by_text("go back to its app or website")).to_be_visible()
    expect(page.get_by_role("link")).to_have_count(0)  # the console is nothing to this person
    assert status_of_login(shop, person.email, NEW_PASSWORD) == 200
    assert status_of_login(shop, person.email, PASSWORD) == 401


def test_an_invited_person_joins_on_a_phone(app: Flask, server: RunningServer, shop: Tenant, browser: Browser) -> None:
    email = fresh_email()
    assert shop.call("POST", "/users", json={"email": email, "role": "admin"}).status_code == 201
    visit = Visit(browser, PHONE)
    page = visit.open(server, newest(app, email, "accept-invitation").link)
    page.get_by_label("Your name").fill("Ada <i>Lovelace</i>")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    onward = page.get_by_role("link", name="log in to its console")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert onward.count() == 0
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("status")).to_contain_text("Your account is ready.")
    expect(onward).to_have_attribute("href", f"http://localhost:8000/console/login?client={shop.slug}")
    expect(page.get_by_text(f"Its short name there is {shop.slug}.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Axe().run(page).violations_count == 0
    assert visit.complaints == []
    visit.context.close()
    person = shop.log_in(email, NEW_PASSWORD)
    assert person.call("GET", "/me").json()["full_name"] == "Ada <i>Lovelace</i>"
    assert len(person.call("GET", "/me/sessions").json()["items"]) == 1  # the page has ended the one that it got


# How a page looks is nothing that the database has a part in.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize(
    ("viewport", "scheme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")]
)
def test_every_page_fits_is_readable_and_asks_nobody_else(
    server: RunningServer, shop: Tenant, browser: Browser, viewport: dict[str, int], scheme: str
) -> None:
    visit = Visit(browser, viewport, scheme)
    links = [f"{server.base_url}/pages/{shop.client_id}/{name}#token=rlk_oc_none" for name in PAGES]
    links += [f"{server.base_url}/pages/{shop.client_id}/verify-email"]
    for link in links:
        visit.page.goto("about:blank")
        page = visit.open(server, link)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), link
        found = Axe().run(page)
        assert found.violations_count == 0, f"{link}: {found.generate_report()}"
        button = page.locator("#send")
        assert (
            not button.is_visible()
            or button.evaluate("it => getComputedStyle(it).backgroundColor") == "rgb(194, 65, 12)"
        )
    assert visit.complaints == []
    own = {address for address in visit.addresses if not address.startswith(("about:", "data:"))}
    assert {httpx.URL(address).netloc for address in own} == {httpx.URL(server.base_url).netloc}
    visit.context.close()


# Whom a page tells what is nothing that the database has a part in.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")
def test_who_helps_to_run_a_client_is_told_where_the_console_is_if_there_is_one_and_nobody_else_is(
    app: Flask, tenant: Tenant, operator: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def told(role: str) -> list[str | None]:
        """Accept an invitation, then choose another password; return what the answers lead to."""
        email = invite(tenant, role=role)
        codes = {"accept-invitation": newest(app, email, "accept-invitation").code}
        accepted = redeem(tenant, "accept-invitation", codes["accept-invitation"])
        forget(tenant, email)
        again = redeem(tenant, "reset-password", newest(app, email, "reset-password").code)
        assert (accepted.status_code, again.status_code) in [(200, 204), (401, 204)]
        spent = redeem(tenant, "accept-invitation", codes["accept-invitation"])
        assert (spent.status_code, spent.headers.get("Link")) == (400, None)
        return [answer.headers.get("Link") for answer in (accepted, again)]

    for role, scope in (("helper", "users:read"), ("reader", "news:read")):
        tenant.call("PUT", f"/roles/{role}", json={"permissions": [scope]}).raise_for_status()
    monkeypatch.setattr(console_build, "_FOLDER", tmp_path)
    assert told("admin") == [None, None]
    (tmp_path / "index.html").write_text("<h1>Here</h1>")
    link = f'<http://localhost:8000/console/login?client={tenant.slug}>; rel="related"'
    assert [told(role) for role in ("admin", "helper", "reader", "user")] == [[link, link]] * 2 + [[None, None]] * 2
    set_up(tenant, mfa_policy="required")
    assert [told(role) for role in ("admin", "user")] == [[link, link], [None, None]]
    text = tenant.api.get(f"/pages/{tenant.client_id}/reset-password").text
    assert "/console" not in text
    assert tenant.slug not in text
    assert f"To use {tenant.name}, go back to its app or website" in text
    of_operators = tenant.api.get(f"/pages/{operator.client_id}/reset-password").text
    assert "Log in to the console" in of_operators
    assert "app or website" not in of_operators


def test_a_page_of_no_client_or_no_name_says_that_the_link_leads_nowhere(shop: Tenant) -> None:
    for path in (
        "/pages/nobody/verify-email",
        f"/pages/{shop.client_id}/no-such-page",
        f"/pages/{shop.client_id}/brand",
    ):
        answer = shop.api.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        assert "This link leads nowhere" in answer.text


def test_ADM_06_the_pages_hold_a_strict_policy_and_no_inline_script_or_style(shop: Tenant) -> None:
    answer = shop.api.get(f"/pages/{shop.client_id}/reset-password")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "style=" not in answer.text
    assert "<b>" not in answer.text
    brand = shop.api.get(f"/pages/{shop.client_id}/brand.css")
    assert brand.text == ":root { --brand: #c2410c; --on-brand: #ffffff; }\n"


@given(st.integers(0, 0xFFFFFF))
def test_what_is_written_on_a_colour_can_be_read_whatever_the_colour(number: int) -> None:
    color = f"#{number:06x}"
    dark, light = sorted((colors.luminance(color), colors.luminance(colors.readable_on(color))))
    assert (light + 0.05) / (dark + 0.05) >= 4.5
