"""Values that are odd but arrive: numbers, zones of addresses, and a database that is not there yet."""

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from app import create_app
from app.core.settings import changed
from tests.conftest import client_from, settings_from
from tests.factories import PASSWORD, Tenant, bearer, fresh_email
from tests.servers import PostgresServer

NUMBERS = st.one_of(st.integers(-(10**400), 10**400), st.floats(allow_nan=False, allow_infinity=False))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" + "0" * 400 + ".5", "NaN", "Infinity", "-Infinity"])
def test_IN_02_a_number_that_json_cannot_give_back_is_refused(tenant: Tenant, number: str) -> None:
    person = tenant.sign_up()
    change = person.call("PATCH", "/me", content=f'{{"custom_fields": {{"a": {number}}}}}', headers=JSON)
    body = f'{{"email": "{fresh_email()}", "password": "{PASSWORD}", "custom_fields": {{"a": [{number}]}}}}'
    made = tenant.call("POST", "/signup", content=body, headers=JSON)
    for answer in (change, made):
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert person.call("GET", "/me").json()["custom_fields"] == {}


def test_IN_04_an_integer_of_thousands_of_digits_is_refused_or_given_back(tenant: Tenant) -> None:
    person = tenant.sign_up()
    for digits in (300, 4300, 4301, 9000):
        change = person.call("PATCH", "/me", content=f'{{"custom_fields": {{"a": {"9" * digits}}}}}', headers=JSON)
        assert change.status_code in (200, 400)
        assert person.call("GET", "/me").status_code == 200


@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(TEXTS, VALUES, max_size=4))
def test_IN_04_custom_fields_come_back_as_they_were_sent(tenant: Tenant, fields: dict[str, Any]) -> None:
    made = tenant.call("POST", "/signup", json=_account(custom_fields=fields))
    assert made.status_code in (201, 422), made.text
    if made.status_code == 201:
        told = tenant.api.get(f"{tenant.path}/me", headers=bearer(made.json()["access_token"])).json()
        assert told["custom_fields"] == made.json()["user"]["custom_fields"] == fields


@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(TEXTS, VALUES, max_size=4))
def test_IN_04_changed_custom_fields_come_back_as_they_were_sent(tenant: Tenant, fields: dict[str, Any]) -> None:
    person = tenant.sign_up()
    before = person.call("GET", "/me").json()["custom_fields"]
    answer = person.call("PATCH", "/me", json={"custom_fields": fields})
    assert answer.status_code in (200, 422), answer.text
    stored = fields if answer.status_code == 200 else before
    assert person.call("GET", "/me").json()["custom_fields"] == stored
    if answer.status_code == 200:
        assert answer.json()["custom_fields"] == stored


@pytest.mark.parametrize("address", ["fe80::1%eth0", "fe80::1%" + "a" * 60, "2001:db8::1%0", "%", "::1%"])
def test_IN_04_an_end_users_address_has_no_zone(tenant: Tenant, address: str) -> None:
    login = {"email": fresh_email(), "password": PASSWORD}
    answer = tenant.call("POST", "/login", json=login, headers={"Rowlock-Client-IP": address})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert tenant.audit(action="login") == []


@pytest.mark.parametrize("zoned", ["fe80::1%" + "a" * 200, "2001:db8::1%0"])
def test_IN_04_a_zone_in_a_forwarded_address_makes_it_no_address(
    tenant: Tenant, api_from: Callable[[str], httpx.Client], zoned: str
) -> None:
    person, proxy = tenant.sign_up(), ipaddress.ip_network("192.0.2.1")
    account = {"email": person.email, "password": PASSWORD}
    forwarded = {"X-Forwarded-For": f"203.0.113.7, {zoned}"} | bearer(tenant.access_key)
    with changed(trusted_proxies=(proxy,)):
        answer = api_from("192.0.2.1").post(f"{tenant.path}/login", json=account, headers=forwarded)
    assert answer.status_code == 200
    assert [row["ip_address"] for row in tenant.audit(action="login")] == ["192.0.2.1"]


def test_RL_04_zones_of_forwarded_addresses_are_not_counted_apart(api_from: Callable[[str], httpx.Client]) -> None:
    proxy = api_from("192.0.2.2")
    with changed(trusted_proxies=(ipaddress.ip_network("192.0.2.2"),), client_registration_limit="3 per hour"):
        seen = [
            proxy.post(
                "/api/v1/clients/register",
                json={"client_name": "Zoned"},
                headers={"X-Forwarded-For": f"fe80::1%{number}"},
            ).status_code
            for number in range(5)
        ]
    assert seen == [201, 201, 201, 429, 429]


def test_IN_04_a_neighbour_on_the_link_calls_from_its_address_without_the_zone(
    tenant: Tenant, api_from: Callable[[str], httpx.Client]
) -> None:
    person, neighbour = tenant.sign_up(), api_from("fe80::1%eth0")
    account = {"email": person.email, "password": PASSWORD}
    answer = neighbour.post(f"{tenant.path}/login", json=account, headers=bearer(tenant.access_key))
    assert answer.status_code == 200
    assert [row["ip_address"] for row in tenant.audit(action="login")] == ["fe80::1"]


@pytest.fixture(params=["sqlite", "postgresql"])
def not_migrated(
    request: pytest.FixtureRequest, tenant: Tenant, environment: dict[str, str], tmp_path: Path
) -> httpx.Client:
    """An application whose database is empty, in force after the tenant was made by the one that tests share."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database()
    made = create_app(settings_from(environment | {"DATABASE_URL": url}))
    request.addfinalizer(lambda: create_app(settings_from(environment)))
    return client_from(made, "127.0.0.1")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")
def test_before_the_migrations_every_call_asks_to_wait(not_migrated: httpx.Client, tenant: Tenant) -> None:
    answers = [
        not_migrated.post("/api/v1/clients/register", json={"client_name": "Early"}),
        not_migrated.get(f"{tenant.path}/audit-logs", headers=bearer(tenant.access_key)),
        not_migrated.get("/readyz"),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "temporarily_unavailable"), answer.text
        assert int(answer.headers["retry-after"]) >= 1
    assert not_migrated.get("/healthz").status_code == 200


def _account(**more: Any) -> dict[str, Any]:
    return {"email": fresh_email(), "password": PASSWORD, **more}
