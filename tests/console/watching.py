"""A browser that is watched: nothing of the console may complain, be held up by its policy, ask another origin or keep
anything in the browser's storage.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1440, "height": 900}
# Chromium writes a line for each answer of 400 and more. A refusal is nothing wrong; a fault of the service is.
_REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d ")
_TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", event => console.error(
    "held up by the policy:", event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber))"""
_STORED = """async () => [
    ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...(await caches.keys()),
    ...(await indexedDB.databases()).map(one => one.name),
    ...(await navigator.serviceWorker.getRegistrations()).map(one => one.scope)]"""


class Watch:
    """One browser context, all that goes wrong in it, and all that it asks for."""

    def __init__(self, browser: Browser, base_url: str, **options: Any) -> None:
        """Open it; `options` are those of `new_context`: viewport, color_scheme, …"""
        chosen: dict[str, Any] = {"viewport": DESKTOP, "reduced_motion": "reduce", **options}
        self.context: BrowserContext = browser.new_context(base_url=base_url, **chosen)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base_url)
        self.context.add_init_script(_TELL_VIOLATIONS)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._netloc, self._expected = urlsplit(base_url).netloc, re.compile("(?!)")
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.complaints.append(f"thrown: {error.error}"))
        self.context.on("request", self._asked)
        self.context.on("requestfailed", self._failed)

    def page(self) -> Page:
        """Open a tab."""
        return self.context.new_page()

    def expect(self, pattern: str) -> None:
        """Pass over what a test itself brings about: a line of the browser's log that a pattern matches."""
        self._expected = re.compile(f"{self._expected.pattern}|{pattern}")

    def check(self) -> None:
        """Fail the test if anything went wrong so far."""
        for page in self.context.pages:
            if page.url.startswith("http"):
                self.complaints += [f"kept in the browser: {name}" for name in page.evaluate(_STORED)]
        assert self.complaints == []

    def close(self) -> None:
        """Close it."""
        self.context.close()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert") and not self._passed_over(message.text):
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _passed_over(self, text: str) -> bool:
        return bool(_REFUSAL.match(text) or self._expected.search(text))

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self._netloc:
            self.complaints.append(f"asked another origin: {request.url}")

    def _failed(self, request: Request) -> None:
        # A page that is left behind ends its calls; that is no failure.
        if request.failure not in ("net::ERR_ABORTED", None) and not self._passed_over(request.failure or ""):
            self.complaints.append(f"failed: {request.url}: {request.failure}")
