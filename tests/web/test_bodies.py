"""Strict intake: whatever comes in, the answer is a 4xx problem and nothing is written."""

import json
import socket
from typing import Any

import httpx
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import database, servers
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email, register

JSON = {"Content-Type": "application/json"}


def login(tenant: Tenant, raw: bytes, **headers: str) -> httpx.Response:
    """Send raw bytes to /login."""
    return tenant.call("POST", "/login", content=raw, headers=JSON | headers)


def is_problem(answer: httpx.Response, *codes: str) -> None:
    """Assert a problem with one of these codes."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["code"] in codes, body
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(body)
    assert body["status"] == answer.status_code < 500


@pytest.mark.parametrize(
    "raw",
    [
        b"{", b"[", b"[" * 60_000, b'{"a":' * 9_000, b"null", b"1", b'"text"', b"[]", b"true", b"\xff\xfe", b"{}{}",
        b'{"email": NaN}', b'{"email": Infinity}', b'{"email": -Infinity}', b'{"email": "a", "email": "b"}',
        b'{"x": ' + b"1" * 5_000 + b"}", b'{"a": {"b": 1, "b": 2}}', b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
)  # fmt: skip
def test_IN_02_what_is_not_one_plain_json_object_is_refused(tenant: Tenant, raw: bytes) -> None:
    answer = login(tenant, raw)
    is_problem(answer, "invalid_request")
    assert answer.status_code == 400


@pytest.mark.parametrize("text", ["\\ud800", "a\\udfffb", "\\u0000", "a\\u0000b"])
@pytest.mark.parametrize("field", ["email", "password", "unknown"])
def test_IN_02_IN_03_nul_and_lone_surrogates_are_refused(tenant: Tenant, field: str, text: str) -> None:
    is_problem(login(tenant, f'{{"{field}": "{text}"}}'.encode()), "validation_failed")
    is_problem(login(tenant, f'{{"{text}": "x"}}'.encode()), "validation_failed")


def test_IN_03_nul_is_refused_in_every_field_path_and_query(
    api: httpx.Client, tenant: Tenant, operator: Operator, database_url: str
) -> None:
    person = tenant.sign_up()
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/signup", {"email": "N@example.com", "password": PASSWORD, "full_name": "N", "username": "N"}),
        ("POST", "/signup", {"email": fresh_email(), "password": PASSWORD, "custom_fields": {"a": ["N"]}}),
        ("POST", "/login", {"email": "N", "password": "N"}),
        ("POST", "/refresh", {"refresh_token": "N"}),
        ("POST", "/logout", {"refresh_token": "N"}),
    ]
    for method, path, body in bodies:
        for name in body:
            nul = json.loads(json.dumps({**body, name: body[name]}).replace("N", "N\\u0000"))
            is_problem(tenant.call(method, path, json=nul), "validation_failed")
    for change in ({"full_name": "a\0"}, {"avatar_url": "https://x/\0"}, {"custom_fields": {"\0": 1}}):
        is_problem(person.call("PATCH", "/me", json=change), "validation_failed")
    for name in ("client_name", "industry", "slug", "domain", "contact_email"):
        body = {"client_name": "x", name: "a\0b"}
        is_problem(api.post("/api/v1/clients/register", json=body), "validation_failed")
    for query in ("action=%00", "cursor=%00", "status=%00", "user_id=%00", "since=%00"):
        is_problem(tenant.call("GET", f"/audit-logs?{query}"), "validation_failed")
    for path in ("/me/sessions/%00", "/%00", "/.well-known/%00"):
        is_problem(tenant.call("GET", path), "not_found", "method_not_allowed", "insufficient_scope")
    is_problem(api.get("/api/v1/%00/me", headers=bearer(tenant.access_key)), "insufficient_scope", "client_not_found")
    assert operator.platform_call("GET", "/clients?q=%00").status_code == 422


def test_IN_01_a_body_over_64_kib_is_refused(tenant: Tenant) -> None:
    answer = login(tenant, b'{"email": "' + b"a" * 65 * 1024 + b'"}')
    is_problem(answer, "payload_too_large")
    assert answer.status_code == 413


def test_IN_01_a_real_server_reads_no_more_than_it_must(server: servers.RunningServer, live: httpx.Client) -> None:
    def chunks() -> Any:
        for _ in range(1_600):
            yield b"a" * 65_536

    for _ in range(40):  # both workers have answered before they are weighed
        live.get("/healthz", headers={"Connection": "close"})
    before = _memory(server.pid)
    path = "/api/v1/clients/register"
    for content in (b"a" * 70_000, chunks()):
        try:
            answer = live.post(path, content=content, headers=JSON)
        except httpx.TransportError:
            continue  # the server answered and hung up while we were still sending
        is_problem(answer, "payload_too_large")
    compressed = live.post(path, content=b"\x1f\x8b" + b"0" * 5_000, headers=JSON | {"Content-Encoding": "gzip"})
    is_problem(compressed, "unsupported_media_type")
    assert live.get("/healthz").status_code == 200
    assert _memory(server.pid) - before < 30 * 1024


@pytest.mark.parametrize("size", [9_000, 20 * 1024, 40 * 1024])
def test_IN_01_a_header_over_8_kib_is_refused(live: httpx.Client, tenant: Tenant, size: int) -> None:
    answer = live.get(f"{tenant.path}/me", headers=bearer("a" * size))
    is_problem(answer, "headers_too_large")
    assert answer.status_code == 431


@pytest.mark.parametrize(
    "mimetype", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x"]
)
def test_a_body_of_another_type_is_refused(tenant: Tenant, mimetype: str) -> None:
    answer = tenant.call("POST", "/login", content=b"email=a", headers={"Content-Type": mimetype})
    is_problem(answer, "unsupported_media_type")
    assert answer.status_code == 415


def test_ACC_09_unknown_and_server_owned_fields_are_refused(tenant: Tenant, api: httpx.Client) -> None:
    body = {"email": fresh_email(), "password": PASSWORD}
    for field in ("role", "email_verified", "tenant_id", "client_id", "user_id", "password_hash", "quota", "status"):
        answer = tenant.call("POST", "/signup", json={**body, field: "admin"})
        is_problem(answer, "validation_failed")
        assert answer.json()["errors"] == {field: ["Unknown field."]}
    person = tenant.sign_up()
    for field in ("role", "email", "email_verified", "status", "user_id", "created_at"):
        is_problem(person.call("PATCH", "/me", json={field: "x"}), "validation_failed")
    for field in ("tier", "status", "client_id", "access_key", "limits", "settings"):
        is_problem(api.post("/api/v1/clients/register", json={"client_name": "x", field: "pro"}), "validation_failed")
    shown = person.call("GET", "/me").json()
    assert (shown["role"], shown["status"], shown["email_verified"]) == ("user", "active", False)


WRONG = [None, True, 1, 0, 1.5, "1", "", [], ["a"], {}, {"a": 1}, 10**30, -1, "x" * 10_000, "true"]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: str(value)[:12])
def test_IN_04_a_value_of_the_wrong_type_is_never_an_error_of_ours(
    api: httpx.Client, tenant: Tenant, operator: Operator, wrong: Any
) -> None:
    person = tenant.sign_up()
    answers = [
        *(tenant.call("POST", "/signup", json={"email": fresh_email(), "password": PASSWORD} | {name: wrong})
          for name in ("email", "password", "full_name", "username", "avatar_url", "custom_fields")),
        *(tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD} | {name: wrong})
          for name in ("email", "password")),
        tenant.call("POST", "/refresh", json={"refresh_token": wrong}),
        tenant.call("POST", "/logout", json={"everywhere": wrong, "refresh_token": person.refresh_token}),
        tenant.call("POST", "/access-key/rotate", json={"grace_seconds": wrong}) if wrong not in (0, 1) else None,
        *(person.call("PATCH", "/me", json={name: wrong}) for name in ("full_name", "username", "custom_fields")),
        *(api.post("/api/v1/clients/register", json={"client_name": "x"} | {name: wrong})
          for name in ("client_name", "slug", "domain", "contact_email", "industry", "admin")),
        *(operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={name: wrong})
          for name in ("tier", "limits", "settings", "client_name")),
    ]  # fmt: skip
    for answer in answers:
        assert answer is None or answer.status_code < 500, answer.text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("email", "password", "full_name", "username", "avatar_url", "custom_fields", "refresh_token", "everywhere")


@given(body=st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=6), json_values, max_size=5), data=st.data())
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
def test_IN_04_no_object_makes_an_error_of_ours(session_tenant: Tenant, body: dict[str, Any], data: Any) -> None:
    path = data.draw(st.sampled_from(["/signup", "/login", "/refresh", "/logout"]))
    raw = json.dumps(body).encode()
    answer = session_tenant.call("POST", path, content=raw, headers=JSON)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        is_problem(
            answer, "validation_failed", "invalid_credentials", "token_revoked", "invalid_request", "email_taken"
        )


@given(raw=st.binary(max_size=200))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_IN_04_no_bytes_make_an_error_of_ours(session_tenant: Tenant, raw: bytes) -> None:
    assert session_tenant.call("POST", "/login", content=raw, headers=JSON).status_code < 500


def test_nothing_is_written_by_what_is_refused(tenant: Tenant, database_url: str) -> None:
    tables = ("clients", "sessions", "tokens", "audit_logs", "keys", "login_throttles", tenant.table)
    before = [database.count(database_url, table) for table in tables]
    for raw in (b"{", b"[]", b'{"email": 1}', b'{"email": "a@example.com", "password": "x", "role": "admin"}'):
        for path in ("/signup", "/login", "/refresh"):
            tenant.call("POST", path, content=raw, headers=JSON)
    assert [database.count(database_url, table) for table in tables] == before


def test_IN_07_request_smuggling_and_odd_methods_are_refused(server: servers.RunningServer) -> None:
    host, port = server.base_url.removeprefix("http://").split(":")
    for request in (
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ):
        with socket.create_connection((host, int(port)), timeout=5) as raw:
            raw.sendall(request)
            status = int(raw.recv(200).split(b" ")[1])
        assert 400 <= status < 600
        assert status in (400, 405, 501)
    for method in ("TRACE", "TRACK", "DEBUG"):
        assert httpx.request(method, f"{server.base_url}/healthz").status_code == 405
    override = httpx.get(f"{server.base_url}/healthz", headers={"X-HTTP-Method-Override": "DELETE"})
    assert override.status_code == 200


def _memory(pid: int) -> int:
    """Return the resident memory of a server's workers in KiB."""
    total = 0
    for stat in servers.ROOT.parents[-1].glob("proc/[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in stat.read_text().splitlines() if ":" in line)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if lines.get("PPid", "").strip() == str(pid):
            total += int(lines.get("VmRSS", "0 kB").split()[0])
    return total


@pytest.fixture(scope="module")
def session_tenant(app: Flask, api: httpx.Client) -> Tenant:
    """One client for all examples of a property."""
    return register(api)
