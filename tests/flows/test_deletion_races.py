"""Deleting an account while it is in use leaves nothing behind."""

import httpx

from tests import database
from tests.concurrency import at_once
from tests.factories import Person, Tenant, register


def test_R_17_a_refresh_beside_the_deletion_of_its_user_leaves_no_token(live: httpx.Client, database_url: str) -> None:
    tenant = register(live)
    people = [[person := tenant.sign_up(), *(tenant.log_in(person.email) for _ in range(2))] for _ in range(12)]
    for logins in people:
        answers = at_once(4, lambda number, logins=logins: _act(tenant, logins, number))  # type: ignore[misc]
        assert answers[3].status_code == 204
        assert {answer.status_code for answer in answers[:3]} <= {200, 401}
    owner = {"c": database.uuid_text(database_url, tenant.client_id)}
    assert database.count(database_url, "tokens", "client_id = :c", **owner) == 0
    assert database.count(database_url, "sessions", "client_id = :c", **owner) == 0


def _act(tenant: Tenant, logins: list[Person], number: int) -> httpx.Response:
    if number == 3:
        return logins[0].call("DELETE", "/me")
    return tenant.call("POST", "/refresh", json={"refresh_token": logins[number].refresh_token})
