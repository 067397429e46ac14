"""What tests of the console share.

`console`: the service with the built console on PostgreSQL. `page`: a tab of 1280 px that is watched: the test fails if
anything complains, asks another origin or is stored. `another_page(viewport=PHONE, color_scheme="dark")` opens further
ones, each a browser of its own. `tenant` (a fresh client with an admin) and `operator`; `log_in(page, tenant)` logs in
without the form.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.console.running import Console, console_server, log_in
from tests.console.watching import DESKTOP, PHONE, WIDE, Watch
from tests.factories import Operator, Tenant
from tests.servers import PostgresServer
from tests.support.browser import chromium

_HERE = Path(__file__).parent
__all__ = ["DESKTOP", "PHONE", "WIDE", "Console", "log_in"]


@pytest.hookimpl(trylast=True)  # after pytest itself has put together what shares a database
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put these tests first: the workers of a run steal from the end, so one worker alone starts what they stand on."""
    items.sort(key=lambda item: not item.path.is_relative_to(_HERE))


@pytest.fixture(scope="session")
def console(postgres: PostgresServer) -> Iterator[Console]:
    """The service with the built console, on PostgreSQL."""
    with console_server(postgres.create_database()) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium for the tests of this folder; other folders start their own, and two cannot be held at once."""
    with chromium() as started:
        yield started


@pytest.fixture
def watch(browser: Browser, console: Console) -> Iterator[Watch]:
    """What watches `page`: `watch.requests`, `watch.expect(…)` for a complaint that a test itself brings about."""
    made = Watch(browser, console.base_url)
    yield made
    _end(made)


@pytest.fixture
def page(watch: Watch) -> Page:
    """A tab that remembers nothing of the tests before."""
    return watch.page()


@pytest.fixture
def another_page(browser: Browser, console: Console) -> Iterator[Callable[..., Page]]:
    """Opens tabs in browsers of their own: of other people, widths and colours."""
    made: list[Watch] = []

    def open_one(**options: object) -> Page:
        made.append(Watch(browser, console.base_url, **options))
        return made[-1].page()

    yield open_one
    for one in made:
        _end(one)


@pytest.fixture
def tenant(console: Console) -> Tenant:
    """A fresh client with an admin."""
    return console.register()


@pytest.fixture(scope="session")
def an_operator(console: Console) -> Operator:
    """An operator for all tests of the console; `operator` is this one, who has just logged in."""
    return console.make_operator()


def _end(watch: Watch) -> None:
    try:
        watch.check()
    finally:
        watch.close()
