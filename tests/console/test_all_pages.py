"""Every page, of a client that has something to show: what must hold wherever one looks.

ADM-07: what strangers have written into that client is text in the console, wherever it is shown.
`page`'s own watch adds: no complaint, nothing held up by the policy, no other origin asked, nothing stored.
"""

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.console import population, strange_words
from tests.console.pages import ADMIN, NOBODY, OPERATOR, PAGES, Place
from tests.console.population import Furnished
from tests.console.running import Console, drawn, log_in
from tests.console.watching import DESKTOP, PHONE
from tests.factories import Operator

_OVERFLOW = """() => [document.documentElement.scrollWidth, ...[...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3).map(one => one.outerHTML.slice(0, 120))]"""
_INLINE = """() => [...document.querySelectorAll("script:not([src]), style, [onclick], [onload], [onerror]")]
    .map(one => one.outerHTML.slice(0, 120))"""
_LEVELS = "[...document.querySelectorAll('h1, h2, h3, h4, h5')].map(one => Number(one.tagName[1]))"
_BEGUN_WITH = ("H1", "INPUT")
"""What has the focus on a fresh page: its name, or the first field where something is to be filled in at once."""


@pytest.fixture(scope="session")
def furnished(console: Console, an_operator: Operator) -> Furnished:
    """A client with some days and strangers' words behind it, and others around it."""
    made = population.furnish(console, days=9)
    strange_words.write(made.tenant, made.ids)
    population.surround(console, an_operator, made.tenant, others=5)
    return made


@pytest.mark.timeout(300)  # a walk through all the pages of somebody
@pytest.mark.parametrize("who", [NOBODY, ADMIN, OPERATOR])
def test_ADM_07_every_page_is_readable_for_everybody_fits_a_phone_and_shows_what_is_stored_as_text(
    page: Page, console: Console, who: str, request: pytest.FixtureRequest
) -> None:
    ids, seen, faults = enter(page, who, request), set[str](), dict[str, list[Any]]()
    for place in (one for one in PAGES if one.who == who):
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="light")
        open_whole(page, place.address(ids))
        seen |= strange_words.shown(page)
        links = page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
        dead = [link for link in dict.fromkeys(links) if is_dead(link, console)]
        found = [*begun_wrongly(page), *strange_words.at_work(page), *dead, *faults_for_axe(page)]
        faults[place.name] = [*found, *too_wide_for_a_phone(page)]
    assert {name: found for name, found in faults.items() if found} == {}
    assert seen >= strange_words.SHOWN[who]


def test_the_isolation_report_shows_its_verdict_and_hands_out_the_signed_document(
    page: Page, console: Console, furnished: Furnished, tmp_path: Path
) -> None:
    log_in(page, furnished.tenant)
    page.goto("/console/isolation")
    expect(page.get_by_text("No other client reaches your data")).to_be_visible()
    expect(page.get_by_text("the database itself: it holds every statement to its client")).to_be_visible()
    every_route = page.get_by_role("region", name="The whole installation").get_by_role("listitem")
    expect(every_route.filter(has_text="Calls to another client are refused")).to_contain_text("Passed")
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download the document").click()
    begun.value.save_as(tmp_path / "report.jws")
    assert furnished.tenant.client_id in console.flask("documents", "verify", str(tmp_path / "report.jws"))


def enter(page: Page, who: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Log in whoever is to see the pages; return the ids of what is there to see."""
    if who == NOBODY:
        return {}
    furnished: Furnished = request.getfixturevalue("furnished")
    log_in(page, furnished.tenant if who == ADMIN else request.getfixturevalue("operator"))
    return furnished.ids


def open_whole(page: Page, address: str) -> None:
    """Open a page and wait until it has drawn what it asked for."""
    page.goto(address)
    drawn(page)
    page.wait_for_load_state("networkidle")


def faults_for_axe(page: Page) -> list[str]:
    """Return what axe finds on an open page; in the dark, where nothing but colours differs, of these alone."""
    found = [Axe().run(page)]
    page.emulate_media(color_scheme="dark")
    again = Axe("0")  # its script is in the page by now
    found.append(again.run(page, options={"runOnly": ["color-contrast"], "resultTypes": ["violations"]}))
    return [one.generate_report() for one in found if one.violations_count]


def too_wide_for_a_phone(page: Page) -> list[str]:
    """Return what sticks out at the side of a phone's screen, if the page can be moved sideways there."""
    page.set_viewport_size(PHONE)
    width, *parts = page.evaluate(_OVERFLOW)
    return [f"{width} px", *parts] if width > PHONE["width"] else []


def begun_wrongly(page: Page) -> list[str]:
    """Return what is wrong with the head of a page: its name, the focus, its headings; and what stands inline."""
    names: list[str] = [one.inner_text() for one in page.get_by_role("heading", level=1).all()]
    focus, title = page.evaluate("document.activeElement.tagName"), page.title()
    levels: list[int] = page.evaluate(_LEVELS)
    inline: list[Any] = page.evaluate(_INLINE)
    return [
        *([f"{len(names)} names: {names}"] if len(names) != 1 else []),
        *([f"the focus is on {focus}"] if focus not in _BEGUN_WITH else []),
        *([f"the title is {title}"] if not names or names[0] not in title else []),
        *([f"headings leap: {levels}"] if any(b - a > 1 for a, b in itertools.pairwise(levels)) else []),
        *([f"inline: {inline}"] if inline else []),
    ]


def is_dead(link: str, console: Console) -> bool:
    """Whether a link leads to nothing, or to somewhere else."""
    if not link.startswith(console.base_url):
        return True
    path = link.removeprefix(console.base_url).partition("?")[0].partition("#")[0]
    inside = path.removeprefix("/console").rstrip("/")
    if path.startswith("/console"):
        return bool(inside) and not _KNOWN.fullmatch(inside)
    return console.api.get(path).status_code != 200


def _pattern(place: Place) -> str:
    return re.sub(r"{\w+}", "[^/]+", place.path)


_KNOWN = re.compile("|".join(map(_pattern, PAGES)))
