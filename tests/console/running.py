"""A running service with the built console: what tests, photographs and the bench of the console stand on."""

import contextlib
import fcntl
import json
import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from flask import Flask
from playwright.sync_api import Page, expect

from app.core import chores
from tests import mails, servers
from tests.factories import PASSWORD, Operator, Person, Tenant, fresh_email, logged_in_again, register
from tests.servers import ROOT

GENEROUS = "1000000 per hour"
OPERATORS_PASSWORD = "a long enough sentence for operators"
SESSION = "/api/v1/console/session"
_WINDOWS = {
    "requests_per_minute": 6_000,
    "requests_per_hour": 100_000,
    "requests_per_day": 1_000_000,
    "user_requests_per_minute": 6_000,
    "user_requests_per_hour": 100_000,
}
SETTINGS = {
    "APP_ENV": "test",
    "BCRYPT_ROUNDS": "4",
    "WEB_CONCURRENCY": "1",
    "THREADS": "8",
    "CLIENT_REGISTRATION_LIMIT": GENEROUS,
    "CLIENT_REGISTRATION_GLOBAL_LIMIT": GENEROUS,
    "SIGNUP_LIMIT": GENEROUS,
    "LOGIN_LIMIT": GENEROUS,
    "RECOVERY_LIMIT": GENEROUS,
    "CODE_LIMIT": GENEROUS,
    "MAIL_WORKER": "process",  # mails leave at a test's own word
    "TIERS": json.dumps({"free": _WINDOWS, "enterprise": _WINDOWS}),
}
"""Windows are there to be shown, and too wide to be met by chance."""


@dataclass(frozen=True)
class Console:
    """The service, reached as `localhost`: passkeys want a name."""

    base_url: str
    environment: dict[str, str]
    api: httpx.Client

    def register(self, **fields: Any) -> Tenant:
        """Register a client with an admin (`tenant.admin` has e-mail and password)."""
        return register(self.api, admin=True, **fields)

    def make_operator(self, email: str = "") -> Operator:
        """Make an operator as `flask operators create` does, and log it in over the API."""
        email = email or fresh_email()
        made = self.flask("operators", "create", "--email", email, "--password", OPERATORS_PASSWORD, "--json")
        told = json.loads(made)
        client_id, key = told["platform_client_id"], told["publishable_key"]
        path = f"/api/v1/{client_id}"
        nobody = Operator(
            self.api, path, told["user_id"], email, OPERATORS_PASSWORD, "", "", client_id=client_id, publishable_key=key
        )
        return logged_in_again(nobody)

    def flask(self, *arguments: str) -> str:
        """Run a flask command on this service; return what it prints. Raises RuntimeError where it fails."""
        done = servers.flask(*arguments, environment=self.environment)
        if done.returncode != 0:
            raise RuntimeError(f"flask {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    @contextlib.contextmanager
    def inside(self) -> Iterator[Flask]:
        """Work as the service itself does, in process: for what has no call and no command."""
        # Here, for the bench imports this module in a process whose settings are others.
        from tests.conftest import settings_from  # noqa: PLC0415
        from tests.support.applications import another_application  # noqa: PLC0415

        with another_application(settings_from(self.environment)) as app:
            yield app

    def do_chore(self, name: str) -> None:
        """Do from beginning to end what the service does by and by; it may be at it at this very moment."""
        until = time.monotonic() + 60
        with self.inside():
            while chores.run(name) is None:
                assert time.monotonic() < until, f"another runner does not end {name}"
                time.sleep(0.1)

    def mails_to(self, address: str) -> list[mails.ReceivedMail]:
        """Deliver what is due and return an address's mails, the oldest first."""
        with self.inside() as app:
            return mails.mails_to(app, address)


@contextlib.contextmanager
def console_server(database_url: str, **chosen: str) -> Iterator[Console]:
    """Serve the built console on a fresh database."""
    build()
    folder = tempfile.mkdtemp(prefix="rowlock-console-")
    environment = {**SETTINGS, "SECRET_KEY": secrets.token_urlsafe(48), "INSTANCE_PATH": folder, **chosen}
    environment["DATABASE_URL"] = database_url
    servers.migrate(environment)
    with (
        servers.rowlock_server(environment, threads=8, host="localhost") as running,
        httpx.Client(base_url=running.base_url, timeout=30) as api,
    ):
        yield Console(running.base_url, running.environment, api)


def build() -> None:
    """Build the console unless it is built from the sources as they are; one process at a time does it."""
    lock = Path(tempfile.gettempdir()) / f"rowlock-console-build-{os.getuid()}.lock"
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run(
            ["make", "--silent", "console"], cwd=ROOT, env=kept, capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        raise RuntimeError(f"the console cannot be built:\n{done.stdout}{done.stderr}")


def log_in(page: Page, who: Tenant | Person) -> dict[str, Any]:
    """Log somebody in at once, without the form: a client's first admin, a person or an operator; return the session.

    Sends what the login page sends; the cookies are then the page's. Open a page next: `page.goto("/console/users")`.
    """
    if isinstance(who, Tenant):
        assert who.admin is not None, "register it with an admin: console.register()"
        client, email, password = who.client_id, who.admin["email"], who.admin["password"]
    else:
        client, email, password = who.path.rpartition("/")[2], who.email, who.password
    origin = str(who.api.base_url).rstrip("/")
    answer = page.request.post(
        SESSION, data={"client": client, "email": email, "password": password}, headers={"Origin": origin}
    )
    assert answer.status == 200, answer.text()
    session: dict[str, Any] = answer.json()
    return session


def drawn(page: Page) -> None:
    """Wait until a page shows what it asked for: from then on it asks for nothing unless somebody does something."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)


def not_across(seconds: int, *, left: float = 30) -> None:
    """Wait for the next hour or day (so many seconds) if this one is about to end: no test's figures lie in two."""
    rest = seconds - time.time() % seconds
    if rest < left:
        time.sleep(rest)


def log_out(page: Page) -> None:
    """Log out by the button, as people do, and wait for the form."""
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.get_by_role("heading", name="Log in", level=1)).to_be_visible()


def fill_in_login(page: Page, client: str, email: str, password: str = PASSWORD) -> None:
    """Log in by the form, as people do, from any page."""
    page.goto("/console/login")
    page.get_by_label("Client", exact=False).first.fill(client)
    page.get_by_label("E-mail", exact=False).first.fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
