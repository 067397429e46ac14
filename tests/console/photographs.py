"""`make photographs`: every page of the console in light and dark, 390 and 1440 px wide, into docs/screenshots.

The service is a real one with believable data, on a PostgreSQL of its own. What a picture shows beyond 2,400 px is cut,
and it has 256 colours, so that the folder stays small enough to keep with the code.
"""

import argparse
import io
import os
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

from tests import servers
from tests.console import population
from tests.console.pages import ADMIN, NOBODY, OPERATOR, PAGES, Place
from tests.console.running import Console, console_server, drawn, log_in
from tests.console.watching import PHONE, WIDE
from tests.factories import Person, Tenant
from tests.servers import ROOT
from tests.support.browser import chromium

FOLDER = ROOT / "docs" / "screenshots"
SIZES, SCHEMES = (PHONE, WIDE), ("light", "dark")
TALLEST = 2_400
_PEOPLE = 40


def main() -> None:
    """Photograph the pages named, else all, and say how large the folder is."""
    options = _options()
    wanted = [place for place in PAGES if not options.pages or place.name in options.pages]
    options.to.mkdir(parents=True, exist_ok=True)
    if not options.pages:
        for old in options.to.glob("*.png"):
            old.unlink()
    with (
        servers.postgres_server(fsync=False) as postgres,
        console_server(postgres.create_database()) as console,
        chromium() as browser,
    ):
        furnished = population.furnish(console, people=_PEOPLE)
        operator = console.make_operator("olga@rowlock.example")
        population.surround(console, operator, furnished.tenant)
        who: dict[str, Tenant | Person | None] = {NOBODY: None, ADMIN: furnished.tenant, OPERATOR: operator}
        for size in SIZES:
            for scheme in SCHEMES:
                photograph(browser, console, wanted, furnished.ids, who, options.to, size, scheme)
    made = list(options.to.glob("*.png"))
    size = sum(one.stat().st_size for one in made) / 2**20
    sys.stdout.write(f"{len(made)} pictures, {size:.1f} MiB, in {options.to}\n")


def photograph(
    browser: Browser,
    console: Console,
    places: list[Place],
    ids: dict[str, str],
    who: dict[str, Tenant | Person | None],
    folder: Path,
    size: Any,
    scheme: Any,
) -> None:
    """Photograph pages at one size and in one scheme."""
    for kind, person in who.items():
        chosen = [place for place in places if place.who == kind]
        if not chosen:
            continue
        with browser.new_context(
            base_url=console.base_url, viewport=size, color_scheme=scheme, reduced_motion="reduce"
        ) as context:
            page = context.new_page()
            if person is not None:
                log_in(page, person)
            for place in chosen:
                _take(page, place.address(ids), folder / f"{place.name}-{size['width']}-{scheme}.png")


def _take(page: Page, address: str, to: Path) -> None:
    page.goto(address)
    drawn(page)
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    width = page.viewport_size["width"] if page.viewport_size else 0
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    taken = page.screenshot(
        full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height}, animations="disabled"
    )
    with Image.open(io.BytesIO(taken)) as picture:
        few = picture.convert("RGB").quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(to, optimize=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.console.photographs", description=__doc__)
    parser.add_argument("pages", nargs="*", help="names of pages; all if none is named")
    parser.add_argument("--to", type=Path, default=FOLDER, help="another folder")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    main()
