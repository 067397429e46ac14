"""The operator's list of clients: filters, orders, and pages that show every client exactly once."""

import secrets
from collections import Counter
from typing import Any

import httpx
import pytest
import time_machine

from app.core import clock
from tests.factories import Operator, Tenant, bearer, register
from tests.flows.counting import code_of

FIELDS = {
    "client_id", "client_name", "slug", "domain", "industry", "contact_email", "status", "tier", "settings", "limits",
    "created_at",
}  # fmt: skip


@pytest.fixture
def industry() -> str:
    """An industry that no other client is in."""
    return f"industry {secrets.token_hex(5)}"


def page(operator: Operator, **query: Any) -> dict[str, Any]:
    """Return a page of the list."""
    answer = operator.platform_call("GET", "/clients", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert set(found) == {"items", "next_cursor"}
    return found


def ids(operator: Operator, **query: Any) -> list[str]:
    """Return the ids on the first page."""
    return [item["client_id"] for item in page(operator, **query)["items"]]


def ids_of(*tenants: Tenant) -> list[str]:
    return [tenant.client_id for tenant in tenants]


def test_the_list_shows_each_client_as_its_own_page_does(api: httpx.Client, operator: Operator, industry: str) -> None:
    tenant = register(api, industry=industry)
    (item,) = page(operator, industry=industry)["items"]
    assert set(item) == FIELDS
    assert item == api.get(f"/api/v1/clients/{tenant.client_id}", headers=bearer(tenant.access_key)).json()
    assert page(operator, industry="nobody's") == {"items": [], "next_cursor": None}


def test_the_list_is_filtered_by_status_tier_and_industry(api: httpx.Client, operator: Operator, industry: str) -> None:
    first, second, third = (register(api, industry=industry) for _ in range(3))
    for tenant, change in ((second, {"status": "suspended"}), (third, {"tier": "pro"})):
        assert operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json=change).status_code == 200
    assert ids(operator, industry=industry) == ids_of(third, second, first)
    assert ids(operator, industry=industry, status="active") == ids_of(third, first)
    assert ids(operator, industry=industry, status="suspended") == ids_of(second)
    assert ids(operator, industry=industry, tier="pro") == ids_of(third)
    assert ids(operator, industry=industry, tier="pro", status="suspended") == []
    assert ids(operator, industry=industry.upper()) == []


def test_the_list_is_searched_by_the_beginning_of_name_or_slug(
    api: httpx.Client, operator: Operator, industry: str
) -> None:
    word = secrets.token_hex(5)
    named = register(api, client_name=f"A{word}%_ Tea", slug=f"one-{word}", industry=industry)
    umlaut = register(api, client_name=f"Ä{word} Tea", slug=f"two-{word}", industry=industry)

    def found(q: str) -> list[str]:
        return ids(operator, industry=industry, q=q)

    for beginning in (f"A{word}", f"a{word.upper()}%_ t", f"one-{word}", "ONE"):
        assert found(beginning) == ids_of(named), beginning
    for beginning in ("Ä", f"Ä{word} TEA", "two-"):
        assert found(beginning) == ids_of(umlaut), beginning
    for other in (word, "%", "_", "a%", "Tea", "\\", "/", "one-%", "' OR 1=1 --"):
        assert found(other) == [], other


def test_the_list_is_in_order_of_creation_or_name(api: httpx.Client, operator: Operator, industry: str) -> None:
    names = ["Beta", "Alpha", "Gamma", "Alpha"]
    made = [register(api, client_name=name, industry=industry) for name in names]
    assert ids(operator, industry=industry) == ids_of(*reversed(made))
    assert ids(operator, industry=industry, sort="created_at") == ids_of(*reversed(made))
    by_name = page(operator, industry=industry, sort="name")["items"]
    assert [item["client_name"] for item in by_name] == sorted(names)
    assert {item["client_id"] for item in by_name} == set(ids_of(*made))


@pytest.mark.parametrize("sort", ["created_at", "name"])
@pytest.mark.parametrize("limit", [1, 3])
def test_the_pages_show_every_client_exactly_once_while_new_ones_arrive(
    api: httpx.Client, operator: Operator, industry: str, sort: str, limit: int
) -> None:
    # Equal moments and equal names: the id decides between them.
    with time_machine.travel(clock.now(), tick=False):
        made = [register(api, client_name=f"Name {number // 3}", industry=industry) for number in range(7)]
    seen: list[str] = []
    cursor: str | None = None
    late: list[str] = []
    for _ in range(20):
        found = page(operator, industry=industry, sort=sort, limit=limit, **({"cursor": cursor} if cursor else {}))
        assert len(found["items"]) <= limit
        seen += [item["client_id"] for item in found["items"]]
        cursor = found["next_cursor"]
        if cursor is None:
            break
        if len(late) < 3:
            late += ids_of(register(api, client_name=["Zeta", "A", "Name 1"][len(late)], industry=industry))
    assert Counter(client for client in seen if client not in late) == Counter(ids_of(*made))
    assert max(Counter(seen).values()) == 1
    if sort == "created_at":
        assert not set(late) & set(seen)
    else:
        assert late[0] in seen


@pytest.mark.parametrize("letter", ["株", "\U0001f99c", '"', "\n"])
def test_the_pages_go_on_after_the_longest_name(
    api: httpx.Client, operator: Operator, industry: str, letter: str
) -> None:
    made = {register(api, client_name=letter * 119 + end, industry=industry).client_id for end in "abc"}
    seen, cursor = set(), None
    for _ in range(3):
        query = {"industry": industry, "sort": "name", "limit": 1} | ({"cursor": cursor} if cursor else {})
        found = page(operator, **query)
        seen |= {item["client_id"] for item in found["items"]}
        cursor = found["next_cursor"]
    assert (seen, cursor) == (made, None)


def test_IN_06_a_page_holds_at_least_one_and_at_most_a_hundred(
    api: httpx.Client, operator: Operator, industry: str
) -> None:
    for _ in range(2):
        register(api, industry=industry)
    for wrong in ("0", "-1", "1.5", "x", "", "1e9", "٣", "9" * 13):
        answer = operator.platform_call("GET", "/clients", params={"limit": wrong})
        assert (code_of(answer), list(answer.json()["errors"])) == ((422, "validation_failed"), ["limit"]), wrong
    assert len(page(operator, limit=1, industry=industry)["items"]) == 1
    most, more = (page(operator, limit=limit) for limit in (100, 10**9))
    assert most == more
    assert len(most["items"]) <= 100
    assert len(page(operator)["items"]) <= 25


@pytest.mark.parametrize(
    "query",
    [{"sort": "storage_bytes"}, {"sort": "slug"}, {"sort": "created_at desc"}, {"status": "deleted"}, {"q": ""},
     {"q": "x" * 121}, {"offset": "5"}, {"client_name": "x"}],
)  # fmt: skip
def test_ACC_12_a_query_takes_only_the_values_named(operator: Operator, query: dict[str, str]) -> None:
    answer = operator.platform_call("GET", "/clients", params=query)
    assert (code_of(answer), list(answer.json()["errors"])) == ((422, "validation_failed"), list(query))


def test_IN_06_a_cursor_is_ours_and_of_this_list(api: httpx.Client, operator: Operator, industry: str) -> None:
    for _ in range(2):
        register(api, industry=industry)
    cursor = page(operator, industry=industry, limit=1)["next_cursor"]
    forged = [cursor[:-2], cursor[2:], cursor.swapcase(), "x", "é" * 9, "AAAA" * 30, cursor + cursor]
    for wrong in forged:
        answer = operator.platform_call("GET", "/clients", params={"cursor": wrong})
        assert code_of(answer) == (400, "invalid_request"), wrong
    other_order = operator.platform_call("GET", "/clients", params={"cursor": cursor, "sort": "name"})
    assert code_of(other_order) == (400, "invalid_request")
    other_list = operator.call("GET", "/audit-logs", params={"cursor": cursor})
    assert code_of(other_list) == (400, "invalid_request")


def test_TEN_08_the_list_is_the_operators_alone(api: httpx.Client, tenant: Tenant) -> None:
    led = register(api, admin=True)
    for credential in (tenant.access_key, tenant.sign_up().access_token, led.log_in_admin().access_token):
        answer = api.get("/api/v1/clients", headers=bearer(credential))
        assert code_of(answer) == (403, "insufficient_scope")
    assert code_of(api.get("/api/v1/clients")) == (401, "authentication_required")
