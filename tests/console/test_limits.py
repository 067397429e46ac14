"""What a client's admin sees of its limits: what is left, where each comes from, and what was refused."""

import re

from playwright.sync_api import Page, expect

from tests.console.running import log_in
from tests.factories import Operator, Tenant


def test_the_limits_show_what_is_left_where_each_comes_from_and_what_was_refused(
    page: Page, tenant: Tenant, operator: Operator
) -> None:
    own = {"limits": {"requests_per_minute": 5, "requests_per_hour": None}}
    assert operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json=own).status_code == 200
    answers = [tenant.call("GET", "/roles").status_code for _ in range(7)]
    assert answers == [200] * 5 + [429] * 2

    log_in(page, tenant)
    page.goto("/console/limits")
    minute = page.get_by_role("meter", name="Calls per minute")
    expect(minute).to_have_attribute("aria-valuetext", "5 of 5")
    expect(page.get_by_text(re.compile(r"0 calls are left\. One more in \d+ seconds?\."))).to_be_visible()
    expect(page.get_by_role("meter", name="Calls per hour")).to_have_count(0)
    levels = page.get_by_role("region", name="Where the limits come from")
    expect(levels.get_by_role("row", name=re.compile("^Calls per minute "))).to_contain_text("Set for your client")
    expect(levels.get_by_role("row", name=re.compile("^Calls per hour "))).to_contain_text("No limit")
    expect(levels.get_by_role("row", name=re.compile("^Calls per day "))).to_contain_text("Tier free")
    expect(page.get_by_text("2 calls were refused in the last 24 hours.")).to_be_visible()


def test_the_limits_follow_by_themselves_while_one_looks_and_a_page_refused_says_so_and_tries_again(
    page: Page, tenant: Tenant, operator: Operator
) -> None:
    page.clock.install()
    log_in(page, tenant)
    page.goto("/console/limits")
    meter = page.get_by_role("meter", name="Calls per day")
    before = int(meter.get_attribute("aria-valuenow") or "-1")
    expect(page.get_by_text("No call was refused in the last 24 hours.")).to_be_visible()
    tenant.call("GET", "/roles")
    page.clock.fast_forward(10_000)
    expect(meter).to_have_attribute("aria-valuenow", str(before + 1))

    limit_each_user(operator, tenant, 1)
    page.get_by_role("link", name="Roles", exact=True).click()
    refused = page.get_by_role("alert").filter(has_text="Too many calls in a short time")
    expect(refused).to_contain_text("The page tries again by itself in")
    limit_each_user(operator, tenant, 600)
    page.clock.fast_forward(61_000)
    expect(page.get_by_role("columnheader", name="Users", exact=True)).to_be_visible()
    expect(refused).to_have_count(0)


def limit_each_user(operator: Operator, tenant: Tenant, calls: int) -> None:
    """Set how many calls a minute each user of a client has."""
    body = {"limits": {"user_requests_per_minute": calls}}
    assert operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json=body).status_code == 200
