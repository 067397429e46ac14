"""The tiers, the mail queue and the figures of the whole installation, as operators see them."""

import uuid

from playwright.sync_api import Locator, Page, expect

from tests import database
from tests.console.conftest import Console, log_in
from tests.console.population import live_through
from tests.factories import Operator, Tenant, fresh_email


def open_page(page: Page, operator: Operator, path: str, title: str) -> None:
    """Log an operator in and open a page."""
    log_in(page, operator)
    page.goto(f"/console{path}")
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def row(page: Page, text: str) -> Locator:
    """Return the row of a table that holds a text."""
    return page.get_by_role("row").filter(has_text=text)


def waiting_mail(console: Console, tenant: Tenant, **columns: str | int) -> str:
    """Have a mail of a client in the queue, changed as if it had had a history; return the end of the client's id."""
    assert tenant.call("POST", "/users", json={"email": fresh_email()}).status_code == 201
    history = ", ".join(f"{name} = {value!r}" for name, value in columns.items())
    if history:
        query = f"UPDATE outbox SET {history} WHERE client_id = '{_stored(console, tenant)}' AND kind = 'invitation'"
        database.change(console.environment["DATABASE_URL"], query)
    return tenant.client_id[-8:]


def _stored(console: Console, tenant: Tenant) -> str:
    sqlite = console.environment["DATABASE_URL"].startswith("sqlite")
    return uuid.UUID(tenant.client_id).hex if sqlite else tenant.client_id


def test_a_new_tier_is_made_changed_and_never_overwritten_unseen(
    page: Page, console: Console, operator: Operator
) -> None:
    name = f"tier-{uuid.uuid4().hex[:8]}"
    open_page(page, operator, "/tiers", "Tiers")
    page.get_by_role("button", name="New tier").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Tier", exact=True).fill("free")
    dialog.get_by_role("button", name="Create the tier").click()
    expect(dialog.get_by_text("There is a tier of this name already")).to_be_visible()
    expect(dialog.get_by_label("Tier", exact=True)).to_be_focused()
    dialog.get_by_label("Tier", exact=True).fill(name)
    dialog.get_by_label("Calls per minute", exact=True).fill("25")
    dialog.get_by_label("No limit: Calls per day").check()
    dialog.get_by_role("button", name="Create the tier").click()
    expect(row(page, name)).to_contain_text("An operator")

    tenant = console.register()
    operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"tier": name}).raise_for_status()
    console.do_chore("statistics")
    page.reload()
    page.get_by_role("button", name=f"Change {name}").click()
    expect(dialog.get_by_text("1 client has this tier")).to_be_visible()
    dialog.get_by_label("Calls per minute", exact=True).fill("20")
    expect(dialog.get_by_text("Stricter than now: Calls per minute.")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(row(page, name)).to_contain_text("per minute20")
    tiers = operator.platform_call("GET", "/tiers").json()["items"]
    (limits,) = [tier["limits"] for tier in tiers if tier["name"] == name]
    assert (limits["requests_per_minute"], limits["requests_per_day"]) == (20, None)
    row(page, name).get_by_role("link").click()
    expect(row(page, tenant.slug)).to_be_visible()


def test_the_mail_queue_tells_what_went_wrong_what_to_do_and_retries(
    page: Page, console: Console, tenant: Tenant, operator: Operator
) -> None:
    refused = "sender refused: 553 5.7.1"
    end = waiting_mail(console, tenant, status="dead", attempts=1, last_error=refused)
    open_page(page, operator, f"/outbox?client_id={tenant.client_id}", "Mail queue")
    mail = row(page, end)
    expect(mail).to_contain_text("Given up")
    expect(mail).to_contain_text(refused)
    expect(mail).to_contain_text("choose an address that it knows")
    page.get_by_role("button", name=f"Retry: Invitation, client …{end}").click()
    expect(mail).to_contain_text("Waiting")
    (stored,) = operator.platform_call("GET", f"/admin/outbox?client_id={tenant.client_id}").json()["items"]
    assert (stored["status"], stored["attempts"]) == ("waiting", 0)
    client = page.get_by_label("Client id")
    client.fill(end)
    client.press("Enter")
    expect(client).to_have_accessible_description("Not a whole id")
    expect(mail).to_be_visible()
    page.goto(f"/console/outbox?client_id={end}")
    expect(page.get_by_role("alert").filter(has_text="Not a valid UUID.")).to_be_visible()
    client.fill(tenant.client_id)  # the filters stay where the list could not be read
    expect(mail).to_be_visible()
    page.get_by_label("Status").select_option("Given up")
    expect(page.get_by_text("No mail matches these filters")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(page).to_have_url(f"{console.base_url}/console/outbox")

    late = console.register()
    waiting_mail(console, late, next_attempt_at="2026-01-31 09:30:00+00:00")
    page.goto(f"/console/outbox?client_id={late.client_id}&status=waiting")
    expect(page.get_by_text("Mails wait, and nobody sends them")).to_be_visible()
    expect(page.get_by_text("check that it runs")).to_be_visible()


def test_the_figures_of_the_installation_are_those_of_the_service(
    page: Page, console: Console, tenant: Tenant, operator: Operator
) -> None:
    live_through(console, tenant, None, tenant.sign_up().user_id, days=2)
    console.do_chore("statistics")
    told = operator.platform_call("GET", "/admin/stats").json()
    open_page(page, operator, "/statistics", "Statistics")
    largest = page.get_by_role("list", name="Largest clients").get_by_role("link")
    expect(largest).to_have_text([client["client_name"] for client in told["largest_clients"]])
    expect(page.get_by_role("list", name="Clients by status")).to_contain_text("Active")
    expect(page.get_by_role("list", name="Users by role")).to_contain_text("admin")
    expect(page.get_by_role("figure").filter(has_text="Do new people come?")).to_be_visible()
    page.get_by_text("Show the figures as a table").first.click()
    expect(page.get_by_role("table", name="Do people get in?").get_by_role("row")).to_have_count(31)
    largest.first.click()
    first = told["largest_clients"][0]
    expect(page).to_have_url(f"{console.base_url}/console/clients/{first['client_id']}")
    expect(page.get_by_role("heading", name=first["client_name"], level=1)).to_be_visible()
