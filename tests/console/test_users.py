"""The users' pages: finding, adding, changing and ending."""

import json
import re

from playwright.sync_api import Page, expect

from tests.console.running import Console, drawn, log_in
from tests.factories import PASSWORD, Tenant
from tests.mfa.enrolling import enrol


def open_page(page: Page, tenant: Tenant, path: str) -> None:
    """Open a page of the console as the client's first admin."""
    log_in(page, tenant)
    page.goto(f"/console{path}")


def import_people(tenant: Tenant, count: int) -> None:
    """Give a client users, `number00@example.com` and so on, the last one the newest."""
    rows = [{"email": f"number{number:02}@example.com", "full_name": f"Number {number}"} for number in range(count)]
    body = "".join(json.dumps(row) + "\n" for row in rows).encode()
    answer = tenant.call("POST", "/users/import", content=body, headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 200, answer.text


def confirm(page: Page, button: str, *, typed: str | None = None, send: str | None = None) -> None:
    """Press a button and say yes to what it asks."""
    page.get_by_role("button", name=button, exact=True).click()
    asked = page.get_by_role("dialog")
    if typed is not None:
        asked.get_by_label(f"Type {typed} to confirm").fill(typed)
    asked.get_by_role("button", name=send or button, exact=True).click()


def test_users_come_page_by_page_and_are_found_by_filters_which_the_address_keeps(page: Page, tenant: Tenant) -> None:
    import_people(tenant, 60)
    ada = tenant.sign_up(full_name="Ada Lovelace")
    assert tenant.call("PATCH", f"/users/{ada.user_id}", json={"status": "disabled"}).status_code == 200
    open_page(page, tenant, "/users")
    people = page.get_by_role("table", name="Users")
    expect(people.get_by_role("row")).to_have_count(1 + 50)
    page.get_by_role("button", name="Show more").click()
    expect(people.get_by_role("row")).to_have_count(1 + 62)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)

    page.get_by_label("Search").fill("lovel")
    expect(people.get_by_role("row")).to_have_count(1 + 1)
    expect(people).to_contain_text(ada.email)
    expect(people).to_contain_text("Disabled")
    page.get_by_label("Status").select_option("Active")
    expect(page.get_by_text("Nobody matches")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/users\?q=lovel&status=active$"))

    page.get_by_role("button", name="Clear the filters").click()
    page.get_by_label("Order").select_option("E-mail, a to z")
    expect(people.get_by_role("row").nth(1)).to_contain_text("number00@example.com")
    page.get_by_label("Role").select_option("admin")
    expect(people.get_by_role("row")).to_have_count(1 + 1)
    page.reload()
    expect(people.get_by_role("row")).to_have_count(1 + 1)
    people.get_by_role("link").click()
    expect(page.get_by_text("This is you", exact=True)).to_be_visible()
    # The last admin stays one.
    page.get_by_role("button", name="Edit the profile").click()
    page.get_by_label("Role").select_option("user")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Make somebody else an admin first.")


def test_profile_and_custom_fields_are_changed_and_broken_json_is_told(page: Page, tenant: Tenant) -> None:
    person = tenant.sign_up(full_name="Ada", username="ada", custom_fields={"team": "blue"})
    open_page(page, tenant, f"/users/{person.user_id}")
    page.get_by_role("button", name="Edit the profile").click()
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_label("Username").fill("")
    page.get_by_label("Role").select_option("admin")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")

    page.get_by_role("button", name="Edit the custom fields").click()
    page.get_by_label("JSON object").fill('{"team": "green",}')
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This is not JSON:")).to_be_visible()
    page.get_by_label("JSON object").fill("[]")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This must be one JSON object")).to_be_visible()
    page.get_by_label("JSON object").fill('{"team": "green"}')
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text('"team": "green"')).to_be_visible()

    changed = tenant.call("GET", f"/users/{person.user_id}").json()
    told = {name: changed[name] for name in ("full_name", "username", "role", "custom_fields")}
    assert told == {
        "full_name": "Ada Lovelace",
        "username": None,
        "role": "admin",
        "custom_fields": {"team": "green"},
    }


def test_a_user_is_logged_out_mailed_disabled_and_enabled_and_its_keys_lead_to_their_pages(
    page: Page, tenant: Tenant, console: Console
) -> None:
    person = tenant.sign_up()
    tenant.log_in(person.email)
    assert person.call("POST", "/keys", json={"name": "Reports"}).status_code == 201
    assert tenant.call("POST", "/keys", json={"name": "Of the client", "scopes": ["read"]}).status_code == 201
    open_page(page, tenant, f"/users/{person.user_id}")
    sessions = page.get_by_role("table", name="Sessions")
    expect(sessions.get_by_role("row")).to_have_count(1 + 2)
    sessions.get_by_role("button").first.click()
    expect(sessions.get_by_role("row")).to_have_count(1 + 1)
    confirm(page, "End all sessions")
    expect(page.get_by_text("Not logged in anywhere.")).to_be_visible()
    assert person.call("GET", "/me").status_code == 401

    confirm(page, "Send a mail to confirm it")
    expect(page.get_by_role("dialog")).to_have_count(0)
    confirm(page, "Send a reset mail")
    expect(page.get_by_role("dialog")).to_have_count(0)
    sent = [mail.subject for mail in console.mails_to(person.email)]
    assert (len(sent), "password" in sent[-1]) == (2, True)
    by_admin = {"via": "console", "by_user": tenant.log_in_admin().user_id}
    for action in ("user.mail_verification", "user.mail_reset"):
        assert [row["detail"] for row in tenant.audit(action=action, user_id=person.user_id)] == [by_admin], action

    confirm(page, "Disable this user")
    expect(page.get_by_text("Disabled", exact=True)).to_be_visible()
    answer = tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD})
    assert answer.json()["code"] == "account_disabled"
    confirm(page, "Enable this user")
    expect(page.get_by_text("Disabled", exact=True)).to_have_count(0)
    tenant.log_in(person.email)
    expect(page.get_by_role("table", name="Latest events")).to_contain_text("user.disable")
    page.get_by_role("link", name="All in the audit log").click()
    page.wait_for_url(f"**/audit?user_id={person.user_id}")
    page.go_back()
    keys = page.get_by_role("table", name="API keys")
    expect(keys.get_by_role("row")).to_have_count(1 + 1)
    expect(keys).to_contain_text("Active")
    keys.get_by_role("link", name="Reports").click()
    expect(page.get_by_role("heading", name="Reports", level=1)).to_be_visible()


def test_lost_second_factors_are_taken_away_and_a_user_is_deleted_once_its_address_is_typed(
    page: Page, tenant: Tenant
) -> None:
    person = tenant.sign_up()
    enrol(person)
    open_page(page, tenant, f"/users/{person.user_id}")
    confirm(page, "Reset second factors", send="Take them away")
    expect(page.get_by_text("1 second factor was taken away.")).to_be_visible()
    tenant.log_in(person.email)
    page.get_by_role("button", name="Delete this user").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("to confirm").fill("somebody@example.com")
    asked.get_by_role("button", name="Delete for good").click()
    assert tenant.call("GET", f"/users/{person.user_id}").status_code == 200
    asked.get_by_label("to confirm").fill(person.email)
    asked.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="The user is deleted")).to_be_visible()
    expect(page.get_by_role("region", name="What was deleted")).to_contain_text("Sessions2")
    page.get_by_role("link", name="All users").click()
    expect(page.get_by_role("table", name="Users")).not_to_contain_text(person.email)
    assert tenant.call("GET", f"/users/{person.user_id}").status_code == 404


def test_what_a_role_may_not_do_has_no_button(page: Page, tenant: Tenant) -> None:
    for name, scopes in {"viewer": ["users:read"], "support": ["users:read", "users:write", "roles:read"]}.items():
        assert tenant.call("PUT", f"/roles/{name}", json={"permissions": scopes}).status_code == 200
    someone = tenant.sign_up()
    log_in(page, tenant.make("viewer"))
    page.goto("/console/users")
    expect(page.get_by_role("link", name=someone.email)).to_be_visible()
    expect(page.get_by_role("button", name="Download as CSV")).to_be_visible()
    drawn(page)
    assert page.get_by_text("Add a user").or_(page.get_by_text("Import users")).count() == 0
    page.get_by_role("link", name=someone.email).click()
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()
    drawn(page)
    expect(page.get_by_role("main").get_by_role("button")).to_have_text(["Copy"])
    for path in ("/audit", "/welcome"):
        page.goto(f"/console{path}")
        expect(page.get_by_role("heading", name="Your role does not allow this page")).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text("Your role is “viewer”. If you need this page, ask an admin")
        assert page.get_by_role("main").get_by_role("button").count() == 0
    page.get_by_role("link", name="Go to: Users").click()
    expect(page.get_by_role("link", name=someone.email)).to_be_visible()

    admin = tenant.make_admin()
    log_in(page, tenant.make("support"))
    page.goto(f"/console/users/{admin.user_id}")
    expect(page.get_by_text("You can look, but not change")).to_be_visible()
    expect(page.get_by_role("button", name="Delete this user")).to_have_count(0)
