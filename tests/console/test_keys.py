"""What people do about API keys in the console: make, replace and change them, each within its own rights.

How one is used and revoked is in the story of test_stories.
"""

import re

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.console.running import Console, log_in, not_across
from tests.factories import Tenant, bearer


def test_while_a_key_is_rotated_both_work_and_the_old_one_leads_to_the_new(page: Page, tenant: Tenant) -> None:
    log_in(page, tenant)
    old = make_key(page, "Nightly import", scopes=["users:read"])
    page.get_by_role("link", name="See this key").click()
    asked = page.get_by_role("dialog", name="Leave without the secret?")
    asked.get_by_role("button", name="Stay on this page").click()
    page.get_by_role("group", name="The new key").get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    page.get_by_role("link", name="See this key").click()
    expect(page.get_by_role("heading", level=1, name="Nightly import")).to_be_visible()
    page.get_by_role("button", name="Rotate", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("The old key works").select_option("For one more hour")
    dialog.get_by_role("button", name="Make the new key").click()
    new = shown_secret(page)
    assert new != old
    assert [users_with(tenant, key).status_code for key in (old, new)] == [200, 200]

    expect(page.get_by_text("Rotating")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Edit|Rotate"))).to_have_count(0)
    page.get_by_role("button", name="I have stored it").click()
    page.get_by_role("link", name="See the key that took over").click()
    expect(page.get_by_text(f"{new[:12]}…{new[-4:]}")).to_be_visible()
    page.goto("/console/keys?status=active")
    expect(page.get_by_role("rowheader").filter(has_text="Nightly import")).to_have_count(2)
    expect(page.get_by_role("row").filter(has_text="Rotating")).to_have_count(1)
    expect(page.get_by_role("row").filter(has_text="Rotating")).to_contain_text(f"Replaced by {new[:12]}")
    page.get_by_role("row").filter(has_text="Replaces").get_by_role("rowheader").get_by_role("link").click()
    expect(page.get_by_text(f"{old[:12]}…{old[-4:]}")).to_be_visible()
    expect(page.get_by_role("region", name="Usage", exact=True)).to_contain_text("together with those of the key")
    expect(page.get_by_role("table", name="Latest events")).to_contain_text("key.rotate")
    page.get_by_role("button", name="Revoke", exact=True).click()
    dialog.get_by_role("button", name="Copy", exact=True).click()
    expect(dialog.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    dialog.get_by_label("Type Nightly import to confirm").press("Control+v")
    expect(dialog.get_by_text(f"The old key that it replaced, {old[:12]}")).to_contain_text("still works until")
    dialog.get_by_label("Revoke the old key too").check()
    dialog.get_by_role("button", name="Revoke the key").click()
    expect(page.get_by_text("The key and the one it replaced are revoked.")).to_be_visible()
    assert [users_with(tenant, key).status_code for key in (old, new)] == [401, 401]
    facts = page.get_by_role("region", name="About this key")
    expect(facts.get_by_role("term").filter(has_text="Revoked")).to_be_visible()
    expect(facts.get_by_role("term").filter(has_text="Expires")).to_have_count(0)


def test_a_key_for_web_pages_is_changed_and_what_is_wrong_stands_at_its_field(page: Page, tenant: Tenant) -> None:
    log_in(page, tenant)
    made = tenant.call("POST", "/keys", json={"name": "Shop", "kind": "publishable"}).json()
    page.goto(f"/console/keys/{made['key_id']}")
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value("Shop")
    expect(dialog.get_by_role("checkbox")).to_have_count(0)
    origins = dialog.get_by_label("Allowed origins")
    origins.fill("https://shop.example.com\nnot a page")
    dialog.get_by_role("button", name="Save").click()
    expect(origins).to_have_attribute("aria-invalid", "true")
    expect(origins).to_be_focused()

    dialog.get_by_label("Name").fill("Shop window")
    origins.fill("https://shop.example.com")
    dialog.get_by_label("Expires").select_option("Never")
    dialog.get_by_label("Calls per minute").fill("90")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1, name="Shop window")).to_be_visible()
    expect(page.get_by_text("90 per minute")).to_be_visible()
    kept = tenant.call("GET", f"/keys/{made['key_id']}").json()
    changed = {name: kept[name] for name in ("name", "allowed_origins", "expires_at", "rate_limit", "usage_limit")}
    assert changed == {
        "name": "Shop window",
        "allowed_origins": ["https://shop.example.com"],
        "expires_at": None,
        "rate_limit": {"requests_per_minute": 90},
        "usage_limit": None,
    }
    told = tenant.audit(action="key.update")[0]["detail"]["fields"]
    assert told == ["allowed_origins", "expires_in_days", "name", "rate_limit"]


def test_the_use_of_a_key_is_shown_beside_its_quota_and_as_figures(page: Page, tenant: Tenant) -> None:
    not_across(3_600)
    body = {"name": "Metered", "scopes": ["users:read"], "usage_limit": 8}
    made = tenant.call("POST", "/keys", json=body).json()
    answers = [users_with(tenant, made["api_key"]).status_code for _ in range(10)]
    assert answers == [200] * 8 + [429] * 2
    log_in(page, tenant)
    page.goto(f"/console/keys/{made['key_id']}")
    expect(page.get_by_role("meter", name="Used of its limit")).to_have_attribute("aria-valuetext", "8 of 8")
    use = page.get_by_role("region", name="Usage", exact=True)
    use.get_by_text("Show the figures as a table").first.click()
    hours = use.get_by_role("table", name="Calls per hour, the last 24 hours").get_by_role("row")
    expect(hours).to_have_count(25)
    expect(hours.last.get_by_role("cell")).to_have_text(["8", "2"], use_inner_text=True)
    expect(page.locator("canvas")).to_have_count(2)


def test_whoever_is_no_admin_makes_keys_of_its_own_within_its_own_limits(page: Page, tenant: Tenant) -> None:
    person = tenant.make("user")
    tenant.call("POST", "/keys", json={"name": "Of the client"})
    log_in(page, person)
    page.goto("/console/keys")
    expect(page.get_by_text("No keys yet")).to_be_visible()
    expect(page.get_by_role("region", name="Access key of the client")).to_have_count(0)
    page.get_by_role("button", name="Create a key").first.click()
    dialog = page.get_by_role("dialog", name="Create a key of your own")
    expect(dialog.get_by_role("radio")).to_have_count(0)
    expect(dialog.get_by_role("checkbox")).to_have_count(2)  # read and write: what its role holds
    dialog.get_by_label("Name").fill("My laptop")
    dialog.get_by_role("checkbox", name="read").check()
    minute = dialog.get_by_label("Calls per minute")
    minute.fill("900000")
    dialog.get_by_role("button", name="Create a key").click()
    expect(minute).to_have_attribute("aria-invalid", "true")
    minute.fill("30")
    dialog.get_by_role("button", name="Create a key").click()
    assert shown_secret(page).startswith("rlk_sk_")
    expect(page.get_by_role("rowheader")).to_contain_text(["My laptop"])
    assert [key["name"] for key in person.call("GET", "/keys").json()["items"]] == ["My laptop"]


def test_the_access_key_is_replaced_once_the_client_is_named(page: Page, tenant: Tenant, console: Console) -> None:
    log_in(page, tenant)
    page.goto("/console/keys")
    section = page.get_by_role("region", name="Access key of the client")
    expect(section).to_contain_text("at registration")
    section.get_by_role("button", name="Rotate the access key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("The old access key works").select_option("No longer: it ends at once")
    confirm(page, tenant.slug, "Rotate the access key")
    new = shown_secret(section)
    answers = [console.api.get(f"{tenant.path}/users", headers=bearer(key)) for key in (tenant.access_key, new)]
    assert [answer.status_code for answer in answers] == [401, 200]

    page.get_by_role("button", name="Create a key").first.click()
    dialog.get_by_label("Name").fill("Second secret")
    dialog.get_by_role("button", name="Create a key").click()
    asked = page.get_by_role("dialog", name="Leave without the secret?")
    stored = page.get_by_role("button", name="I have stored it")
    expect(stored).to_have_count(2)
    for leave in (page.get_by_role("button", name="Log out"), page.get_by_role("link", name="Your account")):
        leave.click()
        asked.get_by_role("button", name="Stay on this page").click()
        expect(stored.first).to_be_visible()
        stored.first.click()
    expect(stored).to_have_count(0)
    expect(section).to_contain_text("by the last rotation")
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_role("heading", name="Your account", level=1)).to_be_visible()


def make_key(page: Page, name: str, *, scopes: list[str]) -> str:
    """Make a secret key by the dialog; return what is shown this once."""
    page.goto("/console/keys")
    page.get_by_role("button", name="Create a key").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    for scope in scopes:
        dialog.get_by_role("checkbox", name=scope).check()
    dialog.get_by_role("button", name="Create a key").click()
    return shown_secret(page)


def shown_secret(place: Page | Locator) -> str:
    """Return the secret that is shown this once."""
    return place.get_by_role("group", name="The new").locator("code").first.inner_text()


def confirm(page: Page, typed: str, button: str) -> None:
    """Type what a dialog asks for, and go on."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(f"Type {typed} to confirm").fill(typed)
    dialog.get_by_role("button", name=button).click()
    expect(dialog).to_have_count(0)


def users_with(tenant: Tenant, key: str) -> httpx.Response:
    """Ask for the client's users with a key."""
    return tenant.api.get(f"{tenant.path}/users", headers=bearer(key))
