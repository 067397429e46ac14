"""Rotating the access key: by the client itself, by a fresh admin or operator, with or without a grace."""

import re
from datetime import timedelta

import httpx
import pytest
import time_machine
from flask import Flask

from app.core import clock
from tests import database
from tests.factories import PASSWORD, Operator, Tenant, bearer, make_operator, register
from tests.flows.counting import code_of, own_row
from tests.flows.observing import REFUSED, rows_of

ACCESS_KEY = re.compile(r"rlk_ak_[0-9A-Za-z]{49}")


def takes(tenant: Tenant, key: str) -> bool:
    """Return whether a key opens its client's page; a refusal is always the same one."""
    answer = tenant.api.get(f"/api/v1/clients/{tenant.client_id}", headers=bearer(key))
    if answer.status_code != 200:
        assert code_of(answer) == (401, "authentication_required")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    return answer.status_code == 200


def new_key(answer: httpx.Response) -> str:
    """Return the key that a rotation answered, which is all it answers."""
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    (key,) = answer.json().values()
    assert list(answer.json()) == ["access_key"]
    assert ACCESS_KEY.fullmatch(key)
    return str(key)


def rotate(tenant: Tenant, credential: str, **body: int) -> httpx.Response:
    return tenant.api.post(f"{tenant.path}/access-key/rotate", json=body, headers=bearer(credential))


def test_KEY_05_a_rotated_access_key_is_dead_from_the_next_call(tenant: Tenant, database_url: str) -> None:
    old, old_id = tenant.access_key, own_row(database_url, "keys", tenant.client_id)["key_id"]
    person, answer = tenant.sign_up(), rotate(tenant, tenant.access_key)
    tenant.access_key = new_key(answer)
    assert (takes(tenant, old), takes(tenant, tenant.access_key)) == (False, True)
    assert person.call("GET", "/me").status_code == 200
    assert code_of(rotate(tenant, old)) == (401, "authentication_required")

    (row,) = tenant.audit(action="access_key.rotate")
    assert row["key_id"].replace("-", "") == str(old_id).replace("-", "")
    assert (row["status"], row["request_id"]) == ("success", answer.headers["x-request-id"])
    of_client = {"c": database.uuid_text(database_url, tenant.client_id)}
    keys = database.rows(database_url, "SELECT key_id, revoked_at FROM keys WHERE client_id = :c", **of_client)
    (live,) = [str(key["key_id"]).replace("-", "") for key in keys if key["revoked_at"] is None]
    assert (len(keys), row["detail"].pop("new_key_id").replace("-", "")) == (2, live)
    assert row["detail"] == {"ended": 1, "grace_seconds": 0}
    # Both refusals of the old key are summed up in one row.
    assert [(one["action"], one["key_id"]) for one in tenant.audit(key_id=row["key_id"], status="failed")] == [
        ("credential.refuse", row["key_id"])
    ]


def test_KEY_05_no_worker_takes_the_old_key_after_a_rotation(live: httpx.Client) -> None:
    tenant = register(live)
    old, key = tenant.access_key, new_key(rotate(tenant, tenant.access_key))
    for _ in range(8):
        for one, status in ((old, 401), (key, 200)):
            headers = bearer(one) | {"Connection": "close"}
            assert live.get(f"/api/v1/clients/{tenant.client_id}", headers=headers).status_code == status


def test_a_fresh_admin_rotates_and_a_stale_one_must_prove_who_it_is(api: httpx.Client, database_url: str) -> None:
    tenant, now = register(api, admin=True), clock.now()
    admin = tenant.log_in_admin()
    with time_machine.travel(now + timedelta(minutes=6), tick=True):
        before = rows_of(database_url, tenant, without=REFUSED)
        refused = rotate(tenant, admin.access_token)
        assert code_of(refused) == (403, "reauth_required")
        assert rows_of(database_url, tenant, without=REFUSED) == before
        assert takes(tenant, tenant.access_key)
        assert admin.call("POST", "/me/reauth", json={"password": PASSWORD}).status_code == 204
        old, tenant.access_key = tenant.access_key, new_key(rotate(tenant, admin.access_token))
        assert not takes(tenant, old)
        (row,) = tenant.audit(action="access_key.rotate")
        assert (row["user_id"], row["key_id"]) == (admin.user_id, None)


def test_a_fresh_operator_gives_a_client_a_new_key_and_a_stale_one_must_prove_who_it_is(
    app: Flask, api: httpx.Client, tenant: Tenant, database_url: str
) -> None:
    operator, path = make_operator(app, api), f"/clients/{tenant.client_id}/access-key/rotate"
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        before = rows_of(database_url, tenant, without=REFUSED)
        assert code_of(operator.platform_call("POST", path, json={})) == (403, "reauth_required")
        assert rows_of(database_url, tenant, without=REFUSED) == before
        proof = operator.call("POST", "/me/reauth", json={"password": operator.password})
        assert proof.status_code == 204
        answer = operator.platform_call("POST", path, json={"grace_seconds": 60})
        old, tenant.access_key = tenant.access_key, new_key(answer)
        assert takes(tenant, old)
        assert takes(tenant, tenant.access_key)
        (row,) = tenant.audit(action="access_key.rotate")
        assert (row["client_id"], row["user_id"], row["detail"]["grace_seconds"]) == (
            tenant.client_id, operator.user_id, 60,
        )  # fmt: skip
    # On the client's own path an operator has no say.
    assert code_of(rotate(tenant, operator.access_token)) == (404, "client_not_found")


def test_nobody_else_rotates_an_access_key(
    api: httpx.Client, other: Tenant, operator: Operator, database_url: str
) -> None:
    tenant = register(api, admin=True)
    plain, admin = tenant.sign_up(), tenant.log_in_admin()
    before = rows_of(database_url, tenant, without=REFUSED)
    assert code_of(rotate(tenant, plain.access_token)) == (403, "insufficient_scope")
    assert code_of(rotate(tenant, other.access_key)) == (404, "client_not_found")
    assert code_of(api.post(f"{tenant.path}/access-key/rotate", json={})) == (401, "authentication_required")
    for credential in (tenant.access_key, admin.access_token, plain.access_token):
        path = f"/api/v1/clients/{tenant.client_id}/access-key/rotate"
        assert code_of(api.post(path, json={}, headers=bearer(credential))) == (403, "insufficient_scope")
    assert rows_of(database_url, tenant, without=REFUSED) == before


def test_with_a_grace_the_old_key_works_until_it_ends(tenant: Tenant) -> None:
    old, now = tenant.access_key, clock.now()
    tenant.access_key = new_key(rotate(tenant, old, grace_seconds=3600))
    assert takes(tenant, old)
    with time_machine.travel(now + timedelta(minutes=59), tick=True):
        assert takes(tenant, old)
        assert takes(tenant, tenant.access_key)
    with time_machine.travel(now + timedelta(minutes=60, seconds=1), tick=True):
        assert not takes(tenant, old)
        assert takes(tenant, tenant.access_key)


def test_a_second_rotation_never_prolongs_the_first_keys_grace_and_may_cut_it_short(tenant: Tenant) -> None:
    first, now = tenant.access_key, clock.now()
    second = new_key(rotate(tenant, first, grace_seconds=60))
    third = new_key(rotate(tenant, second, grace_seconds=3600))
    with time_machine.travel(now + timedelta(seconds=90), tick=True):
        assert [takes(tenant, key) for key in (first, second, third)] == [False, True, True]
        tenant.access_key = new_key(rotate(tenant, third))
        assert [takes(tenant, key) for key in (first, second, third)] == [False] * 3
        assert takes(tenant, tenant.access_key)
        assert [row["detail"]["ended"] for row in tenant.audit(action="access_key.rotate")] == [2, 1, 1]


@pytest.mark.parametrize("seconds", [-1, 86_401, 10**12])
def test_a_grace_is_at_most_a_day(tenant: Tenant, database_url: str, seconds: int) -> None:
    before = rows_of(database_url, tenant)
    answer = rotate(tenant, tenant.access_key, grace_seconds=seconds)
    assert (code_of(answer), list(answer.json()["errors"])) == ((422, "validation_failed"), ["grace_seconds"])
    assert rows_of(database_url, tenant) == before
    assert new_key(rotate(tenant, tenant.access_key, grace_seconds=86_400)) != tenant.access_key


def test_KEY_04_of_the_keys_only_digests_are_kept(tenant: Tenant, database_url: str) -> None:
    keys = [tenant.access_key]
    for _ in range(3):
        keys.append(new_key(rotate(tenant, keys[-1], grace_seconds=60)))
    assert len(set(keys)) == 4
    kept = str(rows_of(database_url, tenant))
    assert not [key for key in keys if key.removeprefix("rlk_ak_")[5:43] in kept]
