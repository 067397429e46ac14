"""What the console asks for at first is little code. How fast it is: `make bench-console`."""

import pytest
from playwright.sync_api import Page

from bench.console import sent_scripts, watched
from tests.console.running import log_in
from tests.console.test_all_pages import open_whole
from tests.factories import Tenant

MOST = 200 * 1024


@pytest.mark.parametrize("address", ["/console/login", "/console/overview"])
def test_the_first_load_takes_at_most_200_kib_of_packed_javascript(page: Page, tenant: Tenant, address: str) -> None:
    met = watched(page)
    if address != "/console/login":
        log_in(page, tenant)
        met.clear()
    open_whole(page, address)
    assert 50 * 1024 < sent_scripts(met) <= MOST
