"""What the console asks for: little code at first, and lists by the page. How fast it is: `make bench-console`."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from bench.console import sent_scripts, watched
from tests.console.running import Console, log_in
from tests.console.test_all_pages import open_whole
from tests.console.watching import Watch
from tests.factories import Operator, Tenant, register

MOST = 200 * 1024


@pytest.mark.parametrize("address", ["/console/login", "/console/overview", "/console/clients"])
def test_the_first_load_takes_at_most_200_kib_of_packed_javascript(
    page: Page, tenant: Tenant, operator: Operator, address: str
) -> None:
    met = watched(page)
    if address != "/console/login":
        log_in(page, operator if address == "/console/clients" else tenant)
        met.clear()
    open_whole(page, address)
    assert 50 * 1024 < sent_scripts(met) <= MOST


def test_operators_read_and_search_clients_a_page_at_a_time(
    page: Page, watch: Watch, console: Console, operator: Operator
) -> None:
    tenants = [register(console.api, client_name=f"Keyset {number:02}") for number in range(3)]
    log_in(page, operator)
    page.goto("/console/clients")
    rows = page.locator("main tbody tr")
    expect(rows.first).to_be_visible()
    watch.requests.clear()
    page.get_by_role("searchbox").fill(tenants[1].name)
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(tenants[1].name)
    asked = [urlsplit(url) for url in watch.requests if urlsplit(url).path == "/api/v1/clients"]
    assert 1 <= len(asked) <= 2  # what was filled in at once; a list behind it may be read anew
    for url in asked:
        query = parse_qs(url.query)
        assert {"offset", "page"}.isdisjoint(query)
        assert int(query.get("limit", ["50"])[0]) <= 100
