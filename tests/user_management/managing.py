"""Managing people as a client's backend and its admins do, and looking at what became of them."""

from typing import Any

import httpx

from tests.factories import Person, Tenant

Caller = Tenant | Person
SECRETS = ("password", "hash", "digest", "secret")


def users(caller: Caller, **query: Any) -> list[dict[str, Any]]:
    """Return a page of the users."""
    answer = caller.call("GET", "/users", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def emails(caller: Caller, **query: Any) -> list[str]:
    """Return whom a list shows."""
    return [user["email"] for user in users(caller, **query)]


def shown(caller: Caller, user_id: str) -> dict[str, Any]:
    """Return a user as it is shown."""
    answer = caller.call("GET", f"/users/{user_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def change(caller: Caller, user_id: str, /, **fields: Any) -> httpx.Response:
    return caller.call("PATCH", f"/users/{user_id}", json=fields)


def delete(caller: Caller, user_id: str) -> httpx.Response:
    return caller.call("DELETE", f"/users/{user_id}")


def impersonate(caller: Caller, user_id: str, reason: str = "Ticket 4711") -> httpx.Response:
    return caller.call("POST", f"/users/{user_id}/impersonate", json={"reason": reason})


def sessions(caller: Caller, user_id: str) -> list[dict[str, Any]]:
    """Return a user's live sessions."""
    answer = caller.call("GET", f"/users/{user_id}/sessions", params={"limit": "100"})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def refresh(tenant: Tenant, person: Person) -> httpx.Response:
    return tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
