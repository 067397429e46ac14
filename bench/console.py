"""`make bench-console`: the console in a real Chromium: its first load, and the operators' list of 10,000 clients.

The clients are registered over HTTP in a PostgreSQL with fsync. A time is taken inside the page, from the event (the
click, the last letter typed, the navigation) to the first frame in which the rows asked for stand there.
"""

import argparse
import itertools
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Response

from bench.population import post
from bench.tenant_report import percentile
from tests import servers
from tests.console.running import Console, console_server, log_in
from tests.console.watching import WIDE
from tests.factories import Operator
from tests.support.browser import chromium

CLIENTS, TIMES = 10_000, 20
_AT_ONCE = 4
_PAGE = servers.ROOT / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- console: written by make bench-console -->", "<!-- console: end -->"
_TOWNS = ("Ashford", "Brookside", "Calder", "Dunmore", "Easton", "Fairview", "Glenwood", "Harrow", "Inverness", "Kelso")
_TRADES = ("Bakery", "Clinic", "Cycles", "Foods", "Books", "Garage", "Insurance", "Logistics", "Optics", "Software")
_MORE = re.compile("more", re.IGNORECASE)
_ROWS_DRAWN = """([event, wanted]) => { window.drawn = new Promise(done => {
    const begun = () => { const from = performance.now(); const look = () => {
        const rows = [...document.querySelectorAll("main tbody tr")];
        const busy = document.querySelector("main table[aria-busy=true]");
        const here = document.title.startsWith("Clients");
        const those = rows.length && rows.every(row => row.textContent.includes(wanted));
        if (here && those && !busy) done(performance.now() - from); else requestAnimationFrame(look); }; look(); };
    if (event) addEventListener(event, begun, {once: true, capture: true}); else begun(); }) }"""
_READY = """() => new Promise(done => { const look = () => document.querySelector("main h1")
    ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look); look(); })"""


@dataclass
class Figures:
    """Milliseconds of each measurement by what was measured; bytes of JavaScript by page."""

    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    scripts: dict[str, int] = field(default_factory=dict)
    prepared: float = 0.0


def main() -> None:
    """Measure, print, and write the table down if asked to."""
    options = _options()
    with servers.postgres_server(fsync=True, shared_buffers="1GB") as postgres:
        text = as_text(measure(postgres.create_database(), options.clients, options.times), options.clients)
    print(text)
    if options.write:
        write(text)


def measure(database_url: str, clients: int, times: int) -> Figures:
    """Register the clients, then measure each thing so many times."""
    found = Figures()
    with console_server(database_url, BCRYPT_ROUNDS="12") as console, chromium() as browser:
        began = time.monotonic()
        names = _register(console, clients)
        operator = console.make_operator()
        found.prepared = time.monotonic() - began
        _tell(f"{clients:,} clients registered in {found.prepared:.0f} s")
        found.milliseconds["`/console/login`, nothing cached, to its first heading"] = [
            _first_load(browser, console, found.scripts) for _ in range(times)
        ]
        page = _operators_page(browser, console, operator)
        _first_load_inside(page, console, found.scripts)
        for told, values in _lists(page, names, times):
            found.milliseconds[told] = values
            _tell(told)
        page.context.close()
    return found


def as_text(found: Figures, clients: int) -> str:
    """Return the figures as Markdown."""
    today, sizes = time.strftime("%Y-%m-%d", time.gmtime()), found.scripts
    lines = [
        f"Measured by `make bench-console` on {today}: {os.cpu_count()} cores for Chromium, PostgreSQL with fsync and",
        f"the service (one worker) together; {clients:,} clients, registered over HTTP in {found.prepared:.0f} s.",
        "",
        "| in the page | p50 | p95 | aim |",
        "| --- | --- | --- | --- |",
    ]
    for told, values in found.milliseconds.items():
        p50, p95 = statistics.median(values), percentile(values, 0.95)
        aim = 1_000 if "cached" in told else 300
        missed = "" if p95 <= aim else ", **missed**"
        lines.append(f"| {told} | {p50:.0f} ms | {p95:.0f} ms | ≤ {aim:,} ms{missed} |")
    lines += ["", "| JavaScript of the first load, as sent (gzip) | KiB | aim |", "| --- | --- | --- |"]
    for name, size in sizes.items():
        missed = "" if size <= 200 * 1024 else ", **missed**"
        lines.append(f"| {name} | {size / 1024:.0f} | ≤ 200{missed} |")
    return "\n".join(lines)


def write(text: str, page: Path = _PAGE) -> None:
    """Put the figures between their marks on a page; raises ValueError where there are none."""
    before, found, rest = page.read_text().partition(_BEGIN)
    _, ended, after = rest.partition(_END)
    if not found or not ended:
        raise ValueError(f"{page.name} has no marks to write between")
    page.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}")


def sent_scripts(responses: list[Response]) -> int:
    """Return the bytes of the scripts among answers, as they go over the wire."""
    return sum(int(one.headers["content-length"]) for one in responses if one.request.resource_type == "script")


def watched(page: Page) -> list[Response]:
    """Return a list that fills with the answers that a page gets from now on."""
    met: list[Response] = []
    page.on("response", lambda answer: met.append(answer))  # a built-in method holds no mark of Playwright's
    return met


def _register(console: Console, count: int) -> list[str]:
    """Register clients of names that people would have; return the names."""
    address = console.base_url.removeprefix("http://").split(":")
    makers = itertools.cycle(f"{town} {trade}" for town in _TOWNS for trade in _TRADES)
    names = [f"{maker} {number:05}" for number, maker in zip(range(count), makers, strict=False)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        made = pool.map(
            lambda name: post(("127.0.0.1", int(address[1])), "/api/v1/clients/register", {"client_name": name}), names
        )
        assert sum(1 for _ in made) == count
    return names


def _first_load(browser: Browser, console: Console, scripts: dict[str, int]) -> float:
    """Open the login in a browser that has never been here; return the milliseconds to its heading."""
    with browser.new_context(base_url=console.base_url, viewport=WIDE) as context:
        page = context.new_page()
        met = watched(page)
        page.goto("/console/login", wait_until="commit")
        taken: float = page.evaluate(_READY)
        page.wait_for_load_state("networkidle")
        scripts["`/console/login`"] = sent_scripts(met)
    return taken


def _operators_page(browser: Browser, console: Console, operator: Operator) -> Page:
    page = browser.new_context(base_url=console.base_url, viewport=WIDE).new_page()
    log_in(page, operator)
    return page


def _first_load_inside(page: Page, console: Console, scripts: dict[str, int]) -> None:
    """Weigh what the overview and the list of clients fetch when they are the first page opened."""
    for name in ("/console/overview", "/console/clients"):
        with page.context.browser.new_context(base_url=console.base_url) as context:  # type: ignore[union-attr]
            context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
            fresh = context.new_page()
            met = watched(fresh)
            fresh.goto(name)
            fresh.wait_for_load_state("networkidle")
            scripts[f"`{name}`"] = sent_scripts(met)


def _lists(page: Page, names: list[str], times: int) -> Iterator[tuple[str, list[float]]]:
    """Measure the list of clients in each way that people come to it."""

    def by_click() -> float:
        page.goto("/console/tiers")
        link = page.get_by_role("navigation").get_by_role("link", name="Clients", exact=True)
        link.wait_for()
        return _timed(page, "click", "", link.click)

    def by_search(number: int) -> float:
        wanted = names[(number * 7919 + len(names) // 2) % len(names)]
        return _timed(page, "input", wanted, lambda: page.get_by_role("searchbox").fill(wanted))

    yield "the list of clients, from the click to its rows", [by_click() for _ in range(times)]
    yield "a search by name, from the last key to its row", [by_search(number) for number in range(times)]
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name=_MORE).wait_for()
    yield "the next rows, from the click below the list", [_next_page(page) for _ in range(times)]


def _next_page(page: Page) -> float:
    """Return the milliseconds from the click on the button below the list to its further rows."""
    taken: float = page.evaluate("""() => new Promise(done => {
        const rows = () => document.querySelectorAll("main tbody tr").length, before = rows();
        const more = [...document.querySelectorAll("main button")].find(one => /more/i.test(one.textContent));
        const from = performance.now(); more.click();
        const look = () => rows() > before ? done(performance.now() - from) : requestAnimationFrame(look);
        look(); })""")
    return taken


def _timed(page: Page, event: str, wanted: str, act: Callable[[], Any]) -> float:
    """Return the milliseconds from an event that `act` brings about to the frame that shows nothing but rows wanted."""
    page.evaluate(_ROWS_DRAWN, [event, wanted])
    act()
    taken: float = page.evaluate("window.drawn")
    return taken


def _tell(done: str) -> None:
    print(done, file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS, help=f"how many clients ({CLIENTS})")
    parser.add_argument("--times", type=int, default=TIMES, help=f"how often each is measured ({TIMES})")
    parser.add_argument("--write", action="store_true", help="write the table into docs/benchmarks.md")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    main()
