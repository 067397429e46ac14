"""What a process remembers of keys never outlives a change, in either direction (on PostgreSQL it needs Redis)."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from app.core import clock
from app.core.settings import changed
from app.keys import records
from tests import database
from tests.factories import Operator, Tenant
from tests.flows.counting import code_of
from tests.keys.making import ENDED, ask, asked_of_database, code, make, through, verify

PEER, ELSEWHERE = "127.0.0.1", "203.0.113.9"


@pytest.fixture(autouse=True)
def remembering(app: Flask, redis_url: str) -> Iterator[None]:
    """Let the application in this process remember keys."""
    with changed(redis_url=redis_url):
        yield


def status(tenant: Tenant, key: str) -> int:
    return through(tenant, key, "GET", "/keys").status_code


def test_a_warm_check_asks_the_database_nothing(app: Flask, tenant: Tenant) -> None:
    key = make(tenant)["api_key"]
    assert [code(tenant, key) for _ in range(2)] == [None, None]
    with asked_of_database(app) as asked:
        assert code(tenant, key) is None
    assert asked == []


def test_KEY_05_a_change_binds_from_the_next_call_though_the_old_key_is_remembered(tenant: Tenant) -> None:
    made = make(tenant, scopes=["keys:read", "decay"], expires_in_days=1)
    key, path = made["api_key"], f"/keys/{made['key_id']}"
    assert (status(tenant, key), code(tenant, key, scopes=["decay"])) == (200, None)
    for change, allowed, verdict in (
        ({"allowed_ips": [ELSEWHERE]}, 403, "forbidden_ip"),
        ({"allowed_ips": [PEER]}, 200, None),
        ({"scopes": ["keys:read"]}, 200, "insufficient_scope"),
        ({"scopes": ["decay"]}, 403, None),
        ({"scopes": ["decay", "keys:read"]}, 200, None),
        ({"usage_limit": 1}, 429, "quota_exceeded"),
        ({"usage_limit": None}, 200, None),
        ({"expires_in_days": 30}, 200, None),
    ):
        assert tenant.call("PATCH", path, json=change).status_code == 200
        if change == {"usage_limit": 1}:
            assert verify(tenant, key)["remaining"] in (0, None)
        assert (status(tenant, key), code(tenant, key, scopes=["decay"])) == (allowed, verdict), change
        assert (status(tenant, key), code(tenant, key, scopes=["decay"])) == (allowed, verdict), change
    assert tenant.call("POST", f"{path}/revoke").status_code == 200
    assert (status(tenant, key), code(tenant, key)) == (401, "revoked")


def test_a_key_that_was_prolonged_works_though_its_old_end_is_remembered(tenant: Tenant) -> None:
    made = make(tenant, scopes=["keys:read", "keys:verify"], expires_in_days=1)
    key, asked = made["api_key"], make(tenant)["api_key"]
    assert status(tenant, key) == 200
    assert tenant.call("PATCH", f"/keys/{made['key_id']}", json={"expires_in_days": 30}).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=2), tick=True):
        answer = through(tenant, key, "POST", "/keys/verify", json={"key": asked})
        assert (answer.status_code, status(tenant, key)) == (200, 200)
    assert tenant.audit(action="credential.refuse") == []


def test_KEY_02_a_caller_of_verify_gets_and_loses_its_scope_at_once(tenant: Tenant) -> None:
    made, asked = make(tenant, scopes=["read"]), make(tenant)["api_key"]
    for scopes, expected in ((["read"], 403), (["keys:verify"], 200), ([], 403), (["keys:verify"], 200)):
        assert tenant.call("PATCH", f"/keys/{made['key_id']}", json={"scopes": scopes}).status_code == 200
        for _ in range(2):
            answer = through(tenant, made["api_key"], "POST", "/keys/verify", json={"key": asked})
            assert answer.status_code == expected, scopes
    assert verify(tenant, asked)["valid"]


def test_a_caller_held_to_an_address_may_name_another_for_its_end_user(tenant: Tenant) -> None:
    caller = make(tenant, scopes=["keys:verify"], allowed_ips=[PEER])
    key = make(tenant, allowed_ips=[ELSEWHERE])
    headers = {"Rowlock-Client-IP": ELSEWHERE}
    for _ in range(3):
        # Each change makes the service read the caller again.
        assert tenant.call("PATCH", f"/keys/{key['key_id']}", json={"name": "Other"}).status_code == 200
        for _ in range(2):
            body = {"key": key["api_key"]}
            answer = through(tenant, caller["api_key"], "POST", "/keys/verify", json=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (200, None)
    change = {"allowed_ips": [ELSEWHERE]}
    assert tenant.call("PATCH", f"/keys/{caller['key_id']}", json=change).status_code == 200
    answer = through(tenant, caller["api_key"], "POST", "/keys/verify", json={"key": "x"}, headers=headers)
    assert code_of(answer) == (403, "insufficient_scope")


@pytest.mark.parametrize("body", [b"", b"{", b'{"key": 1}', b'{"key": "x", "more": 1}'], ids=len)
def test_KEY_05_an_ended_caller_learns_that_it_is_ended_and_nothing_of_its_body(tenant: Tenant, body: bytes) -> None:
    caller, key = make(tenant, scopes=["keys:verify"]), make(tenant)["api_key"]
    for _ in range(2):
        assert through(tenant, caller["api_key"], "POST", "/keys/verify", json={"key": key}).status_code == 200
    kind = {"Content-Type": "application/json"}
    before = through(tenant, caller["api_key"], "POST", "/keys/verify", content=body, headers=kind)
    assert before.status_code in (400, 422)
    assert tenant.call("POST", f"/keys/{caller['key_id']}/revoke").status_code == 200
    answer = through(tenant, caller["api_key"], "POST", "/keys/verify", content=body, headers=kind)
    assert code_of(answer) == ENDED


def test_KEY_05_a_suspended_clients_keys_are_refused_and_come_back(tenant: Tenant, operator: Operator) -> None:
    key = make(tenant, scopes=["keys:read"])["api_key"]
    assert (status(tenant, key), code(tenant, key)) == (200, None)
    path = f"/clients/{tenant.client_id}"
    for state, expected in (("suspended", 403), ("active", 200), ("suspended", 403), ("active", 200)):
        assert operator.platform_call("PATCH", path, json={"status": state}).status_code == 200
        for _ in range(2):
            assert status(tenant, key) == expected
            assert ask(tenant, key).status_code == expected


def test_LOG_03_KEY_05_a_revoked_verifier_is_summed_up_in_the_audit_log(tenant: Tenant) -> None:
    caller, asked = make(tenant, scopes=["keys:verify"]), make(tenant)

    def tried() -> int:
        body = {"key": asked["api_key"]}
        return through(tenant, caller["api_key"], "POST", "/keys/verify", json=body).status_code

    assert [tried() for _ in range(2)] == [200, 200]
    assert tenant.call("POST", f"/keys/{caller['key_id']}/revoke").status_code == 200
    assert [tried() for _ in range(3)] == [401, 401, 401]
    rows = tenant.audit(action="credential.refuse")
    assert {(row["key_id"], row["detail"]["code"]) for row in rows} == {
        (caller["key_id"], "authentication_required")
    }  # fmt: skip
    assert sum(row["detail"].get("times", 1) for row in rows) == 3


def test_KEY_05_what_moves_no_version_is_noticed_when_the_memory_has_grown_old(
    tenant: Tenant, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert records._BELIEVED_SECONDS <= 30
    monkeypatch.setattr(records, "_BELIEVED_SECONDS", 0.3)
    made = make(tenant, scopes=["keys:read"])
    key = made["api_key"]
    for _ in range(2):
        assert (status(tenant, key), code(tenant, key)) == (200, None)
    revoke_by_hand(database_url, made["key_id"])
    time.sleep(0.35)
    assert (status(tenant, key), code(tenant, key)) == (401, "revoked")


def revoke_by_hand(url: str, key_id: str) -> None:
    """Revoke a key beside the service, which moves no version of its client."""
    engine = database.seeing_all(url)
    try:
        with engine.begin() as connection:
            ended = text("UPDATE keys SET revoked_at = created_at WHERE key_id = :k")
            connection.execute(ended, {"k": database.uuid_text(url, key_id)})
    finally:
        engine.dispose()
