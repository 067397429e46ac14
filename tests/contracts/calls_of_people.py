"""Makes every call of a person once, for the answers to be held to their schemas."""

from collections.abc import Iterator

import httpx
from flask import Flask

from tests.console_session.browsing import PLACE, Page
from tests.factories import PASSWORD, fresh_email, register
from tests.mfa import ceremonies
from tests.mfa.authenticator import Authenticator
from tests.mfa.enrolling import Pocket, challenge, enrol, second_step
from tests.recovery.asking import CALLS, invite, newest, redeem, set_up

Answers = Iterator[tuple[str, httpx.Response]]
CLIENT = "/api/v1/{client_id}"
LONG_URL = "https://pictures.example.com/" + "a" * 2000
_LONG_AGENT = {"User-Agent": "agent " * 100}


def account_calls(api: httpx.Client) -> Answers:
    """Make and name the calls: sign-up to deletion of an account, and the audit log of it."""
    tenant, email = register(api), fresh_email()
    login = {"email": email, "password": PASSWORD}
    profile = {"full_name": "Ada", "username": "ada", "avatar_url": LONG_URL, "custom_fields": {"a": [1, None]}}
    yield f"POST {CLIENT}/signup", tenant.call("POST", "/signup", json={**login, **profile}, headers=_LONG_AGENT)
    made = tenant.call("POST", "/login", json=login, headers=_LONG_AGENT)
    yield f"POST {CLIENT}/login", made
    token = {"refresh_token": made.json()["refresh_token"]}
    renewed = tenant.call("POST", "/refresh", json=token)
    yield f"POST {CLIENT}/refresh", renewed
    for one in (renewed.json()["refresh_token"], renewed.json()["access_token"], "nobody's"):
        yield f"POST {CLIENT}/tokens/introspect", tenant.call("POST", "/tokens/introspect", json={"token": one})
    person = tenant.log_in(email)
    yield f"PATCH {CLIENT}/me", person.call("PATCH", "/me", json={"username": None})
    yield f"GET {CLIENT}/me", person.call("GET", "/me")
    sessions = person.call("GET", "/me/sessions")
    yield f"GET {CLIENT}/me/sessions", sessions
    other = next(one["session_id"] for one in sessions.json()["items"] if not one["current"])
    yield f"DELETE {CLIENT}/me/sessions/{{session_id}}", person.call("DELETE", f"/me/sessions/{other}")
    yield f"POST {CLIENT}/me/reauth", person.call("POST", "/me/reauth", json={"password": PASSWORD})
    change = {"current_password": PASSWORD, "new_password": "another horse battery"}
    yield f"POST {CLIENT}/me/password", person.call("POST", "/me/password", json=change)
    yield f"DELETE {CLIENT}/me", person.call("DELETE", "/me")
    yield f"POST {CLIENT}/logout", tenant.sign_up().call("POST", "/logout")
    yield f"GET {CLIENT}/audit-logs", tenant.call("GET", "/audit-logs")
    for form in ("ndjson", "csv"):
        exported = tenant.call("GET", "/audit-logs/export", params={"format": form})
        yield f"GET {CLIENT}/audit-logs/export", exported


def recovery_calls(app: Flask, api: httpx.Client) -> Answers:
    """Make and name the calls: what is proved by mail."""
    tenant, address = register(api), fresh_email()
    person = tenant.sign_up()
    yield f"POST {CLIENT}/me/email", person.call("POST", "/me/email", json={"email": address})
    yield f"POST {CLIENT}/me/email/confirm", redeem(tenant, "change-email", newest(app, address, "change-email"))
    for path, page in (("/email/resend", "verify-email"), ("/password/forgot", "reset-password")):
        email = tenant.sign_up().email
        yield f"POST {CLIENT}{path}", tenant.call("POST", path, json={"email": email})
        yield f"POST {CLIENT}{CALLS[page]}", redeem(tenant, page, newest(app, email, page))
    page = "accept-invitation"
    yield f"POST {CLIENT}{CALLS[page]}", redeem(tenant, page, newest(app, invite(tenant), page))
    set_up(tenant, email_verification="required")
    yield f"POST {CLIENT}/signup", tenant.call("POST", "/signup", json={"email": fresh_email(), "password": PASSWORD})


def mfa_calls(api: httpx.Client) -> Answers:
    """Make and name the calls: authenticator apps and recovery codes."""
    tenant = register(api)
    person = tenant.sign_up()
    begun = person.call("POST", "/me/mfa/totp")
    yield f"POST {CLIENT}/me/mfa/totp", begun
    pocket = Pocket(begun.json()["secret"])
    yield (
        f"POST {CLIENT}/me/mfa/totp/confirm",
        person.call("POST", "/me/mfa/totp/confirm", json={"code": pocket.code()}),
    )
    yield f"POST {CLIENT}/login/mfa", second_step(tenant, challenge(tenant, person), pocket.code())
    yield f"POST {CLIENT}/me/mfa/recovery-codes", person.call("POST", "/me/mfa/recovery-codes")
    yield f"DELETE {CLIENT}/me/mfa/totp", person.call("DELETE", "/me/mfa/totp")


def passkey_calls(api: httpx.Client) -> Answers:
    """Make and name the calls: passkeys."""
    tenant, place, held = register(api), f"{CLIENT}/me/passkeys", Authenticator()
    person = tenant.sign_up()
    options = person.call("POST", "/me/passkeys/options")
    yield f"POST {place}/options", options
    made = ceremonies.add(person, held.create(options.json()), name="N" * 100)
    yield f"POST {place}", made
    options = tenant.call("POST", "/login/passkey/options")
    yield f"POST {CLIENT}/login/passkey/options", options
    yield f"POST {CLIENT}/login/passkey", ceremonies.log_in(tenant, held.get(options.json()))
    yield f"GET {place}", person.call("GET", "/me/passkeys")
    yield f"POST {place}/options", person.call("POST", "/me/passkeys/options")
    one = f"/me/passkeys/{made.json()['passkey_id']}"
    yield f"GET {place}/{{id}}", person.call("GET", one)
    yield f"DELETE {place}/{{id}}", person.call("DELETE", one)


def console_calls(app: Flask, api: httpx.Client) -> Answers:
    """Make and name the calls of the console's page that docs/API.md has."""
    tenant, page = register(api), Page(app)
    person = tenant.sign_up()
    pocket = enrol(person)
    page.begin(tenant, person)
    yield f"POST {PLACE}/session/mfa", page.second_step(pocket.code())
    yield f"POST {PLACE}/session/refresh", page.refresh()
    yield f"DELETE {PLACE}/session", page.leave()
    other = tenant.sign_up()
    yield f"POST {PLACE}/session", page.log_in(tenant.slug, other.email, other.password)
