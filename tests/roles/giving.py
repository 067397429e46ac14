"""Makes roles as clients do, and gives them to people."""

from typing import Any

from sqlalchemy import text

from tests import database
from tests.factories import Person, Tenant


def put(tenant: Tenant, name: str, *permissions: str) -> dict[str, Any]:
    """Make or change a role with the access key; return what was answered."""
    answer = tenant.call("PUT", f"/roles/{name}", json={"permissions": permissions})
    assert answer.status_code == 200, answer.text
    role: dict[str, Any] = answer.json()
    return role


def give(url: str, tenant: Tenant, role: str, *people: Person, status: str = "active") -> None:
    """Give people a role beside the service."""
    engine = database.seeing_all(url)
    change = text(f'UPDATE "{tenant.table}" SET role = :role, status = :status WHERE email = :email')
    try:
        with engine.begin() as connection:
            for person in people:
                connection.execute(change, {"role": role, "status": status, "email": person.email})
    finally:
        engine.dispose()


def holder(url: str, tenant: Tenant, *permissions: str, role: str = "manager") -> Person:
    """Return a new user whose role, made for it, holds just these permissions."""
    put(tenant, role, *permissions)
    person = tenant.sign_up()
    give(url, tenant, role, person)
    return person


def listed(caller: Tenant | Person, **query: str) -> dict[str, list[str]]:
    """Return what each role of a client holds, in the order of the list, page by page."""
    found: dict[str, list[str]] = {}
    cursor: dict[str, str] = {}
    while True:
        answer = caller.call("GET", "/roles", params={"limit": "100", **query, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert not found.keys() & {role["name"] for role in page["items"]}
        found |= {role["name"]: role["permissions"] for role in page["items"]}
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}
