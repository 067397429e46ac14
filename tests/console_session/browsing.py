"""A page of the console as the service sees it: cookies that a browser keeps, its Origin, and the echoed proof."""

from typing import Any

import httpx
import jwt
from flask import Flask

from tests.conftest import client_from
from tests.factories import Person, Tenant

ORIGIN = "http://localhost:8000"
PLACE = "/api/v1/console"
SESSION, REFRESH, LOGIN, CSRF = "rowlock_session", "rowlock_refresh", "rowlock_login", "rowlock_csrf"
HALF_DONE = {"mfa_required", "mfa_enrollment_required"}


class Page:
    """A browser with a page of the console open; `call` adds what the page's script adds to each call."""

    def __init__(self, app: Flask, *, address: str = "127.0.0.1", origin: str = ORIGIN) -> None:
        """Open it, without any cookie."""
        self.browser = client_from(app, address)
        self.browser.base_url = httpx.URL(origin)
        self.origin = origin

    @property
    def cookies(self) -> dict[str, str]:
        """What the browser keeps by now."""
        return dict(self.browser.cookies.items())

    @property
    def proof(self) -> dict[str, str]:
        """The header that echoes the cookie which scripts can read."""
        echoed = [value for name, value in self.cookies.items() if name.endswith(CSRF)]
        return {"X-CSRF-Token": echoed[0]} if echoed else {}

    def call(self, method: str, path: str, *, without: tuple[str, ...] = (), **options: Any) -> httpx.Response:
        """Call a path of the service as the page's script does; `without` names headers that it leaves out."""
        headers = {} if method in ("GET", "HEAD") else {"Origin": self.origin, **self.proof}
        headers |= options.pop("headers", {})
        kept = {name: value for name, value in headers.items() if name not in without}
        return self.browser.request(method, path, headers=kept, **options)

    def log_in(self, client: str, email: str, password: str) -> httpx.Response:
        """Send the login form."""
        return self.call("POST", f"{PLACE}/session", json={"client": client, "email": email, "password": password})

    def enter(self, tenant: Tenant, person: Person) -> dict[str, Any]:
        """Log somebody in who needs no second factor, and return who is logged in."""
        answer = self.log_in(tenant.slug, person.email, person.password)
        assert answer.status_code == 200, answer.text
        session: dict[str, Any] = answer.json()
        return session

    def begin(self, tenant: Tenant, person: Person) -> dict[str, Any]:
        """Log somebody in by the password and return the answer, which asks for more."""
        answer = self.log_in(tenant.slug, person.email, person.password)
        assert answer.status_code == 401, answer.text
        body: dict[str, Any] = answer.json()
        assert body["code"] in HALF_DONE
        return body

    def second_step(self, code: str) -> httpx.Response:
        """Send the form of the second factor."""
        return self.call("POST", f"{PLACE}/session/mfa", json={"code": code})

    def show(self) -> httpx.Response:
        """Ask who is logged in."""
        return self.call("GET", f"{PLACE}/session")

    def refresh(self) -> httpx.Response:
        """Ask for new tokens."""
        return self.call("POST", f"{PLACE}/session/refresh", json={})

    def prove(self, **proof: str) -> httpx.Response:
        """Send the form that asks who one is."""
        return self.call("POST", f"{PLACE}/session/reauth", json=proof)

    def leave(self) -> httpx.Response:
        """Log out."""
        return self.call("DELETE", f"{PLACE}/session")

    def holds(self, **cookies: str) -> "Page":
        """Put cookies into the browser by hand."""
        for name, value in cookies.items():
            self.browser.cookies.set(name, value, domain="localhost.local", path="/")
        return self


def told(answer: httpx.Response) -> tuple[int, str]:
    """Return what an answer says went wrong."""
    return answer.status_code, answer.json()["code"]


def copied(app: Flask, page: Page) -> Page:
    """Return another browser with the same cookies."""
    return Page(app).holds(**page.cookies)


def amr(page: Page) -> list[str]:
    """Return by what the session of a page was proved, as its token says."""
    claims = jwt.decode(page.cookies[SESSION], options={"verify_signature": False})
    found: list[str] = claims["amr"]
    return found


def is_dead(page: Page) -> bool:
    """Whether the session that a browser's cookies hold is over, with all that it could be refreshed by."""
    ends = {told(page.show()), told(page.refresh())}
    return ends <= {(401, "token_revoked"), (401, "authentication_required")}
