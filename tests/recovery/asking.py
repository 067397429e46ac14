"""What these tests ask of the service, and what comes back by mail."""

from typing import Any

import httpx
from flask import Flask

from tests.factories import PASSWORD, Person, Tenant, bearer, fresh_email
from tests.mails import mails_to

NEW = "seven geese over the harbour"
OTHER = "eleven herons by the canal"
CALLS = {
    "verify-email": "/email/verify",
    "reset-password": "/password/reset",
    "change-email": "/me/email/confirm",
    "accept-invitation": "/invitations/accept",
}
"""The call that takes the code of each page."""


def set_up(tenant: Tenant, **settings: Any) -> None:
    """Change settings of a client."""
    path = f"/api/v1/clients/{tenant.client_id}"
    answer = tenant.api.patch(path, json={"settings": settings}, headers=bearer(tenant.access_key))
    assert answer.status_code == 200, answer.text


def sign_up(tenant: Tenant, email: str, password: str = PASSWORD, **fields: Any) -> httpx.Response:
    return tenant.call("POST", "/signup", json={"email": email, "password": password, **fields})


def log_in(tenant: Tenant, email: str, password: str = PASSWORD) -> httpx.Response:
    return tenant.call("POST", "/login", json={"email": email, "password": password})


def forget(tenant: Tenant, email: str, **fields: Any) -> None:
    answer = tenant.call("POST", "/password/forgot", json={"email": email, **fields})
    assert (answer.status_code, answer.content) == (202, b"")


def resend(tenant: Tenant, email: str, **fields: Any) -> None:
    answer = tenant.call("POST", "/email/resend", json={"email": email, **fields})
    assert (answer.status_code, answer.content) == (202, b"")


def ask_for_email(person: Person, email: str) -> None:
    answer = person.call("POST", "/me/email", json={"email": email})
    assert (answer.status_code, answer.content) == (202, b"")


def invite(tenant: Tenant, email: str | None = None, **fields: Any) -> str:
    """Invite somebody as an admin's backend does, by making a user without a password; return the address."""
    email = email or fresh_email()
    answer = tenant.call("POST", "/users", json={"email": email, **fields})
    assert answer.status_code == 201, answer.text
    assert answer.json()["status"] == "invited"
    return email


def anonymously(tenant: Tenant, path: str, **body: Any) -> httpx.Response:
    """Make a call without a credential, as whoever holds a code does."""
    return tenant.api.post(tenant.path + path, json=body)


def redeem(tenant: Tenant, page: str, code: str) -> httpx.Response:
    """Take a code to the call that a page would make with it."""
    secret = {"reset-password": {"new_password": NEW}, "accept-invitation": {"password": NEW}}.get(page, {})
    return anonymously(tenant, CALLS[page], token=code, **secret)


def reset(tenant: Tenant, code: str, password: str = NEW) -> httpx.Response:
    return anonymously(tenant, "/password/reset", token=code, new_password=password)


def newest(app: Flask, email: str, page: str) -> str:
    """Return the code of the newest mail to an address that leads to a page."""
    return codes(app, email, page)[-1]


def codes(app: Flask, email: str, page: str) -> list[str]:
    """Return the codes of all mails to an address that lead to a page, the oldest first."""
    return [mail.code for mail in mails_to(app, email) if mail.page == page]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a problem."""
    return answer.status_code, answer.json()["code"]
