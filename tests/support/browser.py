"""A real Chromium for the tests: the machine's own, else the one that `make test` has fetched."""

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, expect, sync_playwright

# A slow machine is no fault of what is tested.
expect.set_options(timeout=15_000)
_INSTALLED = ("chromium", "chromium-browser", "google-chrome")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start it; as root it has no sandbox, so it visits only pages of our own."""
    found = next(filter(None, map(shutil.which, _INSTALLED)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
