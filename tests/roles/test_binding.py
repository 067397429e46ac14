"""What a role holds binds on the very next request: of tokens given out before, and of its holders' own keys."""

import base64
import json
from typing import Any

import httpx
from flask import Flask

from tests.concurrency import at_once
from tests.factories import PASSWORD, Person, Tenant, fresh_email, register
from tests.flows.counting import code_of
from tests.keys.making import asked_of_database, make, through, verify
from tests.roles.giving import give, holder, put

BOTH_WORKERS = 12
"""Calls on connections of their own, after which it is as good as certain that each of two workers had some."""
_ALONE = {"Connection": "close"}


def claims(person: Person) -> dict[str, Any]:
    """Return what an access token says."""
    payload = person.access_token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def refreshed(tenant: Tenant, person: Person) -> Person:
    """Return a user with the next pair of tokens."""
    answer = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}).json()
    tokens = answer["access_token"], answer["refresh_token"]
    return Person(person.api, person.path, person.user_id, person.email, person.password, *tokens)


def test_a_change_of_a_role_binds_on_the_next_request_on_every_worker(live: httpx.Client, database_url: str) -> None:
    tenant = register(live)
    person = holder(database_url, tenant, "audit:read", role="auditor")
    key = make(person, scopes=["audit:read"])["api_key"]

    def answered(_: int) -> tuple[int, int, list[str]]:
        token = person.call("GET", "/audit-logs", headers=_ALONE).status_code
        own_key = through(tenant, key, "GET", "/audit-logs", headers=_ALONE).status_code
        return token, own_key, verify(tenant, key)["scopes"]

    for _ in range(2):
        assert set(map(str, at_once(BOTH_WORKERS, answered))) == {str((200, 200, ["audit:read"]))}
        put(tenant, "auditor", "read")
        assert set(map(str, at_once(BOTH_WORKERS, answered))) == {str((403, 403, []))}
        put(tenant, "auditor", "audit:read")


def test_tokens_carry_the_scopes_that_the_role_holds_when_they_are_made(tenant: Tenant, database_url: str) -> None:
    person = holder(database_url, tenant, "read", "reports:read", role="reader")
    logged_in = tenant.log_in(person.email)
    assert (claims(logged_in)["role"], claims(logged_in)["scopes"]) == ("reader", ["read", "reports:read"])
    put(tenant, "reader", "decay")
    later = refreshed(tenant, logged_in)
    assert claims(later)["scopes"] == claims(tenant.log_in(person.email))["scopes"] == ["decay"]
    for token in (logged_in, later):
        answer = tenant.call("POST", "/tokens/introspect", json={"token": token.access_token})
        assert answer.json()["scope"] == "decay"
    put(tenant, "user", "decay", "read")
    assert claims(tenant.sign_up())["scopes"] == ["decay", "read"]


def test_a_role_of_a_clients_own_opens_what_it_holds_and_nothing_more(tenant: Tenant, database_url: str) -> None:
    person = holder(database_url, tenant, "users:read", role="support")
    answer = person.call("GET", "/users")
    assert answer.status_code == 200, answer.text
    assert person.email in [user["email"] for user in answer.json()["items"]]
    new = {"email": fresh_email(), "password": PASSWORD}
    for refused in (
        person.call("POST", "/users", json=new),
        person.call("DELETE", f"/users/{person.user_id}"),
        person.call("GET", "/audit-logs"),
        person.call("GET", "/rate-limit-status"),
    ):
        assert code_of(refused) == (403, "insufficient_scope")


def test_a_role_is_of_its_client_alone(tenant: Tenant, other: Tenant, database_url: str) -> None:
    put(other, "auditor", "audit:read")
    put(other, "user", "audit:read")
    person = tenant.sign_up()
    assert code_of(person.call("GET", "/audit-logs")) == (403, "insufficient_scope")
    give(database_url, tenant, "auditor", person)
    assert code_of(person.call("GET", "/audit-logs")) == (403, "insufficient_scope")


def test_the_scopes_of_a_role_of_its_own_cost_a_request_no_further_statement(
    app: Flask, tenant: Tenant, database_url: str
) -> None:
    person = holder(database_url, tenant, "read", "audit:read", role="auditor")
    plain = tenant.sign_up()

    def statements(caller: Person) -> int:
        caller.call("GET", "/me")
        with asked_of_database(app) as asked:
            assert caller.call("GET", "/me").status_code == 200
        return len(asked)

    assert statements(person) == statements(plain) == 1
