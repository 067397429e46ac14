"""The ceremonies of passkeys as people and their authenticators go through them."""

from typing import Any

import httpx

from tests.factories import PASSWORD, Person, Tenant, bearer
from tests.mfa.authenticator import Authenticator, Options

INVALID = (400, "invalid_code")
CREATION, OWN = "/me/passkeys/options", "/me/passkeys"


def told(answer: httpx.Response) -> tuple[int, str]:
    """Return what an answer says went wrong."""
    return answer.status_code, answer.json()["code"]


def asked(caller: Person | Tenant, path: str) -> Options:
    """Ask for options."""
    answer = caller.call("POST", path)
    assert answer.status_code == 200, answer.text
    options: Options = answer.json()
    return options


def login_options(tenant: Tenant) -> Options:
    """Ask for the options of a login."""
    return asked(tenant, "/login/passkey/options")


def add(person: Person, credential: Any, **more: Any) -> httpx.Response:
    """Send what a browser has made."""
    return person.call("POST", "/me/passkeys", json={"credential": credential, **more})


def enrol(person: Person, held: Authenticator | None = None) -> Authenticator:
    """Let a person add a passkey."""
    held = held or Authenticator()
    answer = add(person, held.create(asked(person, "/me/passkeys/options")))
    assert answer.status_code == 201, answer.text
    return held


def log_in(tenant: Tenant, credential: Any) -> httpx.Response:
    """Send an answer to a login's options."""
    return tenant.call("POST", "/login/passkey", json={"credential": credential})


def honest_login(tenant: Tenant, held: Authenticator) -> httpx.Response:
    """Log in as a browser would."""
    return log_in(tenant, held.get(login_options(tenant)))


def half_login(tenant: Tenant, person: Person) -> dict[str, Options]:
    """Give the right password of somebody who has a second factor."""
    answer = tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD})
    assert told(answer) == (401, "mfa_required")
    body: dict[str, Options] = answer.json()
    return body


def second_step(tenant: Tenant, half: dict[str, Options], credential: Options) -> httpx.Response:
    """Complete a login."""
    return tenant.call("POST", "/login/mfa", json={"mfa_token": half["mfa_token"], "credential": credential})


def reauthenticate(person: Person, credential: Options) -> httpx.Response:
    """Prove again who one is."""
    return person.call("POST", "/me/reauth", json={"credential": credential})


def set_to(tenant: Tenant, **changed: object) -> None:
    """Change the client's settings."""
    path = f"/api/v1/clients/{tenant.client_id}"
    answer = tenant.api.patch(path, json={"settings": changed}, headers=bearer(tenant.access_key))
    assert answer.status_code == 200, answer.text
