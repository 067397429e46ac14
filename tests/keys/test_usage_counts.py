"""What the series say of a client and its keys is the calls that were made: each once, passed or refused."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.limits import usage
from tests import database
from tests.factories import Operator, Tenant
from tests.keys.making import make, through
from tests.limits.calling import limit

Counts = tuple[int, int]


@pytest.fixture
def counted(app: Flask, tenant: Tenant, database_url: str) -> Callable[[str | None], Counts]:
    """Return what is written of a key, or (None) of the client as a whole: requests and refusals."""

    def look(key_id: str | None) -> Counts:
        with app.app_context():
            usage.flush()
        ids = {"c": tenant.client_id, "k": key_id or str(usage.CLIENT_ITSELF)}
        rows = database.rows(
            database_url,
            "SELECT requests, refusals FROM rate_limit_usage WHERE client_id = :c AND key_id = :k AND period = 'hour'",
            **{name: database.uuid_text(database_url, value) for name, value in ids.items()},
        )
        assert all(row["requests"] >= 0 and row["refusals"] >= 0 for row in rows)
        return sum(row["requests"] for row in rows), sum(row["refusals"] for row in rows)

    return look


def more(after: Counts, before: Counts) -> Counts:
    return after[0] - before[0], after[1] - before[1]


def test_a_verifier_whose_quota_is_spent_has_one_request_and_two_refusals(
    tenant: Tenant, counted: Callable[[str | None], Counts]
) -> None:
    caller, asked = make(tenant, scopes=["keys:verify"], usage_limit=1), make(tenant)
    before = counted(None)
    body = {"key": asked["api_key"]}
    met = [through(tenant, caller["api_key"], "POST", "/keys/verify", json=body).status_code for _ in range(3)]
    assert met == [200, 429, 429]
    assert counted(caller["key_id"]) == more(counted(None), before) == (1, 2)
    assert counted(asked["key_id"]) == (1, 0)


def test_a_verifier_whose_window_is_full_is_refused_in_both_series(
    tenant: Tenant, operator: Operator, counted: Callable[[str | None], Counts]
) -> None:
    caller = make(tenant, scopes=["keys:verify"])
    limit(operator, tenant, verify_requests_per_minute=2)
    before = counted(None)
    met = [through(tenant, caller["api_key"], "POST", "/keys/verify", json={"key": "x"}).status_code for _ in range(3)]
    assert met == [200, 200, 429]
    assert counted(caller["key_id"]) == more(counted(None), before) == (2, 1)


def test_a_clients_series_counts_its_users_and_verifications_too(
    tenant: Tenant, operator: Operator, counted: Callable[[str | None], Counts]
) -> None:
    person, key = tenant.sign_up(), make(tenant)["api_key"]
    limit(operator, tenant, user_requests_per_minute=3)
    before = counted(None)
    assert [person.call("GET", "/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert more(counted(None), before) == (3, 1)
    assert [tenant.call("POST", "/keys/verify", json={"key": key}).status_code for _ in range(2)] == [200, 200]
    assert more(counted(None), before) == (5, 1)


def test_a_users_token_beside_a_key_is_one_call_of_the_client(
    tenant: Tenant, counted: Callable[[str | None], Counts]
) -> None:
    person = tenant.sign_up()
    made = make(tenant, scopes=["read"], rate_limit={"requests_per_day": 1})
    before = counted(None)
    headers = {"X-API-Key": made["api_key"]}
    assert [person.call("GET", "/me", headers=headers).status_code for _ in range(2)] == [200, 429]
    assert counted(made["key_id"]) == more(counted(None), before) == (1, 1)
