"""Limits per address on the open calls, and which address counts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network

import httpx
import pytest
from flask import Flask

from app.core import settings
from tests import database, servers
from tests.concurrency import at_once
from tests.conftest import GENEROUS, client_from
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email

From = Callable[[str], httpx.Client]
_addresses = (str(address) for address in ip_network("198.18.0.0/16"))


@pytest.fixture
def address() -> str:
    """An address that has not called yet."""
    return next(_addresses)


@contextmanager
def signups_limited_to(limit: str, **more: object) -> Iterator[None]:
    with settings.changed(signup_limit=limit, **more):
        yield


def sign_up(api: httpx.Client, key: str, path: str, **headers: str) -> httpx.Response:
    body = {"email": fresh_email(), "password": PASSWORD}
    return api.post(f"{path}/signup", json=body, headers=bearer(key) | headers)


def test_RL_07_one_address_registers_ten_clients_an_hour(api_from: From, address: str, database_url: str) -> None:
    api, before = api_from(address), len(database.users_tables(database_url))
    with settings.changed(client_registration_limit="10 per hour"):
        answers = [api.post("/api/v1/clients/register", json={"client_name": "Flood"}) for _ in range(100)]
    assert [answer.status_code for answer in answers] == [201] * 10 + [429] * 90
    assert len(database.users_tables(database_url)) == before + 10
    refused = answers[-1]
    assert (refused.json()["code"], refused.headers["content-type"]) == ("rate_limited", "application/problem+json")
    assert 3500 < int(refused.headers["retry-after"]) <= 3601
    assert (refused.headers["x-ratelimit-limit"], refused.headers["x-ratelimit-remaining"]) == ("10", "0")
    assert refused.headers["x-ratelimit-reset"].endswith("Z")


def test_RL_07_a_refused_address_does_not_use_up_what_everybody_shares(api_from: From, address: str) -> None:
    limits = {"client_registration_limit": "2 per hour", "client_registration_global_limit": "5 per minute"}
    with settings.changed(**limits):
        first = [api_from(address).post("/api/v1/clients/register", json={"client_name": "A"}) for _ in range(20)]
        others = [
            api_from(next(_addresses)).post("/api/v1/clients/register", json={"client_name": "B"}) for _ in range(4)
        ]
    assert [answer.status_code for answer in first] == [201] * 2 + [429] * 18
    assert [answer.status_code for answer in others] == [201] * 3 + [429]


def test_RL_07_what_everybody_shares_is_exact_however_many_call_at_once(app: Flask, database_url: str) -> None:
    before = len(database.users_tables(database_url))
    callers = [client_from(app, next(_addresses)) for _ in range(50)]

    def call(number: int) -> httpx.Response:
        return callers[number].post("/api/v1/clients/register", json={"client_name": "Many"})

    with settings.changed(client_registration_limit="2 per hour", client_registration_global_limit="10 per 2 hours"):
        answers = at_once(50, call)
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [429] * 40
    assert len(database.users_tables(database_url)) == before + 10
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert (refused.headers["x-ratelimit-limit"], refused.headers["x-ratelimit-remaining"]) == ("10", "0")
    assert int(refused.headers["retry-after"]) > 3600


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X_Forwarded_For", "Rowlock-Client-IP"]
)
def test_RL_04_no_header_of_a_stranger_changes_what_it_counts_as(
    app: Flask, api: httpx.Client, operator: Operator, address: str, header: str
) -> None:
    stranger = client_from(app, address)
    with settings.changed(client_registration_limit="3 per hour"):
        answers = [
            stranger.post(
                "/api/v1/clients/register", json={"client_name": "Rotating"}, headers={header: f"203.0.113.{number}"}
            )
            for number in range(5)
        ]
    assert [answer.status_code for answer in answers] == [201] * 3 + [429] * 2
    made = answers[0].json()
    log = api.get(f"/api/v1/{made['client_id']}/audit-logs", headers=bearer(made["access_key"])).json()["items"]
    assert log[0]["ip_address"] == address


def test_RL_04_behind_a_trusted_proxy_the_rightmost_stranger_counts(app: Flask, address: str) -> None:
    proxy = client_from(app, "10.0.0.1")
    trusted = (ip_network("10.0.0.0/8"),)
    with settings.changed(client_registration_limit="2 per hour", trusted_proxies=trusted):

        def via(forwarded: str) -> int:
            headers = {"X-Forwarded-For": forwarded}
            return proxy.post("/api/v1/clients/register", json={"client_name": "P"}, headers=headers).status_code

        assert [via(f"203.0.113.{number}, {address}, 10.0.0.9") for number in range(3)] == [201, 201, 429]
        assert via(f"{address}, 198.51.100.77") == 201
        assert via(f"::ffff:{address}") == 429


def test_RL_04_an_ipv6_neighbourhood_counts_as_one(app: Flask) -> None:
    with settings.changed(client_registration_limit="2 per hour"):
        answers = [
            client_from(app, f"2001:db8:7:7::{number}").post("/api/v1/clients/register", json={"client_name": "Six"})
            for number in range(1, 4)
        ]
        next_door = client_from(app, "2001:db8:7:8::1").post("/api/v1/clients/register", json={"client_name": "Six"})
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert next_door.status_code == 201


def test_RL_04_a_backend_names_its_end_users_address(tenant: Tenant, other: Tenant) -> None:
    with signups_limited_to("2 per hour"):
        calls = [
            sign_up(tenant.api, tenant.access_key, tenant.path, **{"Rowlock-Client-IP": "203.0.113.9"})
            for _ in range(3)
        ]
        elsewhere = sign_up(other.api, other.access_key, other.path, **{"Rowlock-Client-IP": "203.0.113.9"})
        unnamed = [sign_up(tenant.api, tenant.access_key, tenant.path).status_code for _ in range(4)]
    assert [answer.status_code for answer in calls] == [201, 201, 429]
    assert elsewhere.status_code == 201
    assert unnamed == [201] * 4
    assert {row["ip_address"] for row in tenant.audit(action="signup")} == {"203.0.113.9", "127.0.0.1"}


def test_an_address_that_is_none_is_an_error(tenant: Tenant) -> None:
    answer = sign_up(tenant.api, tenant.access_key, tenant.path, **{"Rowlock-Client-IP": "somewhere"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_without_redis_the_limits_fall_back_to_the_process(environment: dict[str, str], database_url: str) -> None:
    with servers.redis_server() as url:
        pass  # it is gone again: nobody listens there
    chosen = environment | {"REDIS_URL": url, "CLIENT_REGISTRATION_LIMIT": "3 per hour", "SIGNUP_LIMIT": GENEROUS}
    with servers.rowlock_server(chosen, workers=1) as server:
        codes = [
            httpx.post(f"{server.base_url}/api/v1/clients/register", json={"client_name": "Cut"}).status_code
            for _ in range(5)
        ]
        ready = httpx.get(f"{server.base_url}/readyz")
    assert codes == [201, 201, 201, 429, 429]
    assert (ready.status_code, ready.json()["checks"]["redis"]) == (200, "degraded")


def test_RL_05_two_workers_share_one_count(environment: dict[str, str]) -> None:
    limit = {"CLIENT_REGISTRATION_LIMIT": "20 per hour"}
    with (
        servers.redis_server() as url,
        servers.rowlock_server(environment | limit | {"REDIS_URL": url}, workers=2) as server,
    ):
        codes = [
            httpx.post(f"{server.base_url}/api/v1/clients/register", json={"client_name": "Two"}).status_code
            for _ in range(30)
        ]
    assert codes == [201] * 20 + [429] * 10
