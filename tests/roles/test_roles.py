"""A client's roles: what is built in, making and changing its own, their names and number, deleting them."""

import httpx
import pytest

from app.roles.service import RESERVED_SCOPES
from tests import database
from tests.factories import Operator, Person, Tenant
from tests.flows.counting import code_of
from tests.keys.making import make, through
from tests.roles.giving import give, listed, put

EVERYTHING = sorted(RESERVED_SCOPES)
BUILT_IN = {"admin": EVERYTHING, "user": ["read", "write"]}


def stored(url: str, tenant: Tenant) -> int:
    return database.count(url, "roles", "client_id = :c", c=database.uuid_text(url, tenant.client_id))


def introspected(tenant: Tenant, person: Person) -> str:
    answer = tenant.call("POST", "/tokens/introspect", json={"token": person.access_token})
    scope: str = answer.json()["scope"]
    return scope


def test_the_built_in_roles_are_there_from_the_start_and_admin_is_fixed(tenant: Tenant, database_url: str) -> None:
    assert listed(tenant) == BUILT_IN
    for name, held in BUILT_IN.items():
        shown = tenant.call("GET", f"/roles/{name}").json()
        times = {"created_at": None, "updated_at": None}
        assert shown == {"name": name, "permissions": held, "built_in": True} | times
    for name in ("admin", "super_admin"):
        assert code_of(tenant.call("PUT", f"/roles/{name}", json={"permissions": []})) == (409, "conflict")
    for name in ("admin", "user", "super_admin"):
        assert code_of(tenant.call("DELETE", f"/roles/{name}")) == (409, "conflict")
    assert code_of(tenant.call("GET", "/roles/super_admin")) == (404, "not_found")
    assert (listed(tenant), stored(database_url, tenant)) == (BUILT_IN, 0)


def test_ADM_04_super_admin_is_a_role_of_the_platform_alone_and_nobody_changes_it(operator: Operator) -> None:
    names = list(listed(operator))
    assert names[:3] == ["super_admin", "admin", "user"]
    changed = operator.call("PUT", "/roles/super_admin", json={"permissions": ["read"]})
    assert code_of(changed) == (409, "conflict")


def test_a_role_of_a_clients_own_is_made_changed_and_deleted_with_one_audit_row_each(
    tenant: Tenant, other: Tenant
) -> None:
    made = put(tenant, "auditor", "read", "audit:read", "reports:read", "read")
    assert made["permissions"] == ["audit:read", "read", "reports:read"]
    assert (made["built_in"], made["updated_at"]) == (False, made["created_at"])
    changed = put(tenant, "auditor", "read", "keys:read")
    assert changed["created_at"] == made["created_at"] < changed["updated_at"]
    assert tenant.call("GET", "/roles/auditor").json() == changed
    assert listed(tenant) == BUILT_IN | {"auditor": ["keys:read", "read"]}
    # TEN-01: another client knows nothing of it.
    assert listed(other) == BUILT_IN
    assert [code_of(other.call(method, "/roles/auditor")) for method in ("GET", "DELETE")] == [(404, "not_found")] * 2

    assert tenant.call("DELETE", "/roles/auditor").status_code == 204
    assert code_of(tenant.call("DELETE", "/roles/auditor")) == (404, "not_found")
    assert listed(tenant) == BUILT_IN
    rows = [(row["action"], row["status"], row["detail"]) for row in tenant.audit() if row["action"][:5] == "role."]
    assert rows == [
        ("role.delete", "success", {"role": "auditor", "removed": ["keys:read", "read"]}),
        (
            "role.update",
            "success",
            {"role": "auditor", "added": ["keys:read"], "removed": ["audit:read", "reports:read"]},
        ),
        ("role.update", "success", {"role": "auditor", "added": made["permissions"], "removed": []}),
    ]


def test_what_user_holds_can_be_changed_and_what_is_built_in_is_not_kept(tenant: Tenant, database_url: str) -> None:
    person = tenant.sign_up()
    assert introspected(tenant, person) == "read write"
    assert put(tenant, "user", "read", "decay")["built_in"] is True
    assert introspected(tenant, person) == introspected(tenant, tenant.sign_up()) == "decay read"
    assert stored(database_url, tenant) == 1
    put(tenant, "user", "write", "read")
    assert introspected(tenant, person) == "read write"
    assert stored(database_url, tenant) == 0


def test_the_list_of_roles_comes_in_pages_the_built_in_ones_first(tenant: Tenant) -> None:
    made = ["a_z", "aa", "a-b", "zz"]
    for name in made:
        put(tenant, name)
    first = tenant.call("GET", "/roles", params={"limit": "4"}).json()
    assert [role["name"] for role in first["items"]] == ["admin", "user", "a-b", "a_z"]
    assert list(listed(tenant, limit="1")) == list(listed(tenant)) == ["admin", "user", *sorted(made)]
    # What is deleted between two pages takes nothing of the next along.
    assert tenant.call("DELETE", "/roles/a_z").status_code == 204
    following = tenant.call("GET", "/roles", params={"cursor": first["next_cursor"]}).json()
    assert ([role["name"] for role in following["items"]], following["next_cursor"]) == (["aa", "zz"], None)
    for query in ({"cursor": first["next_cursor"][:-1]}, {"cursor": "x"}):
        assert code_of(tenant.call("GET", "/roles", params=query)) == (400, "invalid_request")


@pytest.mark.parametrize("name", ["A", "a", "Auditor", "1st", "a b", "_a", "a" * 33, "a.b", "ä1", "a%00b", "a%0A"])
def test_a_name_that_is_none_is_refused(tenant: Tenant, name: str) -> None:
    answer = tenant.call("PUT", f"/roles/{name}", json={"permissions": []})
    assert code_of(answer) == (422, "validation_failed")
    assert list(answer.json()["errors"]) == ["name"]
    assert code_of(tenant.call("GET", f"/roles/{name}")) == (404, "not_found")
    assert code_of(tenant.call("DELETE", f"/roles/{name}")) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"permissions": None}, {"permissions": "read"}, {"permissions": ["READ"]}, {"permissions": ["a b"]},
        {"permissions": ["a:b:c"]}, {"permissions": [""]}, {"permissions": [1]}, {"permissions": ["read\n"]},
        {"permissions": [f"word{number}" for number in range(101)]}, {"permissions": [], "name": "other"},
        {"permissions": ["read"], "built_in": True},
    ],
)  # fmt: skip
def test_permissions_are_scopes_as_keys_have_them_a_hundred_at_most(tenant: Tenant, body: dict[str, object]) -> None:
    assert code_of(tenant.call("PUT", "/roles/auditor", json=body)) == (422, "validation_failed")
    assert listed(tenant) == BUILT_IN


def test_a_client_has_a_hundred_roles_of_a_hundred_permissions_at_most(tenant: Tenant) -> None:
    words = [f"word{number}:{'x' * 33}" for number in range(100)]
    for number in range(100):
        put(tenant, f"role-{number:02}", *words[: 100 if number == 0 else 1])
    assert len(listed(tenant)) == 102
    assert code_of(tenant.call("PUT", "/roles/one-more", json={"permissions": []})) == (409, "conflict")
    # What is there can still be changed, the built-in one too.
    put(tenant, "role-01", "read")
    put(tenant, "user", "read")
    assert tenant.call("DELETE", "/roles/role-99").status_code == 204
    put(tenant, "one-more")


def test_a_role_that_users_hold_is_not_deleted_and_it_is_told_how_many_do(tenant: Tenant, database_url: str) -> None:
    put(tenant, "auditor", "read")
    first, second = tenant.sign_up(), tenant.sign_up()
    give(database_url, tenant, "auditor", first)
    give(database_url, tenant, "auditor", second, status="disabled")

    def refusal() -> tuple[int, str]:
        answer = tenant.call("DELETE", "/roles/auditor")
        assert code_of(answer) == (409, "conflict")
        return answer.json()["users"], answer.json()["detail"]

    assert refusal() == (2, "2 users hold this role.")
    assert first.call("DELETE", "/me").status_code == 204
    assert refusal() == (1, "1 user holds this role.")
    give(database_url, tenant, "user", second)
    assert tenant.call("DELETE", "/roles/auditor").status_code == 204


def test_roles_are_read_with_one_scope_and_written_with_the_other(tenant: Tenant) -> None:
    reads, writes = (make(tenant, scopes=[scope])["api_key"] for scope in ("roles:read", "roles:write"))
    nobody = make(tenant, scopes=["read", "users:write"])["api_key"]
    body: dict[str, list[str]] = {"permissions": []}

    def tried(key: str) -> list[int]:
        answers: list[httpx.Response] = [
            through(tenant, key, "GET", "/roles"),
            through(tenant, key, "GET", "/roles/user"),
            through(tenant, key, "PUT", "/roles/auditor", json=body),
            through(tenant, key, "DELETE", "/roles/auditor"),
        ]
        return [answer.status_code for answer in answers]

    assert tried(reads) == [200, 200, 403, 403]
    assert tried(writes) == [403, 403, 200, 204]
    assert tried(nobody) == tried(tenant.sign_up().access_token) == [403] * 4
