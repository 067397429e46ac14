"""ADM-04: nobody puts into a role what it does not hold itself, nor changes a role that holds more than itself."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.concurrency import at_once
from tests.factories import Person, Tenant, bearer, register
from tests.flows.counting import code_of
from tests.keys.making import make
from tests.roles.giving import holder, listed, put

HELD = ("read", "roles:read", "roles:write", "decay")
LACKING = (403, "insufficient_scope")
Call = Callable[..., httpx.Response]


def by(tenant: Tenant, *credentials: str) -> Call:
    """Return how a holder of credentials calls: a key, a token, or a token beside a key."""
    headers = bearer(credentials[0]) | ({"X-API-Key": credentials[1]} if len(credentials) > 1 else {})
    return lambda method, path, **body: tenant.api.request(
        method, tenant.path + path, headers=headers, json=body or None
    )


def callers(tenant: Tenant, manager: Person) -> dict[str, Call]:
    """Return callers of every kind that hold just HELD."""
    key, own = make(tenant, scopes=list(HELD))["api_key"], make(manager, scopes=list(HELD))["api_key"]
    admin = tenant.log_in_admin()
    return {
        "a user": by(tenant, manager.access_token),
        "a key of the client": by(tenant, key),
        "a user's own key": by(tenant, own),
        "an admin through a key": by(tenant, admin.access_token, key),
    }


REFUSED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a right it lacks": ("PUT", "/roles/new", {"permissions": ["read", "users:write"]}),
    "a word it lacks": ("PUT", "/roles/new", {"permissions": ["reports:read"]}),
    "admin": ("PUT", "/roles/new", {"permissions": ["admin"]}),
    "its own role raised": ("PUT", "/roles/manager", {"permissions": [*HELD, "users:write"]}),
    "a role above it raised": ("PUT", "/roles/above", {"permissions": ["read", "audit:read", "decay"]}),
    "a role above it lowered": ("PUT", "/roles/above", {"permissions": ["read"]}),
    "user, who may write": ("PUT", "/roles/user", {"permissions": ["read"]}),
    "a role above it deleted": ("DELETE", "/roles/above", {}),
}


def test_ADM_04_who_holds_a_few_rights_hands_out_those_and_changes_no_role_with_more(
    api: httpx.Client, database_url: str
) -> None:
    tenant = register(api, admin=True)
    manager = holder(database_url, tenant, *HELD)
    put(tenant, "above", "read", "audit:read")
    before = listed(tenant)
    for kind, call in callers(tenant, manager).items():
        for what, (method, path, body) in REFUSED.items():
            answer = call(method, path, **body)
            assert code_of(answer) == LACKING, (kind, what)
            assert answer.json()["missing"], (kind, what)
            action = "role.delete" if method == "DELETE" else "role.update"
            (row, *_) = tenant.audit(action=action, status="failed")
            told = {"role": path.removeprefix("/roles/"), "reason": LACKING[1], "missing": answer.json()["missing"]}
            through_key = {"by_user": row["user_id"]} if kind == "an admin through a key" else {}
            assert row["detail"] == told | through_key, (kind, what)
            assert row["user_id"] or row["key_id"], (kind, what)
        assert listed(tenant) == before, kind
        assert call("PUT", "/roles/new", permissions=["read", "roles:read"]).status_code == 200, kind
        assert call("PUT", "/roles/new", permissions=[]).status_code == 200, kind
        assert call("DELETE", "/roles/new").status_code == 204, kind
    failed = [row["action"] for row in tenant.audit(status="failed")]
    assert Counter(failed) == {"role.update": 4 * (len(REFUSED) - 1), "role.delete": 4}
    assert manager.call("PUT", "/roles/manager", json={"permissions": HELD[:3]}).status_code == 200
    # What it has given up it does not get back.
    assert code_of(manager.call("PUT", "/roles/manager", json={"permissions": HELD})) == LACKING


def test_ADM_04_an_access_key_and_an_admin_hold_all_words_and_one_with_the_scope_admin_only_the_clients_own(
    api: httpx.Client, database_url: str
) -> None:
    tenant = register(api, admin=True)
    everything = [*listed(tenant)["admin"], "reports:read"]
    admin = tenant.log_in_admin()
    assert put(tenant, "deputy", *everything)["permissions"] == sorted(everything)
    assert admin.call("PUT", "/roles/deputy", json={"permissions": [*everything, "decay"]}).status_code == 200
    boss = holder(database_url, tenant, "admin", "roles:write", role="boss")
    assert boss.call("PUT", "/roles/writer", json={"permissions": ["decay", "admin"]}).status_code == 200
    assert code_of(boss.call("PUT", "/roles/writer", json={"permissions": ["users:write"]})) == LACKING


@pytest.mark.parametrize("scopes", [["audit:read"], ["audit:read", "keys:write"]])
def test_ADM_04_nobody_makes_a_key_with_more_than_its_role_holds(
    tenant: Tenant, database_url: str, scopes: list[str]
) -> None:
    person = holder(database_url, tenant, "read", "audit:read", role="auditor")
    answer = person.call("POST", "/keys", json={"name": "A key", "scopes": scopes})
    assert answer.status_code == (201 if scopes == ["audit:read"] else 403), answer.text


def test_ADM_04_nobody_makes_somebody_more_than_it_is_itself(api: httpx.Client, database_url: str) -> None:
    tenant = register(api, admin=True)
    manager = holder(database_url, tenant, "users:read", "users:write", "roles:write")
    put(tenant, "above", "users:read", "audit:read")
    put(tenant, "support", "users:read")
    person = tenant.sign_up()
    for caller in (manager, tenant, tenant.log_in_admin()):
        refused = ["super_admin"] if caller is not manager else ["super_admin", "admin", "above"]
        for role in refused:
            before = len(tenant.audit(action="role.change", status="failed"))
            answer = caller.call("PATCH", f"/users/{person.user_id}", json={"role": role})
            assert code_of(answer) == LACKING, role
            rows = tenant.audit(action="role.change", status="failed")
            assert (len(rows), rows[0]["user_id"], rows[0]["detail"]["role"]) == (before + 1, person.user_id, role)
        assert caller.call("PATCH", f"/users/{person.user_id}", json={"role": "support"}).status_code == 200
        unknown = caller.call("PATCH", f"/users/{person.user_id}", json={"role": "nothing"})
        assert (unknown.status_code, list(unknown.json()["errors"])) == (422, ["role"])


def given_and_deleted_at_once(tenant: Tenant, person: Person, role: str) -> tuple[int, int]:
    """Return the statuses of giving a role to somebody, and of deleting it at the same moment."""

    def call(number: int) -> int:
        if number == 0:
            return tenant.call("PATCH", f"/users/{person.user_id}", json={"role": role}).status_code
        return tenant.call("DELETE", f"/roles/{role}").status_code

    given, deleted = at_once(2, call)
    return given, deleted


def test_R_13_a_role_is_never_deleted_from_under_the_user_who_is_just_given_it(live: httpx.Client) -> None:
    tenant = register(live)
    person = tenant.sign_up()
    for number in range(6):
        role = f"role-{number}"
        put(tenant, role, "read")
        assert given_and_deleted_at_once(tenant, person, role) in ((200, 409), (422, 204))
        assert tenant.call("GET", f"/users/{person.user_id}").json()["role"] in listed(tenant)
