"""Rowlock from a real page: what Chromium lets a page of another origin send and read (ADM-08)."""

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import PASSWORD, Tenant, bearer, fresh_email, register
from tests.servers import RunningServer
from tests.support.browser import chromium
from tests.web.test_cors import allow, new_key

REJECTED = {"rejected": "TypeError"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for all tests of this file."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def origins() -> Iterator[tuple[str, str]]:
    """Two origins that serve the same page."""
    with served() as one, served() as another:
        yield one, another


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab that remembers nothing of the tests before."""
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture
def shop(live: httpx.Client) -> Tenant:
    """A client of the real server."""
    return register(live)


@contextlib.contextmanager
def served() -> Iterator[str]:
    """Serve the page on a free port; yield its origin."""
    handler = functools.partial(Quiet, directory=str(Path(__file__).parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a word on the terminal."""

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing."""


def on_page(page: Page, origin: str, function: str, *arguments: Any) -> Any:
    """Open the page of an origin and run one of its functions."""
    page.goto(f"{origin}/page.html")
    return page.evaluate(f"given => {function}(...given)", list(arguments))


def test_ADM_08_a_named_page_signs_somebody_up_logs_in_and_reads_who_that_is(
    page: Page, origins: tuple[str, str], server: RunningServer, shop: Tenant
) -> None:
    named, _ = origins
    key = new_key(shop, named)["api_key"]
    allow(shop, named)
    person = {"email": fresh_email(), "password": PASSWORD}
    seen = on_page(page, named, "visit", server.base_url + shop.path, key, person)
    assert [seen[step].get("status") for step in ("signup", "login", "me")] == [201, 200, 200], seen
    assert seen["me"]["body"]["user_id"] == seen["signup"]["body"]["user_id"]
    assert seen["me"]["body"]["email"] == person["email"]
    told = seen["login"]["headers"]
    assert int(told["x-ratelimit-limit"]) - int(told["x-ratelimit-remaining"]) >= 1
    assert {"x-ratelimit-reset", "ratelimit", "ratelimit-policy", "x-request-id"} <= told.keys()
    wrong = on_page(page, named, "call", "POST", f"{server.base_url}{shop.path}/login", key, {"email": "a@example.com"})
    assert (wrong["status"], wrong["body"]["code"]) == (422, "validation_failed")


def test_ADM_08_a_page_that_nobody_named_sends_and_reads_nothing(
    page: Page, origins: tuple[str, str], server: RunningServer, shop: Tenant
) -> None:
    named, stranger = origins
    key = new_key(shop, named)["api_key"]
    allow(shop, named)
    known = shop.sign_up()
    person = {"email": fresh_email(), "password": PASSWORD}
    client = server.base_url + shop.path
    assert on_page(page, stranger, "visit", client, key, person) == dict.fromkeys(("signup", "login", "me"), REJECTED)
    for method, path in (("GET", "/me"), ("GET", "/me/sessions"), ("DELETE", "/me"), ("PATCH", "/me")):
        assert on_page(page, stranger, "call", method, client + path, known.access_token) == REJECTED
    # No preflight precedes a plain GET; the page may not read the answer.
    assert on_page(page, stranger, "call", "GET", f"{client}/.well-known/jwks.json") == REJECTED
    assert on_page(page, named, "call", "GET", f"{client}/.well-known/jwks.json")["status"] == 200
    assert known.call("GET", "/me").status_code == 200
    assert len(shop.audit(action="signup")) == 1  # of the person whom the test itself signed up
    assert shop.audit(action="login") == []


def test_ADM_08_a_page_whose_key_is_revoked_is_refused_from_the_next_call_on(
    page: Page, origins: tuple[str, str], server: RunningServer, shop: Tenant
) -> None:
    named, _ = origins
    key, login = new_key(shop, named), {"email": fresh_email(), "password": PASSWORD}
    arguments = ("call", "POST", f"{server.base_url}{shop.path}/login", key["api_key"], login)
    assert on_page(page, named, *arguments)["status"] == 401
    revoked = shop.api.post(f"{shop.path}/keys/{key['key_id']}/revoke", headers=bearer(shop.access_key))
    assert revoked.status_code == 200
    # The browser remembers its preflight for ten minutes, but is answered nothing that the page could read.
    assert on_page(page, named, *arguments) == REJECTED


def test_the_contents_of_the_reference_lead_to_its_parts(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.base_url}/docs")
    part = page.locator("#operations-tag-keys")
    expect(part).to_be_visible()
    expect(part).not_to_be_in_viewport()
    page.get_by_role("navigation", name="Contents").get_by_role("link", name="keys", exact=True).click()
    expect(part).to_be_in_viewport()
