"""KEY-05: a key that was revoked or rotated, has expired or lost its owner is refused from the next call on."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine

from app.core import clock
from tests import database
from tests.factories import Tenant, register
from tests.flows.counting import code_of
from tests.keys.making import ENDED, Owner, code, make, through, verify

BOTH_WORKERS = 12
"""Calls on connections of their own, after which it is as good as certain that each of two workers had some."""


def taken(tenant: Tenant, key: str) -> bool:
    """Return whether a key is taken as a credential, whatever it may do."""
    answer = through(tenant, key, "GET", "/keys", headers={"Connection": "close"})
    assert answer.status_code in (200, 401, 403), answer.text
    return answer.status_code != 401


def end(owner: Owner, made: dict[str, Any], how: str) -> str:
    """End a key; return the verdict that it gets from then on."""
    path = f"/keys/{made['key_id']}"
    method, path, status, verdict = {
        "revoke": ("POST", f"{path}/revoke", 200, "revoked"),
        "delete": ("DELETE", path, 204, "not_found"),
        "rotate": ("POST", f"{path}/rotate", 201, "revoked"),
        "delete owner": ("DELETE", "/me", 204, "not_found"),
    }[how]
    assert owner.call(method, path, json={}).status_code == status
    return verdict


def test_KEY_05_no_worker_takes_an_ended_key_from_the_next_call_on(live: httpx.Client) -> None:
    tenant = register(live)
    for how in ("revoke", "delete", "rotate", "delete owner"):
        owner: Owner = tenant if how != "delete owner" else tenant.sign_up()
        made = make(owner, scopes=["read"])
        for _ in range(BOTH_WORKERS):  # each worker remembers it
            assert taken(tenant, made["api_key"])
            assert code(tenant, made["api_key"]) is None
        verdict = end(owner, made, how)
        seen = [(taken(tenant, made["api_key"]), code(tenant, made["api_key"])) for _ in range(BOTH_WORKERS)]
        assert seen == [(False, verdict)] * BOTH_WORKERS, how


def test_KEY_05_a_key_is_refused_from_its_end_on(tenant: Tenant) -> None:
    made = make(tenant, scopes=["keys:read"], expires_in_days=2)
    key, now = made["api_key"], clock.now()
    for days, alive in ((0, True), (1.999, True), (2.0001, False), (1, True), (300, False)):
        with time_machine.travel(now + timedelta(days=days), tick=False):
            assert (taken(tenant, key), code(tenant, key)) == (alive, None if alive else "expired")
    assert tenant.call("GET", f"/keys/{made['key_id']}").json()["status"] == "active"
    with time_machine.travel(now + timedelta(days=3), tick=True):
        assert tenant.call("GET", f"/keys/{made['key_id']}").json()["status"] == "expired"
        assert tenant.call("GET", "/keys", params={"status": "active"}).json()["items"] == []
        assert code_of(tenant.call("POST", f"/keys/{made['key_id']}/rotate", json={})) == (409, "conflict")
        # One refusal, however often within the minute, is told in the client's log.
        assert {taken(tenant, key) for _ in range(3)} == {False}
        assert code_of(through(tenant, key, "GET", "/keys")) == ENDED
    (row,) = tenant.audit(action="credential.refuse", key_id=made["key_id"])[:1]
    assert (row["status"], row["key_id"], row["detail"]["code"]) == (
        "failed",
        made["key_id"],
        "authentication_required",
    )


def test_a_rotated_key_hands_on_rights_quota_and_windows_and_ends_with_its_grace(tenant: Tenant) -> None:
    limits = {"requests_per_hour": 20}
    old = make(
        tenant, name="Job", scopes=["read", "decay"], usage_limit=9, rate_limit=limits, allowed_ips=["127.0.0.0/8"],
        expires_in_days=40,
    )  # fmt: skip
    assert verify(tenant, old["api_key"], cost=2)["remaining"] == 7
    answer = tenant.call("POST", f"/keys/{old['key_id']}/rotate", json={"grace_seconds": 60})
    new = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    same = ("name", "kind", "scopes", "usage_limit", "rate_limit", "allowed_ips", "user_id")
    assert {name: new[name] for name in same} == {name: old[name] for name in same}
    assert new["usage_count"] == 2
    shown = {key["key_id"]: key["replaced_by"] for key in tenant.call("GET", "/keys").json()["items"]}
    assert shown == {old["key_id"]: new["key_id"], new["key_id"]: None}
    assert new["key_id"] != old["key_id"] and new["api_key"] != old["api_key"]
    verdicts = [verify(tenant, key["api_key"]) for key in (old, new, old)]
    assert [verdict["remaining"] for verdict in verdicts] == [6, 5, 4]
    assert [verdict["rate_limit"]["requests_per_hour"]["remaining"] for verdict in verdicts] == [18, 17, 16]
    assert code_of(tenant.call("POST", f"/keys/{old['key_id']}/rotate", json={})) == (409, "conflict")
    # The one after that counts on, and the first keeps to its own end.
    third = tenant.call("POST", f"/keys/{new['key_id']}/rotate", json={"grace_seconds": 3600}).json()
    assert [verify(tenant, key["api_key"])["remaining"] for key in (third, old)] == [3, 2]
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=True):
        assert code(tenant, old["api_key"]) == "expired"
        assert not taken(tenant, old["api_key"])
        assert taken(tenant, new["api_key"]) and taken(tenant, third["api_key"])
    assert tenant.call("GET", f"/keys/{third['key_id']}").json()["usage_count"] == 7
    for seconds in (-1, 86_401, "60", True, None):
        answer = tenant.call("POST", f"/keys/{third['key_id']}/rotate", json={"grace_seconds": seconds})
        assert code_of(answer) == (422, "validation_failed")


def test_TOK_08_with_a_user_go_its_keys(tenant: Tenant, database_url: str) -> None:
    person, other_person = tenant.sign_up(), tenant.sign_up()
    made, others = make(person), make(other_person)
    assert code(tenant, made["api_key"]) is None
    assert person.call("DELETE", "/me").status_code == 204
    assert (code(tenant, made["api_key"]), taken(tenant, made["api_key"])) == ("not_found", False)
    assert code(tenant, others["api_key"]) is None
    left = database.count(database_url, "keys", "user_id = :u", u=database.uuid_text(database_url, person.user_id))
    assert left == 0


@pytest.mark.parametrize("how", ["revoke", "delete"])
def test_a_user_ends_a_key_of_its_own(tenant: Tenant, how: str) -> None:
    person = tenant.sign_up()
    made = make(person)
    verdict = end(person, made, how)
    assert (code(tenant, made["api_key"]), taken(tenant, made["api_key"])) == (verdict, False)
    row = tenant.audit(action=f"key.{how}")[0]
    assert (row["user_id"], row["key_id"]) == (person.user_id, made["key_id"])
