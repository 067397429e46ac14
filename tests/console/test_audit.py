"""The audit log in the console: filters that stand in the address, entries in full, what is new, and all as a file."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.console.running import log_in
from tests.factories import Tenant


def test_the_audit_log_is_narrowed_by_filters_that_stand_in_the_address_shown_in_full_and_exported(
    page: Page, tenant: Tenant, tmp_path: Path
) -> None:
    person = tenant.sign_up()
    wrong = {"email": person.email, "password": "not the password"}
    assert tenant.call("POST", "/login", json=wrong, headers={"User-Agent": "Browser/7"}).status_code == 401
    log_in(page, tenant)
    page.goto("/console/audit")
    rows = page.get_by_role("table", name="Entries of the audit log").get_by_role("rowheader")
    expect(rows.first).to_contain_text("Login")
    page.get_by_label("Action").select_option("Login")
    expect(page).to_have_url(re.compile(r"\?action=login$"))
    expect(rows).to_have_count(2)
    page.get_by_label("Result").select_option("failed")
    expect(rows).to_have_count(1)
    page.get_by_label("From", exact=True).fill("2020-01-31T09:30")
    moment = page.evaluate("encodeURIComponent(new Date('2020-01-31T09:30').toISOString())")
    expect(page).to_have_url(re.compile(rf"\?action=login&status=failed&since={re.escape(moment)}$"))
    page.reload()
    expect(rows).to_have_count(1)
    key, user = page.get_by_label("Key id"), page.get_by_label("User id")
    key.fill(tenant.client_id[:13])
    expect(key).to_have_attribute("aria-invalid", "false")  # somebody may be about to type the rest of it
    key.press("Enter")
    expect(key).to_have_accessible_description("Not a whole id")
    user.fill("nobody")
    page.get_by_label("Action").focus()
    expect(user).to_have_accessible_description("Not a whole id")
    expect(page).to_have_url(re.compile(rf"\?action=login&status=failed&since={re.escape(moment)}$"))
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Clear the filters").click()
    expect(page).to_have_url(re.compile(r"/audit$"))
    for field in (page.get_by_label("Action"), page.get_by_label("From", exact=True), key, user):
        expect(field).to_have_value("")
    page.goto("/console/audit?user_id=nobody")
    expect(page.get_by_role("alert").filter(has_text="Not a valid UUID.")).to_be_visible()
    expect(user).to_have_accessible_description("Not a whole id")
    page.get_by_role("link", name="Audit log").click()
    expect(user).to_have_value("")
    user.focus()
    page.go_back()
    expect(user).to_have_value("nobody")  # whoever has the focus there has typed nothing
    page.go_forward()
    expect(user).to_have_value("")
    expect(user).to_be_focused()
    expect(rows.filter(has_text="Sign-up")).to_have_count(1)

    page.get_by_label("Result").select_option("failed")
    expect(rows).to_have_count(1)
    claimed = page.get_by_role("row").filter(has_text=f"Somebody, as {person.email}")
    expect(claimed.get_by_role("link", name=person.email).first).to_have_attribute(
        "href", f"/console/users/{person.user_id}"
    )
    page.get_by_role("button", name="Details of Login").click()
    entry = page.get_by_role("dialog", name="Login")
    for shown in ("Browser/7", person.user_id, "invalid_credentials"):
        expect(entry.get_by_text(shown, exact=True)).to_be_visible()
    expect(entry.get_by_role("link", name="Open the user")).to_have_attribute(
        "href", f"/console/users/{person.user_id}"
    )
    entry.get_by_role("link", name="All entries of this user").click()
    expect(entry).to_have_count(0)
    expect(page).to_have_url(re.compile(rf"\?user_id={person.user_id}$"))
    expect(page.get_by_role("rowheader")).to_have_count(2)

    page.get_by_role("button", name="Export").click()
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download", exact=True).click()
    assert begun.value.suggested_filename == "audit-logs.ndjson"
    begun.value.save_as(tmp_path / "log")
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert sorted(line["action"] for line in lines) == ["login", "signup"]
    expect(page.get_by_role("dialog")).to_have_count(0)

    admin = tenant.log_in_admin()
    admin.call("PATCH", f"/users/{person.user_id}", json={"full_name": "Ada"}).raise_for_status()
    tenant.sign_up(full_name="Not in these entries").call("GET", "/me").raise_for_status()
    # Names are asked for of those alone who are named here, in one call, and not of oneself.
    with page.expect_request(re.compile(r"/users\?")) as asked:
        page.goto(f"/console/audit?user_id={person.user_id}")
        expect(page.get_by_role("rowheader").filter(has_text="User changed")).to_be_visible()
    assert parse_qs(urlsplit(asked.value.url).query) == {"user_id": [person.user_id], "limit": ["100"]}
    page.goto("/console/audit")
    page.get_by_label("User id").fill(person.user_id)  # which is taken over though nobody presses Enter
    expect(page).to_have_url(re.compile(rf"\?user_id={person.user_id}$"))
    changed = page.get_by_role("row").filter(has_text="User changed")
    who, about = changed.get_by_role("cell").nth(1), changed.get_by_role("cell").nth(2)
    for cell, named in ((who, admin), (about, person)):
        expect(cell.get_by_role("link", name=named.email)).to_have_attribute("href", f"/console/users/{named.user_id}")
    page.get_by_role("button", name="Details of User changed").click()
    facts = page.get_by_role("dialog").get_by_role("definition")
    expect(facts.nth(3)).to_have_text(admin.email)
    expect(facts.nth(4)).to_have_text(person.email)
    page.get_by_role("dialog").get_by_role("link", name=person.email).click()
    expect(page.get_by_role("heading", name="Ada", level=1)).to_be_visible()


def test_the_live_view_puts_what_is_new_on_top_and_says_so(page: Page, tenant: Tenant) -> None:
    page.clock.install()
    log_in(page, tenant)
    page.goto("/console/audit?action=login")
    page.get_by_label("User id").fill(tenant.client_id)
    page.get_by_role("button", name="Clear the filters").click()
    page.clock.fast_forward(2_000)  # what was typed a moment before is not taken over after all
    expect(page.get_by_label("User id")).to_have_value("")
    expect(page).to_have_url(re.compile(r"/audit$"))
    expect(page.get_by_role("rowheader").first).to_contain_text("Login")  # new is what this list does not have
    switch = page.get_by_role("switch", name="Live")
    switch.click()
    expect(switch).to_be_checked()
    expect(page.get_by_text("New entries appear by themselves.")).to_be_visible()
    tenant.sign_up()
    page.clock.fast_forward(6_000)
    expect(page.get_by_role("status").filter(has_text="1 new entry since")).to_be_visible()
    expect(page.get_by_role("rowheader").first).to_have_text(re.compile("Sign-up.*New"))
