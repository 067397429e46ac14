"""Passkeys as people use them: a real Chromium with a virtual authenticator in it (MFA-06)."""

import http.server
import shutil
import threading
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.factories import PASSWORD, Tenant, bearer
from tests.mfa.ceremonies import INVALID, add, asked, log_in, login_options, told

INSTALLED = ("chromium", "chromium-browser", "google-chrome")
CREATE = """async options => (await navigator.credentials.create(
    {publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)})).toJSON()"""
GET = """async options => (await navigator.credentials.get(
    {publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)})).toJSON()"""
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Blank(http.server.BaseHTTPRequestHandler):
    """Serves an empty page: WebAuthn wants a page of `localhost`."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, else the one that `make test` has fetched."""
    found = next(filter(None, map(shutil.which, INSTALLED)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The origin of a page that a client's people use."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser, origin: str) -> Iterator[Page]:
    """The page in a tab that remembers nothing of the tests before."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(origin)
        yield page


@pytest.fixture
def device(page: Page) -> "Device":
    """An authenticator built into the tab's computer."""
    return Device(page)


@pytest.fixture
def shop(tenant: Tenant, origin: str) -> Tenant:
    """A client whose people use passkeys on that page."""
    used_on(tenant, origin)
    return tenant


class Device:
    """A virtual authenticator (WebAuthn L3, 11) and the page that asks it."""

    def __init__(self, page: Page) -> None:
        """Plug it in."""
        self._page = page
        self._tools: CDPSession = page.context.new_cdp_session(page)
        self._tools.send("WebAuthn.enable")
        self._id = self._tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def create(self, options: Any) -> Any:
        """Let the browser make a passkey."""
        return self._page.evaluate(CREATE, options)

    def get(self, options: Any) -> Any:
        """Let the browser answer with one."""
        return self._page.evaluate(GET, options)

    def set_verified(self, verified: bool) -> None:
        """Say whether the person unlocks it from now on."""
        self._tools.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": verified})


def used_on(tenant: Tenant, origin: str) -> None:
    """Set where the client's passkeys are used."""
    path, settings = f"/api/v1/clients/{tenant.client_id}", {"passkey_rp_id": "localhost", "passkey_origins": [origin]}
    answer = tenant.api.patch(path, json={"settings": settings}, headers=bearer(tenant.access_key))
    assert answer.status_code == 200, answer.text


def test_MFA_06_a_passkey_logs_in_alone_is_a_second_factor_and_proves_that_one_is_still_there(
    device: Device, shop: Tenant
) -> None:
    person = shop.sign_up()
    added = add(person, device.create(asked(person, "/me/passkeys/options")), name="Laptop")
    assert (added.status_code, added.json()["name"], len(added.json()["recovery_codes"])) == (201, "Laptop", 10)

    alone = log_in(shop, device.get(login_options(shop)))
    assert (alone.status_code, alone.json()["user_id"]) == (200, person.user_id)
    assert amr_of(shop, alone.json()["access_token"]) == ["pop", "user", "mfa"]

    half = shop.call("POST", "/login", json={"email": person.email, "password": PASSWORD})
    assert told(half) == (401, "mfa_required")
    assert half.json()["methods"] == ["passkey", "recovery_code"]
    credential = device.get(half.json()["passkey_options"])
    whole = shop.call("POST", "/login/mfa", json={"mfa_token": half.json()["mfa_token"], "credential": credential})
    assert whole.status_code == 200, whole.text
    assert amr_of(shop, whole.json()["access_token"]) == ["pwd", "pop", "mfa"]

    still = person.call("POST", "/me/reauth", json={"credential": device.get(asked(person, "/me/reauth/options"))})
    assert still.status_code == 204
    [shown] = person.call("GET", "/me/passkeys").json()["items"]
    assert shown["last_used_at"] is not None
    logins = shop.audit(action="login", user_id=person.user_id)
    assert [row["status"] for row in logins] == ["success", "failed", "success"]  # the password alone was not enough


def test_MFA_06_replayed_on_another_page_or_without_a_person_it_is_refused(
    device: Device, shop: Tenant, origin: str
) -> None:
    person = shop.sign_up()
    assert add(person, device.create(asked(person, "/me/passkeys/options"))).status_code == 201
    used = device.get(login_options(shop))
    assert log_in(shop, used).status_code == 200
    assert told(log_in(shop, used)) == INVALID

    used_on(shop, "http://localhost:1")
    assert told(log_in(shop, device.get(login_options(shop)))) == INVALID
    used_on(shop, origin)

    device.set_verified(False)
    unasked = {"userVerification": "discouraged"}
    assert told(log_in(shop, device.get(login_options(shop) | unasked))) == INVALID
    half = shop.call("POST", "/login", json={"email": person.email, "password": PASSWORD}).json()
    step = {"mfa_token": half["mfa_token"], "credential": device.get(half["passkey_options"] | unasked)}
    assert shop.call("POST", "/login/mfa", json=step).status_code == 200  # the password was the other factor
    device.set_verified(True)
    assert log_in(shop, device.get(login_options(shop))).status_code == 200


def test_MFA_07_a_passkey_of_one_client_opens_no_other(
    device: Device, shop: Tenant, other: Tenant, origin: str
) -> None:
    used_on(other, origin)
    ada, namesake = (tenant.sign_up("ada@example.com") for tenant in (shop, other))
    assert add(ada, device.create(asked(ada, "/me/passkeys/options"))).status_code == 201
    assert told(log_in(other, device.get(login_options(other)))) == INVALID
    assert log_in(shop, device.get(login_options(shop))).status_code == 200
    options = asked(ada, "/me/passkeys/options") | {"excludeCredentials": []}
    assert told(add(namesake, device.create(options))) == INVALID


def amr_of(tenant: Tenant, access_token: str) -> list[str]:
    """Return what a token says was proved."""
    claims: list[str] = jwt.decode(access_token, options={"verify_signature": False})["amr"]
    return claims
