"""Each change of a key is made once, whoever repeats the call, and told once in the audit log."""

from typing import Any

import httpx

from tests import database
from tests.concurrency import at_once
from tests.factories import Tenant, register
from tests.flows.counting import code_of
from tests.keys.making import kept, make


def test_R_20_an_idempotency_key_makes_one_key_and_never_tells_it_again(tenant: Tenant, database_url: str) -> None:
    header = {"Idempotency-Key": "job-1"}
    body = {"name": "Once", "scopes": ["read"]}
    made = tenant.call("POST", "/keys", json=body, headers=header).json()
    again = tenant.call("POST", "/keys", json=body, headers=header)
    assert code_of(again) == (409, "already_created")
    assert again.json()["key_id"] == made["key_id"]
    assert made["api_key"][7:50] not in again.text
    changed = tenant.call("POST", "/keys", json=body | {"name": "Other"}, headers=header)
    assert code_of(changed) == (422, "idempotency_mismatch")
    # Another caller's is another's, and a refused call may be tried again.
    person = tenant.sign_up()
    assert person.call("POST", "/keys", json=body | {"scopes": ["admin"]}, headers=header).status_code == 403
    assert person.call("POST", "/keys", json=body, headers=header).status_code == 201
    assert len(tenant.audit(action="key.create")) == 2
    assert made["api_key"][7:50] not in database.dump(database_url)


def test_R_20_parallel_tries_with_one_idempotency_key_make_one_key(live: httpx.Client) -> None:
    tenant = register(live)
    header = {"Idempotency-Key": "job-2", "Connection": "close"}
    answers = at_once(20, lambda _: tenant.call("POST", "/keys", json={"name": "Once"}, headers=header))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {
        "already_created",
        "in_progress",
    }
    assert len(tenant.call("GET", "/keys").json()["items"]) == 1


def test_each_change_of_a_key_writes_one_whole_audit_row(tenant: Tenant, database_url: str) -> None:
    agent = {"User-Agent": "keys/1"}
    answers: list[tuple[str, httpx.Response]] = []

    def call(action: str, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        answer = tenant.call(method, path, json=body, headers=agent)
        answers.append((action, answer))
        return answer

    made = call("key.create", "POST", "/keys", {"name": "Audited", "scopes": ["read"]}).json()
    path = f"/keys/{made['key_id']}"
    call("key.update", "PATCH", path, {"name": "New", "usage_limit": 5})
    new = call("key.rotate", "POST", f"{path}/rotate", {"grace_seconds": 60}).json()
    call("key.revoke", "POST", f"{path}/revoke", {})
    call("key.delete", "DELETE", path, {})
    before = kept(database_url, tenant)
    tenant.call("PATCH", f"/keys/{new['key_id']}", json={})
    assert kept(database_url, tenant) == before, "a change of nothing is none"
    assert call("key.revoke", "POST", f"/keys/{new['key_id']}/revoke", {}).status_code == 200
    assert tenant.call("POST", f"/keys/{new['key_id']}/revoke").status_code == 200  # a second time changes nothing

    rows = [row for row in reversed(tenant.audit()) if row["action"].startswith("key.")]
    details: list[dict[str, Any]] = [
        {"kind": "secret", "name": "Audited", "scopes": ["read"]},
        {"fields": ["name", "usage_limit"]},
        {"new_key_id": new["key_id"], "grace_seconds": 60},
        {"name": "New"},
        {"name": "New"},
        {"name": "New"},
    ]
    by_whom = {"by_key": tenant.audit(action="client.register")[0]["key_id"]}
    assert len(rows) == len(answers)
    for row, (action, answer), detail in zip(rows, answers, details, strict=True):
        key_id = new["key_id"] if row is rows[-1] else made["key_id"]
        assert (row["action"], row["status"], row["key_id"], row["user_id"]) == (action, "success", key_id, None)
        assert (row["ip_address"], row["user_agent"], row["detail"]) == ("127.0.0.1", "keys/1", detail | by_whom)
        assert (row["request_id"], row["client_id"]) == (answer.headers["x-request-id"], tenant.client_id)


def test_a_key_that_has_ended_cannot_be_changed(tenant: Tenant) -> None:
    revoked, rotated = make(tenant), make(tenant)
    assert tenant.call("POST", f"/keys/{revoked['key_id']}/revoke").status_code == 200
    answer = tenant.call("POST", f"/keys/{rotated['key_id']}/rotate", json={"grace_seconds": 60})
    assert answer.status_code == 201
    for key in (revoked, rotated):
        # A rotated key's grace would end never, and its quota would be nobody's.
        for change in ({"expires_in_days": None}, {"usage_limit": None}, {"name": "x"}, {}):
            answer = tenant.call("PATCH", f"/keys/{key['key_id']}", json=change)
            assert code_of(answer) == (409, "conflict")
        assert code_of(tenant.call("POST", f"/keys/{key['key_id']}/rotate", json={})) == (409, "conflict")
