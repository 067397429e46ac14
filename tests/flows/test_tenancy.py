"""No credential reaches beyond its own client: not by path, not by header, not by an id of somebody else's."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from flask import Flask

from app.web import guards
from tests import database
from tests.factories import PASSWORD, Operator, Person, Tenant, bearer, fresh_email, register
from tests.flows.observing import masked, rows_of
from tests.servers import RunningServer

GHOST = "01890000-0000-7000-8000-000000000000"
NOBODYS = "01890000-0000-7000-8000-000000000001"
WRITES = ("POST", "PATCH", "PUT")
READ_BY_OPERATORS = ("/isolation-report", "/rate-limit-status", "/stats", "/storage")
ODD_NAMES = [
    'a"b', "a'b", "x'; DROP TABLE clients; --", 'users_"}; DROP TABLE keys; --', "users_{client}", "%(client_id)s",
    ":client_id", "../../etc/passwd", "a\nb\r\tc", "\u202egnp.exe", "Ünïcødé Ğmbḥ 株式会社 🦜", "%s %d {0}", "\\", "$1",
    "n" * 120,
]  # fmt: skip
TABLE_NAME = re.compile(r"users_[0-9a-f]{32}")
# A refused credential is summed up in the log of the client that it names.
REFUSED = {"credential.refuse"}


def guarded_calls(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield method and path of every guarded route that names a client: `("GET", "/api/v1/{client_id}/me")`."""
    for rule in app.url_map.iter_rules():
        if "client_id" in rule.arguments and guards.anyone not in guards.callers_of(app.view_functions[rule.endpoint]):
            path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)
            yield from ((method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"})


def replay(
    api: httpx.Client, call: tuple[str, str], client_id: str, headers: dict[str, str], **ids: str
) -> httpx.Response:
    """Make a call of the route map on a client's path; every other id that it names is nobody's unless given."""
    method, path = call[0], call[1].format_map(defaultdict(lambda: NOBODYS, ids, client_id=client_id))
    return api.request(method, path, headers=headers, json={} if method in WRITES else None)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def session_of(tenant: Tenant, person: Person) -> str:
    """Return the id of somebody's only session."""
    sessions: list[dict[str, Any]] = person.call("GET", "/me/sessions").json()["items"]
    return str(sessions[0]["session_id"])


def test_TEN_01_every_route_answers_a_foreign_credential_as_it_answers_an_unknown_client(
    app: Flask, api: httpx.Client, database_url: str
) -> None:
    mine, theirs = register(api, admin=True), register(api, admin=True)
    u1, u2, a1 = mine.sign_up(), theirs.sign_up(), mine.log_in_admin()
    named = {"session_id": session_of(theirs, u2), "user_id": u2.user_id, "name": "user"}
    k1, both = bearer(mine.access_key), {"X-API-Key": mine.access_key}
    sent = {
        "K1": k1,
        "K1 in the other header": both,
        "U1": bearer(u1.access_token),
        "A1": bearer(a1.access_token),
        "K1 with U2": bearer(u2.access_token) | both,
        "K1 that names T1": k1 | {"X-Tenant-Id": mine.client_id, "X-Client-Id": mine.client_id},
    }
    calls, before = sorted(guarded_calls(app)), rows_of(database_url, theirs)
    assert len(calls) >= 60
    for call in calls:
        for who, headers in sent.items():
            real = replay(api, call, theirs.client_id, headers, **named)
            invented = replay(api, call, GHOST, headers, **named)
            assert code_of(real) == (404, "client_not_found"), (call, who)
            assert masked(real) == masked(invented), (call, who)
    assert rows_of(database_url, theirs) == before


def test_TEN_01_a_key_beside_another_clients_token_opens_nothing_on_either_path(
    app: Flask, api: httpx.Client, tenant: Tenant, other: Tenant, database_url: str
) -> None:
    u2 = other.sign_up()
    before = rows_of(database_url, tenant, without=("audit_logs",)), rows_of(database_url, other)
    headers = bearer(u2.access_token) | {"X-API-Key": tenant.access_key}
    for call in guarded_calls(app):
        for client_id in (tenant.client_id, other.client_id):
            assert code_of(replay(api, call, client_id, headers)) == (404, "client_not_found"), call
    assert (rows_of(database_url, tenant, without=("audit_logs",)), rows_of(database_url, other)) == before
    assert {row["action"] for row in tenant.audit(status="failed")} == REFUSED


@pytest.mark.parametrize("header", ["X-Tenant-Id", "X-Client-Id", "Tenant", "X-Forwarded-Prefix"])
def test_TEN_01_a_header_that_names_another_client_changes_nothing(
    tenant: Tenant, other: Tenant, database_url: str, header: str
) -> None:
    email, named = fresh_email(), {header: other.client_id}
    before, body = rows_of(database_url, other), {"email": email, "password": PASSWORD}
    made = tenant.call("POST", "/signup", json=body, headers=named)
    assert made.status_code == 201
    headers = bearer(made.json()["access_token"])
    for path in ("/me", "/me/sessions"):
        plain, pointed = (tenant.api.get(tenant.path + path, headers=headers | more) for more in ({}, named))
        assert plain.status_code == 200
        assert masked(plain) == masked(pointed)
    assert database.count(database_url, tenant.table, "email = :email", email=email) == 1
    assert rows_of(database_url, other) == before


def test_TEN_01_an_id_or_token_of_another_clients_user_is_unknown(
    tenant: Tenant, other: Tenant, database_url: str
) -> None:
    u1, u2 = tenant.sign_up(), other.sign_up()
    session, refresh = session_of(other, u2), {"refresh_token": u2.refresh_token}
    before = rows_of(database_url, other)
    assert code_of(u1.call("DELETE", f"/me/sessions/{session}")) == (404, "not_found")
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("DELETE", f"/sessions/{session}")):
        body = {"role": "admin"} if method == "PATCH" else None
        answer = tenant.call(method, f"/users/{u2.user_id}{path}", json=body)
        assert code_of(answer) == (404, "not_found"), (method, path)
    assert code_of(tenant.call("POST", "/refresh", json=refresh)) == (401, "token_revoked")
    assert tenant.call("POST", "/logout", json=refresh).status_code == 204
    assert u1.call("POST", "/logout", json=refresh | {"everywhere": True}).status_code == 204
    login = {"email": u2.email, "password": u2.password}
    assert code_of(tenant.call("POST", "/login", json=login)) == (401, "invalid_credentials")
    assert rows_of(database_url, other) == before
    assert other.call("POST", "/refresh", json=refresh).status_code == 200


def test_TEN_01_a_tenant_in_the_body_is_refused(tenant: Tenant, other: Tenant, database_url: str) -> None:
    before = rows_of(database_url, other)
    for field in ("client_id", "tenant_id", "client", "table"):
        body = {"email": fresh_email(), "password": PASSWORD, field: other.client_id}
        for path in ("/signup", "/login"):
            answer = tenant.call("POST", path, json=body)
            assert code_of(answer) == (422, "validation_failed")
            assert list(answer.json()["errors"]) == [field]
    assert (database.count(database_url, tenant.table), rows_of(database_url, other)) == (0, before)


@pytest.mark.parametrize("path", [GHOST, "ghost", "null", "*", "0", GHOST.replace("-", ""), GHOST.upper() + "%20"])
def test_TEN_02_under_an_unknown_client_every_route_fails_before_its_handler(
    app: Flask, api: httpx.Client, tenant: Tenant, database_url: str, path: str
) -> None:
    u1 = tenant.sign_up()
    before = rows_of(database_url, tenant, without=("audit_logs",))
    tables = database.users_tables(database_url)
    for call in guarded_calls(app):
        nobody = replay(api, call, path, {})
        assert code_of(nobody) == (401, "authentication_required"), call
        assert nobody.headers["www-authenticate"].startswith("Bearer")
        for headers in (bearer(tenant.access_key), bearer(u1.access_token)):
            assert code_of(replay(api, call, path, headers)) == (404, "client_not_found"), call
    for document in ("jwks.json", "openid-configuration"):
        assert code_of(api.get(f"/api/v1/{path}/.well-known/{document}")) == (404, "client_not_found")
    assert rows_of(database_url, tenant, without=("audit_logs",)) == before
    assert database.users_tables(database_url) == tables


def test_TEN_02_a_client_id_is_taken_in_its_canonical_spelling_only(tenant: Tenant) -> None:
    plain = tenant.client_id
    for spelling in (plain.upper(), plain.replace("-", ""), f"{{{plain}}}", f"urn:uuid:{plain}", f"{plain}%00"):
        answer = tenant.api.get(f"/api/v1/{spelling}/audit-logs", headers=bearer(tenant.access_key))
        assert code_of(answer) == (404, "client_not_found"), spelling


def test_TEN_02_a_suspended_client_fails_closed_on_every_route_and_goes_on_when_activated(
    app: Flask, api: httpx.Client, operator: Operator, tenant: Tenant, database_url: str
) -> None:
    u1 = tenant.sign_up()
    suspended = operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"status": "suspended"})
    assert suspended.status_code == 200
    before = rows_of(database_url, tenant, without=("audit_logs",))
    for call in guarded_calls(app):
        assert code_of(replay(api, call, tenant.client_id, {}))[0] == 401
        for headers in (bearer(tenant.access_key), bearer(u1.access_token)):
            assert code_of(replay(api, call, tenant.client_id, headers)) == (403, "client_suspended"), call
    assert code_of(api.get(f"{tenant.path}/.well-known/jwks.json")) == (404, "client_not_found")
    assert rows_of(database_url, tenant, without=("audit_logs",)) == before
    body = {"status": "active"}
    assert operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json=body).status_code == 200
    assert u1.call("GET", "/me").status_code == 200
    assert {row["action"] for row in tenant.audit()} == {"client.register", "signup", "client.update", *REFUSED}


def test_TEN_02_suspension_holds_from_the_next_request_in_every_worker(
    live: httpx.Client, server: RunningServer, operator: Operator
) -> None:
    tenant = register(live)
    u1 = tenant.sign_up()

    def answers() -> set[int]:
        """Ask on 24 connections of their own, so that both workers are met."""
        found, each_its_own = set(), httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(base_url=server.base_url, limits=each_its_own) as fresh:
            for _ in range(12):
                found.add(fresh.get(f"{tenant.path}/me", headers=bearer(u1.access_token)).status_code)
                found.add(fresh.get(f"{tenant.path}/audit-logs", headers=bearer(tenant.access_key)).status_code)
        return found

    for status, expected in (("active", 200), ("suspended", 403), ("active", 200), ("suspended", 403)):
        changed = operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"status": status})
        assert changed.status_code == 200
        assert answers() == {expected}


@pytest.mark.parametrize("name", ODD_NAMES)
def test_TEN_05_whatever_the_client_is_called_its_table_is_named_by_its_id_alone(
    api: httpx.Client, database_url: str, name: str
) -> None:
    before = database.users_tables(database_url)
    tenant = register(api, client_name=name)
    assert database.users_tables(database_url) - before == {f"users_{tenant.client_id.replace('-', '')}"}
    assert TABLE_NAME.fullmatch(tenant.table)
    assert len(tenant.table) <= 63
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", tenant.slug)
    assert tenant.call("GET", f"/../clients/{tenant.client_id}").json()["client_name"] == name
    assert tenant.sign_up(full_name=name).call("GET", "/me").json()["full_name"] == name


@pytest.mark.parametrize(
    "body",
    [
        {"client_name": "n" * 300}, {"client_name": "a\0b"}, {"client_name": ""}, {"client_name": 7},
        {"client_name": "A", "slug": "../x"}, {"client_name": "A", "slug": "users_0"},
        {"client_name": "A", "slug": "A'"}, {"client_name": "A", "client_id": GHOST},
        {"client_name": "A", "table": "users_x"},
        {"client_name": "A", "industry": "i" * 300}, {"client_name": "A", "domain": "a';--.example"},
    ],
)  # fmt: skip
def test_TEN_05_a_name_that_is_none_makes_no_table(api: httpx.Client, database_url: str, body: dict[str, Any]) -> None:
    before = database.users_tables(database_url)
    assert code_of(api.post("/api/v1/clients/register", json=body)) == (422, "validation_failed")
    assert database.users_tables(database_url) == before


@pytest.mark.parametrize(
    "odd",
    [
        "'", '"', ";", "';DROP TABLE clients;--", "%00", f"{GHOST}%00", f"{GHOST}'", f"{GHOST}%3B", "..",
        "..%2f..%2fclients", "%2e%2e", "x" * 300, "%F0%9F%A6%9C", "%ff%fe", "{client}", "users_{client}", "%25s",
        "1%20OR%201=1",
    ],
)  # fmt: skip
def test_TEN_05_an_odd_path_id_is_an_unknown_client(
    live: httpx.Client, server: RunningServer, tenant: Tenant, database_url: str, odd: str
) -> None:
    before = database.users_tables(database_url)
    for method, path in (("POST", f"/api/v1/{odd}/signup"), ("GET", f"/api/v1/clients/{odd}")):
        body = {"email": fresh_email(), "password": PASSWORD} if method == "POST" else None
        url = httpx.URL(server.base_url, raw_path=path.encode())
        answer = live.request(method, url, headers=bearer(tenant.access_key), json=body)
        assert code_of(answer) in [(404, "client_not_found"), (404, "not_found")], path
    assert database.users_tables(database_url) == before
    assert database.count(database_url, tenant.table) == 0


def test_TEN_06_no_credential_of_a_client_reaches_the_platform_or_a_sibling(
    api: httpx.Client, operator: Operator, other: Tenant, database_url: str
) -> None:
    mine = register(api, admin=True)
    a1, u1, sibling = mine.log_in_admin(), mine.sign_up(), rows_of(database_url, other)
    for credential in (mine.access_key, a1.access_token, u1.access_token):
        sent: dict[str, Any] = {"headers": bearer(credential)}
        assert code_of(api.get("/api/v1/clients", **sent)) == (403, "insufficient_scope")
        own = f"/api/v1/clients/{mine.client_id}"
        assert code_of(api.post(f"{own}/access-key/rotate", json={}, **sent)) == (403, "insufficient_scope")
        for change in ({"tier": "enterprise"}, {"status": "active"}, {"limits": {"requests_per_minute": 10_000}}):
            assert code_of(api.patch(own, json=change, **sent)) == (403, "insufficient_scope")
        for client_id in (operator.client_id, other.client_id):
            path = f"/api/v1/clients/{client_id}"
            assert code_of(api.get(path, **sent)) == (404, "client_not_found")
            assert code_of(api.patch(path, json={"client_name": "Mine"}, **sent)) == (404, "client_not_found")
            assert code_of(api.post(f"{path}/access-key/rotate", json={}, **sent)) == (404, "client_not_found")
    shown = operator.platform_call("GET", f"/clients/{mine.client_id}").json()
    assert (shown["tier"], shown["status"]) == ("free", "active")
    assert rows_of(database_url, other) == sibling


@pytest.mark.parametrize("missing", ["", "null", "None", "undefined", "0", "all", "platform", "%20"])
def test_TEN_06_a_missing_client_id_means_nobody(
    api: httpx.Client, tenant: Tenant, operator: Operator, missing: str
) -> None:
    for credential in (tenant.access_key, operator.access_token):
        for path in (f"/api/v1/{missing}/me", f"/api/v1/{missing}/audit-logs", f"/api/v1/clients/{missing}/access-key"):
            assert api.get(path, headers=bearer(credential)).status_code == 404, path
    assert api.get(f"/api/v1/clients/{missing}", headers=bearer(tenant.access_key)).status_code in (403, 404)


def test_TEN_06_nobody_signs_up_as_an_operator_or_with_a_role(tenant: Tenant, operator: Operator) -> None:
    for role in ("super_admin", "admin"):
        body = {"email": fresh_email(), "password": PASSWORD, "role": role}
        assert code_of(tenant.call("POST", "/signup", json=body)) == (422, "validation_failed")
    foreign = {"email": operator.email, "password": operator.password}
    assert code_of(tenant.call("POST", "/login", json=foreign)) == (401, "invalid_credentials")


def test_TEN_06_an_operator_neither_writes_nor_impersonates_in_a_client(
    app: Flask, api: httpx.Client, operator: Operator, tenant: Tenant, database_url: str
) -> None:
    before = rows_of(database_url, tenant)
    for call in guarded_calls(app):
        if not call[1].startswith("/api/v1/clients/") and not call[1].endswith(READ_BY_OPERATORS):
            answer = replay(api, call, tenant.client_id, bearer(operator.access_token))
            assert code_of(answer) == (404, "client_not_found"), call
    assert rows_of(database_url, tenant) == before
