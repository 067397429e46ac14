"""The roles' pages: what each may do, making one, changing it, and deleting it once nobody holds it."""

import re

from playwright.sync_api import Page, expect

from tests.console.running import log_in
from tests.factories import Tenant


def permissions(tenant: Tenant, name: str) -> list[str]:
    """Return what a role holds."""
    held: list[str] = tenant.call("GET", f"/roles/{name}").json()["permissions"]
    return held


def test_a_role_is_deleted_once_nobody_holds_it_made_anew_and_changed_and_admin_is_fixed(
    page: Page, tenant: Tenant
) -> None:
    assert tenant.call("PUT", "/roles/support", json={"permissions": ["read"]}).status_code == 200
    holder = tenant.make("support")
    log_in(page, tenant)
    page.goto("/console/roles")
    row = page.get_by_role("row").filter(has_text="support")
    expect(row.get_by_role("cell").nth(2)).to_have_text("Users1")
    row.get_by_role("link").click()
    page.get_by_role("button", name="Delete this role").click()
    page.get_by_label("Type support to confirm").fill("support")
    page.get_by_role("button", name="Delete the role").click()
    expect(page.get_by_role("alert")).to_contain_text("Give that one user another role first.")
    page.get_by_role("link", name="Show who holds it").click()
    expect(page.get_by_role("table", name="Users")).to_contain_text(holder.email)
    assert permissions(tenant, "support") == ["read"]

    assert tenant.call("DELETE", f"/users/{holder.user_id}").is_success
    page.go_back()
    page.get_by_role("button", name="Delete this role").click()
    page.get_by_label("Type support to confirm").fill("support")
    page.get_by_role("button", name="Delete the role").click()
    expect(page.get_by_text("The role support is deleted.")).to_be_visible()
    assert tenant.call("GET", "/roles/support").status_code == 404

    expect(page.get_by_text("You have no roles of your own yet")).to_be_visible()
    page.get_by_role("button", name="Create a role").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("Name").fill("admin")
    asked.get_by_role("button", name="Create a role").click()
    expect(asked.get_by_text("There is a role of this name.").first).to_be_visible()
    asked.get_by_label("Name").fill("support")
    asked.get_by_label("users:read").check()
    asked.get_by_label("write", exact=False).and_(asked.get_by_role("checkbox", name="Change one’s own")).uncheck()
    asked.get_by_label("Words of your own").fill("tickets:answer, tickets:close")
    asked.get_by_role("button", name="Create a role").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("support")
    assert permissions(tenant, "support") == ["read", "tickets:answer", "tickets:close", "users:read"]

    page.get_by_label("audit:read").check()
    own = page.get_by_label("Words of your own")
    for wrong, told in (
        ("tickets:answer Not-A-Word", "Lower-case words"),
        (" ".join(f"tickets:{'x' * 40}{number}" for number in range(90)), "All permissions together have at most"),
    ):
        own.fill(wrong)
        page.get_by_role("button", name="Save").click()
        expect(own).to_have_accessible_description(re.compile(told))
        expect(own).to_have_attribute("aria-invalid", "true")
        expect(own).to_be_focused()
        expect(page.get_by_role("alert")).to_have_count(0)
    own.fill("tickets:answer")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The role is changed.")).to_be_visible()
    assert permissions(tenant, "support") == ["audit:read", "read", "tickets:answer", "users:read"]

    page.goto("/console/roles/admin")
    expect(page.get_by_text("This role holds everything and cannot be changed.")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
    page.goto("/console/roles/user")
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    expect(page.get_by_role("button", name="Delete this role")).to_have_count(0)


def test_whoever_only_reads_roles_changes_none_and_nobody_grants_what_it_lacks(page: Page, tenant: Tenant) -> None:
    roles = {"viewer": ["roles:read"], "warden": ["roles:read", "roles:write", "read"], "other": ["read", "keys:read"]}
    for name, scopes in roles.items():
        assert tenant.call("PUT", f"/roles/{name}", json={"permissions": scopes}).status_code == 200
    log_in(page, tenant.make("viewer"))
    page.goto("/console/roles")
    page.get_by_role("link", name="user", exact=True).click()
    expect(page.get_by_text("Read one’s own account and data.")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)

    log_in(page, tenant.make("warden"))
    page.goto("/console/roles/other")
    expect(page.get_by_text("This role holds what you do not hold: keys:read.")).to_be_visible()
    page.goto("/console/roles/warden")
    expect(page.get_by_role("checkbox")).to_have_count(3)
