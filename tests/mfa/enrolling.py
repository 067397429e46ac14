"""People with second factors, and the authenticator app in their pocket."""

import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import pyotp

from tests.factories import Person, Tenant, bearer

PERIOD = 30


@dataclass
class Pocket:
    """An authenticator app and the recovery codes beside it."""

    secret: str
    recovery_codes: list[str] = field(default_factory=list)
    last_step: int = 0

    def code(self, ahead: int = 0) -> str:
        """Return a code that was not used before; at one moment there are two (this step's, and the next one's)."""
        now = int(time.time()) // PERIOD
        step = max(now, self.last_step + 1) + ahead
        assert step <= now + 1 + ahead, "no fresh code before the next half minute"
        self.last_step = step
        return self.at(step)

    def at(self, step: int) -> str:
        """Return the code of a step."""
        return pyotp.TOTP(self.secret).generate_otp(step)

    def wrong(self) -> str:
        """Return six digits that no step near this moment has."""
        now = int(time.time()) // PERIOD
        near = {self.at(now + step) for step in range(-3, 4)}
        return next(code for code in (f"{number:06}" for number in range(8)) if code not in near)


def enrol(person: Person) -> Pocket:
    """Give somebody an authenticator app."""
    begun = person.call("POST", "/me/mfa/totp")
    assert begun.status_code == 200, begun.text
    pocket = Pocket(begun.json()["secret"])
    confirmed = person.call("POST", "/me/mfa/totp/confirm", json={"code": pocket.code()})
    assert confirmed.status_code == 200, confirmed.text
    pocket.recovery_codes = confirmed.json()["recovery_codes"]
    return pocket


def with_policy(tenant: Tenant, policy: str) -> None:
    """Set a client's policy of second factors."""
    settings = {"settings": {"mfa_policy": policy}}
    answer = tenant.api.patch(f"/api/v1/clients/{tenant.client_id}", json=settings, headers=bearer(tenant.access_key))
    assert answer.status_code == 200, answer.text


def first_step(tenant: Tenant, person: Person) -> dict[str, Any]:
    """Log somebody in by the password and return the answer, which asks for more."""
    answer = tenant.call("POST", "/login", json={"email": person.email, "password": person.password})
    assert answer.status_code == 401, answer.text
    body: dict[str, Any] = answer.json()
    return body


def challenge(tenant: Tenant, person: Person) -> str:
    """Return a fresh `mfa_token`."""
    return str(first_step(tenant, person)["mfa_token"])


def second_step(tenant: Tenant, mfa_token: str, code: str) -> httpx.Response:
    """Complete a login with a code."""
    return tenant.call("POST", "/login/mfa", json={"mfa_token": mfa_token, "code": code})


def log_in(tenant: Tenant, person: Person, code: str) -> Person:
    """Log somebody in by password and code."""
    answer = second_step(tenant, challenge(tenant, person), code)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    tokens = body["access_token"], body["refresh_token"]
    return Person(tenant.api, tenant.path, person.user_id, person.email, person.password, *tokens)
