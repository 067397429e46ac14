"""POST /tokens/introspect (RFC 7662): good tokens are told, all others answered alike."""

import time
from typing import Any

import pytest
import time_machine

from tests.factories import Tenant, bearer

INACTIVE = {"active": False}


def introspect(tenant: Tenant, token: str, **options: Any) -> Any:
    answer = tenant.call("POST", "/tokens/introspect", json={"token": token, "token_type_hint": "x"}, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_good_access_token_and_a_good_refresh_token_are_told_and_nothing_is_spent(tenant: Tenant) -> None:
    person = tenant.sign_up()
    sid = person.call("GET", "/me/sessions").json()["items"][0]["session_id"]
    told = introspect(tenant, person.access_token)
    assert 1700 < told.pop("exp") - time.time() <= 1800
    common = {
        "active": True,
        "token_type": "Bearer",
        "aud": tenant.client_id,
        "client_id": tenant.client_id,
        "sub": person.user_id,
        "sid": sid,
        "username": person.email,
        "scope": "read write",
        "iss": f"http://localhost:8000/api/v1/{tenant.client_id}",
    }
    assert told == common | {"kind": "access"}
    for _ in range(2):
        told = introspect(tenant, person.refresh_token)
        assert told.pop("exp") - time.time() > 6 * 86_400
        assert told == common | {"kind": "refresh"}
    assert tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}).status_code == 200


def test_TOK_02_a_token_that_is_spent_expired_foreign_revoked_or_none_is_answered_alike(
    tenant: Tenant, other: Tenant
) -> None:
    person, stranger = tenant.sign_up(), other.sign_up()
    for token in (stranger.access_token, stranger.refresh_token, tenant.access_key, "x", person.access_token + "x"):
        assert introspect(tenant, token) == INACTIVE
    with time_machine.travel(time.time() + 3600, tick=True):
        assert introspect(tenant, person.access_token) == INACTIVE
    tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
    assert introspect(tenant, person.refresh_token) == INACTIVE
    person.call("POST", "/logout", json={})
    assert introspect(tenant, person.access_token) == INACTIVE


@pytest.mark.parametrize(
    ("scopes", "status"), [(["tokens:introspect"], 200), (["read", "keys:verify"], 403), ([], 403)]
)
def test_KEY_02_introspection_wants_its_own_scope(tenant: Tenant, scopes: list[str], status: int) -> None:
    key = tenant.call("POST", "/keys", json={"name": "Introspector", "scopes": scopes}).json()["api_key"]
    answer = tenant.call("POST", "/tokens/introspect", json={"token": "x"}, headers=bearer(key))
    assert answer.status_code == status
