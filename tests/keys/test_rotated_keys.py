"""A key and its successors are one: limits, quota and counts are those of the newest, while all of them work."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.core.settings import changed
from tests.factories import Tenant
from tests.keys.making import code, make, verify

HOUR = {"grace_seconds": 3600}


@pytest.fixture(autouse=True)
def remembering(app: Flask, redis_url: str) -> Iterator[None]:
    """Let the application in this process remember keys."""
    with changed(redis_url=redis_url):
        yield


def chain(tenant: Tenant, length: int, **fields: Any) -> list[dict[str, Any]]:
    """Return a key and its successors, all of them at work and remembered."""
    keys = [make(tenant, **fields)]
    for _ in range(length - 1):
        answer = tenant.call("POST", f"/keys/{keys[-1]['key_id']}/rotate", json=HOUR)
        assert answer.status_code == 201, answer.text
        keys.append(answer.json())
    return keys


def change(tenant: Tenant, made: dict[str, Any], **fields: Any) -> None:
    assert tenant.call("PATCH", f"/keys/{made['key_id']}", json=fields).status_code == 200


def usage_of(tenant: Tenant, made: dict[str, Any]) -> dict[str, Any]:
    answer = tenant.call("GET", f"/keys/{made['key_id']}/usage")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("length", [2, 3])
def test_KEY_06_what_limits_the_newest_key_limits_the_oldest_from_the_next_call(tenant: Tenant, length: int) -> None:
    keys = chain(tenant, length)
    old, new = keys[0], keys[-1]
    assert [code(tenant, key["api_key"]) for key in keys] == [None] * length
    assert usage_of(tenant, old)["usage_count"] == length
    change(tenant, new, usage_limit=length + 2)
    assert [verify(tenant, old["api_key"])["remaining"] for _ in range(2)] == [1, 0]
    assert [code(tenant, key["api_key"]) for key in keys] == ["quota_exceeded"] * length
    change(tenant, new, usage_limit=None, rate_limit={"requests_per_hour": 1})
    assert code(tenant, old["api_key"]) is None
    assert [code(tenant, key["api_key"]) for key in keys] == ["rate_limited"] * length


@pytest.mark.parametrize("length", [2, 3])
def test_uses_of_an_old_key_are_counted_on_the_newest_with_a_quota_or_without(tenant: Tenant, length: int) -> None:
    for limit, remaining in ((None, None), (10, 5)):
        keys = chain(tenant, length, usage_limit=10)
        old, new = keys[0], keys[-1]
        change(tenant, new, usage_limit=limit)
        assert [code(tenant, old["api_key"]) for _ in range(3)] == [None] * 3
        told = usage_of(tenant, old)
        assert (told["usage_count"], told["remaining"], told["usage_limit"]) == (3, limit and 7, limit)
        assert told["last_used_at"] is not None
        assert usage_of(tenant, new)["usage_count"] == 3
        assert [code(tenant, new["api_key"]) for _ in range(2)] == [None] * 2
        both = [usage_of(tenant, key) for key in keys]
        assert [(one["usage_count"], one["remaining"]) for one in both] == [(5, remaining)] * length
        # When it was used is told of each by itself, as is its series.
        assert both[0]["last_used_at"] == told["last_used_at"] < both[-1]["last_used_at"]
        assert [sum(hour["requests"] for hour in one["per_hour"][-2:]) for one in both] == [3, *[0] * (length - 2), 2]


def test_KEY_06_deleting_a_successor_hands_quota_and_limits_back(tenant: Tenant) -> None:
    old, new = chain(tenant, 2, usage_limit=9)
    assert [code(tenant, key["api_key"]) for key in (old, new, new)] == [None] * 3
    change(tenant, new, usage_limit=6, rate_limit={"requests_per_day": 2})
    assert tenant.call("DELETE", f"/keys/{new['key_id']}").status_code == 204
    verdict = verify(tenant, old["api_key"])
    assert (verdict["valid"], verdict["remaining"]) == (True, 2)
    assert verdict["rate_limit"]["requests_per_day"]["limit"] == 2
    assert (usage_of(tenant, old)["usage_count"], usage_of(tenant, old)["remaining"]) == (4, 2)
    assert [code(tenant, old["api_key"]) for _ in range(2)] == [None, "rate_limited"]


def test_KEY_06_without_the_middle_of_a_chain_the_first_counts_in_the_last(tenant: Tenant) -> None:
    first, middle, last = chain(tenant, 3, usage_limit=4)
    assert [code(tenant, key["api_key"]) for key in (first, middle, last)] == [None] * 3
    assert tenant.call("DELETE", f"/keys/{middle['key_id']}").status_code == 204
    assert verify(tenant, first["api_key"])["remaining"] == 0
    assert [code(tenant, key["api_key"]) for key in (first, middle, last)] == [
        "quota_exceeded", "not_found", "quota_exceeded",
    ]  # fmt: skip
    assert usage_of(tenant, last)["usage_count"] == 4
