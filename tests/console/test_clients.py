"""What operators do about clients in the console: find one among all, change it, keep it out, help it, erase it."""

import re
import uuid
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from playwright.sync_api import Locator, Page, Route, expect

from app.core import isolation
from app.core.actors import SystemActor
from app.core.isolation import Crossing
from app.erasure import service as erasure
from tests.console.running import Console, log_in
from tests.console.watching import Watch
from tests.factories import Operator, Tenant, bearer

CODE_OF_A_CLIENT = re.compile(r"/assets/ClientPage-")


def fresh_word() -> str:
    """Return a word that no other client's name begins with."""
    return f"w{uuid.uuid4().hex[:8]}"


def searched_for(url: str) -> str | None:
    """Return what a call for the list searches for; None where it is another call."""
    parts = urlsplit(url)
    return parse_qs(parts.query).get("q", [""])[0] if parts.path == "/api/v1/clients" else None


def open_list(page: Page, operator: Operator) -> Locator:
    """Log an operator in, open the list of clients and return its search."""
    log_in(page, operator)
    page.goto("/console/clients")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    return page.get_by_role("searchbox", name="Search")


def open_client(page: Page, operator: Operator, tenant: Tenant) -> None:
    """Log an operator in and open the page of a client."""
    log_in(page, operator)
    page.goto(f"/console/clients/{tenant.client_id}")
    expect(page.get_by_role("heading", name=tenant.name, level=1)).to_be_visible()


def confirm(page: Page, button: str) -> None:
    """Press a button, read what it asks and say yes."""
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def log_in_by_api(console: Console, tenant: Tenant) -> httpx.Response:
    """Log a client's admin in as its own application does."""
    assert tenant.admin is not None
    return console.api.post(f"{tenant.path}/login", json=tenant.admin, headers=bearer(tenant.access_key))


def test_an_operator_finds_a_client_by_typing_and_the_address_keeps_what_was_typed(
    page: Page, watch: Watch, console: Console, operator: Operator
) -> None:
    word = fresh_word()
    console.register(client_name=f"{word} <img src=x onerror=console.error(1)>", slug=f"{word}-one")
    console.register(client_name=f"{word} & Sons", slug=f"{word}-two", industry="weaving")
    page.clock.install()
    search = open_list(page, operator)
    page.keyboard.press("/")
    expect(search).to_be_focused()
    with page.expect_response(lambda answer: searched_for(answer.url) == word):  # and no longer for its beginning
        page.keyboard.type(word)
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("link", name=f"{word} <img src=x onerror=console.error(1)>")).to_be_visible()
    watch.requests.clear()
    page.keyboard.insert_text("-two")
    expect(page.get_by_role("row")).to_have_count(2)
    asked = [urlsplit(url) for url in watch.requests if urlsplit(url).path == "/api/v1/clients"]
    assert 1 <= len(asked) <= 2  # what was filled in at once; a list behind it may be read anew
    for url in asked:
        query = parse_qs(url.query)
        assert {"offset", "page"}.isdisjoint(query)
        assert int(query.get("limit", ["50"])[0]) <= 100
    expect(page.get_by_role("link", name=f"{word} & Sons")).to_be_visible()
    expect(page).to_have_url(f"{console.base_url}/console/clients?q={word}-two")
    search.fill(f"{word}-three")
    expect(page.get_by_text("No client matches")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_role("link", name=f"{word} & Sons")).to_be_visible()
    expect(search).to_have_value("")

    # Whoever follows a link before the typing has rested is not called back while that page's code is on its way.
    held: list[Route] = []
    page.route(CODE_OF_A_CLIENT, lambda route: held.append(route))
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 60"))
    search.fill(word)
    with page.expect_request(CODE_OF_A_CLIENT):
        page.get_by_role("link", name=f"{word} & Sons").click()
    page.clock.run_for(1_000)
    for route in held:
        route.continue_()
    page.unroute(CODE_OF_A_CLIENT)
    page.clock.resume()
    expect(page.get_by_role("heading", name=f"{word} & Sons", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/console/clients/[0-9a-f-]{36}$"))


def test_filters_and_the_order_stay_in_the_address_and_more_rows_come_at_the_end(
    page: Page, console: Console, operator: Operator
) -> None:
    word = fresh_word()
    for number in range(27):
        console.register(client_name=f"{word} {number:02d}", industry=word)
    open_list(page, operator)
    page.get_by_label("Industry").fill(word)
    page.get_by_label("Order").select_option(label="By name")
    expect(page.get_by_role("row").nth(1).get_by_role("rowheader")).to_have_text(re.compile(f"{word} 00"))
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("row")).to_have_count(28)
    expect(page.get_by_role("status").filter(has_text="27 clients shown.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Industry")).to_have_value(word)
    expect(page.get_by_role("row").nth(1).get_by_role("rowheader")).to_have_text(re.compile(f"{word} 00"))
    page.get_by_label("Tier").select_option("enterprise")
    expect(page.get_by_text("No client matches")).to_be_visible()


def test_an_operator_reactivates_a_client_logs_everyone_out_and_hands_a_new_access_key_over(
    page: Page, console: Console, tenant: Tenant, operator: Operator
) -> None:
    person = tenant.sign_up()
    operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"status": "suspended"}).raise_for_status()
    open_list(page, operator)
    page.get_by_label("Status").select_option("Suspended")
    row = page.get_by_role("row").filter(has_text=tenant.slug)
    expect(row.get_by_text("Suspended")).to_be_visible()
    row.get_by_role("link").click()
    expect(page.get_by_text("This client is suspended")).to_be_visible()
    confirm(page, "Reactivate")
    expect(page.get_by_text("This client is suspended")).to_have_count(0)
    assert person.call("GET", "/me").status_code == 200
    confirm(page, "Log everyone out")
    expect(page.get_by_text("1 session ended.")).to_be_visible()
    assert person.call("GET", "/me").status_code == 401
    assert log_in_by_api(console, tenant).status_code == 200

    confirm(page, "Make a new access key")
    key = page.get_by_text(re.compile("^rlk_ak_")).inner_text()
    new, old = (
        console.api.get(f"/api/v1/clients/{tenant.client_id}", headers=bearer(one)) for one in (key, tenant.access_key)
    )
    assert (new.status_code, old.status_code) == (200, 401)
    page.get_by_role("button", name="It is handed over: hide it").click()
    expect(page.get_by_text(re.compile("^rlk_ak_"))).to_have_count(0)


def test_an_operator_moves_a_client_to_another_tier_and_gives_it_limits_of_its_own(
    page: Page, tenant: Tenant, operator: Operator
) -> None:
    open_client(page, operator, tenant)
    page.get_by_role("button", name="Change the tier").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Tier").select_option("pro")
    dialog.get_by_role("button", name="Change the tier").click()
    expect(page.get_by_text("Tier: pro.")).to_be_visible()
    page.get_by_role("button", name="Set limits of its own").click()
    dialog.get_by_label("Calls per minute", exact=True).select_option("A number of its own")
    dialog.get_by_label("Calls per minute: how many").fill("7")
    dialog.get_by_label("Calls per day", exact=True).select_option("No limit")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    assert _limit_of(tenant, "requests_per_minute") == {"value": 7, "source": "client"}
    assert _limit_of(tenant, "requests_per_day") == {"value": None, "source": "client"}
    expect(page.get_by_role("meter", name="Calls per minute")).to_have_attribute("aria-valuemax", "7")
    limits = page.get_by_role("region", name="Limits", exact=True)
    for once in ("Calls per minute", "Calls per hour", "Calls per day", "Calls per minute, each user"):
        expect(limits.get_by_text(once, exact=True)).to_have_count(1)
    confirm(page, "Empty the windows")
    confirm(page, "Back to the tier’s limits")
    assert _limit_of(tenant, "requests_per_minute") == {"value": 50, "source": "tier"}
    expect(page.get_by_role("button", name="Back to the tier’s limits")).to_have_count(0)


def test_erasing_wants_the_typed_slug_and_leaves_a_receipt_that_can_be_checked(
    page: Page, console: Console, tenant: Tenant, operator: Operator, tmp_path: Path
) -> None:
    tenant.sign_up()
    open_client(page, operator, tenant)
    page.get_by_role("button", name="Erase", exact=True).click()
    dialog = page.get_by_role("dialog")
    typed = dialog.get_by_label(f"Type {tenant.slug} to confirm")
    typed.fill(f"{tenant.slug}-not")
    dialog.get_by_role("button", name="Erase for good").click()
    assert tenant.call("GET", "/users").status_code == 200
    typed.fill(tenant.slug)
    dialog.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("heading", name=f"{tenant.name} is erased")).to_be_visible()
    expect(page.get_by_role("term").filter(has_text="Users").locator("..")).to_have_text("Users2")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download the receipt").click()
    receipt = tmp_path / saved.value.suggested_filename
    saved.value.save_as(receipt)
    assert receipt.name == f"erasure-{tenant.slug}.jws"
    assert "Nothing of it is left." in console.flask("clients", "verify-erasure", str(receipt))
    assert tenant.call("GET", "/users").status_code == 401
    page.reload()  # the receipt stays in the platform's audit log
    expect(page.get_by_role("heading", name=f"{tenant.slug} is erased")).to_be_visible()
    page.get_by_text("Show the receipt").click()
    expect(page.get_by_text(receipt.read_text())).to_be_visible()


def test_a_client_that_is_being_erased_looks_like_it_and_its_page_carries_the_erasure_on(
    page: Page, console: Console, tenant: Tenant, operator: Operator
) -> None:
    with console.inside(), isolation.across(Crossing.SHELL):
        erasure.begin(SystemActor(), uuid.UUID(tenant.client_id), confirm=tenant.slug)
    log_in(page, operator)
    page.goto("/console/clients?status=erasing")
    row = page.get_by_role("row").filter(has_text=tenant.slug)
    expect(row.get_by_text("Being erased")).to_be_visible()
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", name=f"{tenant.name} is being erased")).to_be_visible()
    page.get_by_role("button", name="Show how far it is").click()
    expect(page.get_by_role("heading", name=f"{tenant.name} is erased")).to_be_visible()


def test_the_platform_is_marked_and_nobody_is_offered_to_suspend_or_erase_it(page: Page, operator: Operator) -> None:
    search = open_list(page, operator)
    search.fill("platform")
    row = page.get_by_role("row").filter(has=page.get_by_text("platform", exact=True))
    expect(row.get_by_text("Platform", exact=True)).to_be_visible()
    row.get_by_role("link").click()
    expect(page.get_by_text("This is the platform, the client of the operators")).to_be_visible()
    expect(page.get_by_role("button", name="Log everyone out")).to_be_visible()
    for offer in ("Suspend", "Erase", "Make a new access key"):
        expect(page.get_by_role("button", name=offer, exact=True)).to_have_count(0)
    page.get_by_role("link", name="Overview").click()
    here = page.get_by_role("region", name="The platform, your own client")
    expect(here.get_by_role("link", name="All clients")).to_have_attribute("href", "/console/clients")
    expect(page.get_by_role("region", name="First steps")).to_have_count(0)
    here.get_by_role("link", name="The operators").click()
    expect(page.get_by_text(".venv/bin/flask operators create", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Add a user")).to_have_count(0)


def test_the_list_of_clients_is_the_operators_alone(page: Page, tenant: Tenant) -> None:
    log_in(page, tenant)
    page.goto("/console/clients")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


def _limit_of(tenant: Tenant, name: str) -> dict[str, object]:
    answer = tenant.call("GET", "/rate-limit-status")
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()["limits"][name]
    return found
