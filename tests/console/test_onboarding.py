"""Registration and the first minutes: from nothing to a first user, on the page."""

import itertools
import re
import shlex
from dataclasses import replace

import httpx
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from tests.console.running import Console, log_in
from tests.console.watching import Watch
from tests.factories import Operator, Tenant, fresh_email
from tests.servers import rowlock_server

PASSWORD = "seven quiet herons wading"


def fill_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Come to the form and fill it in."""
    page.goto("/console/login")
    page.get_by_role("link", name="Register a client").click()
    fill_in_form(page, name, password)


def fill_in_form(page: Page, name: str, password: str = PASSWORD) -> None:
    """Say who the client and its first admin are."""
    page.get_by_label("Name of the client").fill(name)
    page.get_by_label("E-mail address").fill(fresh_email())
    page.get_by_label("Password", exact=True).fill(password)


def register(page: Page) -> None:
    """Press the button."""
    page.get_by_role("button", name="Register", exact=True).click()


def run(command: str) -> httpx.Response:
    """Do what a shell does with the command that a page shows."""
    words = shlex.split(command)
    assert words[:3] == ["curl", "-X", "POST"]
    headers = dict(value.split(": ", 1) for word, value in itertools.pairwise(words) if word == "-H")
    return httpx.post(words[3], headers=headers, content=words[words.index("-d") + 1], timeout=30)


def test_a_client_is_registered_its_key_shown_once_and_its_first_user_signed_up_by_the_line_shown(page: Page) -> None:
    name = f"Zürich Rowing {fresh_email()[:14]}"
    fill_in(page, name, "short")
    expect(page.get_by_label("Short name")).to_have_value(re.compile("^zurich-rowing-person"))
    register(page)
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    expect(page.get_by_text("Use at least 8 characters.")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    register(page)
    expect(page.get_by_role("heading", name=f"{name} is registered")).to_be_visible()

    page.go_back()  # the key is not stored yet
    page.get_by_role("dialog", name="Leave without the secret?").get_by_role("button", name="Stay on this page").click()
    asked: list[str] = []

    def stay(question: Dialog) -> None:
        asked.append(question.type)
        question.dismiss()

    page.once("dialog", stay)
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert asked == ["beforeunload"]
    key = page.evaluate("navigator.clipboard.readText()")
    command = page.get_by_text("curl -X POST").inner_text()
    assert f"Bearer {key}" in command
    page.get_by_label("I have stored the access key").check()
    page.get_by_role("button", name="Open the console").click()
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    expect(page.get_by_text("Waiting for the first user")).to_be_visible()
    assert key not in page.content()
    answer = run(command)
    assert (answer.status_code, answer.json()["user"]["email"]) == (201, "first.user@example.com"), answer.text
    expect(page.get_by_text("Here is your first user")).to_be_visible()
    expect(page.get_by_text("first.user@example.com,")).to_be_visible()


def test_a_short_name_that_is_taken_is_told_at_its_field_and_one_with_another_begins_with_first_steps(
    page: Page, tenant: Tenant
) -> None:
    fill_in(page, "Second")
    page.get_by_label("Short name").fill(tenant.slug)
    register(page)
    expect(page.get_by_text("This short name is taken.")).to_be_visible()
    expect(page.get_by_label("Short name")).to_be_focused()
    page.get_by_label("Short name").fill(f"{tenant.slug}-2")
    register(page)
    expect(page.get_by_role("heading", name="Second is registered")).to_be_visible()
    page.get_by_label("I have stored the access key").check()
    page.get_by_role("button", name="Open the console").click()
    page.get_by_role("link", name="Overview").click()
    steps = page.get_by_role("region", name="First steps")
    steps.get_by_role("link", name="Go through the first steps").click()
    expect(page.get_by_role("heading", name="First steps", level=1)).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="Go to API keys")).to_be_visible()
    expect(page.get_by_text(re.compile("curl -X POST .*/api/v1/[0-9a-f-]{36}/signup"))).to_be_visible()


def test_a_registration_whose_answer_is_lost_is_not_made_twice(page: Page, watch: Watch) -> None:
    watch.expect("ERR_CONNECTION_RESET")
    fill_in(page, "Lost")

    def lose(route: Route) -> None:
        route.fetch()  # the service does its work
        route.abort("connectionreset")

    page.route("**/api/v1/clients/register", lose, times=1)
    register(page)
    expect(page.get_by_role("alert")).to_contain_text("The service did not answer")
    register(page)
    expect(page.get_by_role("heading", name="Your client is registered already")).to_be_visible()


def test_where_only_operators_register_others_are_told_whom_to_ask(
    console: Console, operator: Operator, browser: Browser
) -> None:
    closed = {name: value for name, value in console.environment.items() if name != "PUBLIC_URL"}
    closed["CLIENT_REGISTRATION"] = "operator"
    with rowlock_server(closed, host="localhost") as server, httpx.Client(base_url=server.base_url) as api:
        watch = Watch(browser, server.base_url)
        page = watch.page()
        fill_in(page, "Uninvited")
        register(page)
        expect(page.get_by_role("heading", name="Registration is not open here")).to_be_visible()
        log_in(page, replace(operator, api=api))
        page.goto("/console/register")
        fill_in_form(page, "Invited")
        register(page)
        expect(page.get_by_role("heading", name="Invited is registered")).to_be_visible()
        page.get_by_label("I have stored the access key").check()
        page.get_by_role("button", name="Open the client’s page").click()
        expect(page).to_have_url(re.compile("/console/clients/[0-9a-f-]{36}$"))
        watch.check()
        watch.close()
