"""Security headers: on every answer of every route, errors included."""

import json
import socket
import uuid

import httpx
import pytest
from flask import Flask

from app import create_app
from tests.conftest import client_from, settings_from
from tests.factories import Tenant, register
from tests.servers import RunningServer

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


def paths_of(app: Flask) -> list[str]:
    """Return a path for every route, with ids that nobody has."""
    found = set()
    for rule in app.url_map.iter_rules():
        values = {name: "nobody.js" if name == "filename" else str(uuid.uuid4()) for name in rule.arguments}
        built = rule.build(values)
        assert built is not None, rule
        found.add(built[1])
    return sorted(found)


def check(answer: httpx.Response) -> None:
    where = f"{answer.request.method} {answer.request.url} {answer.status_code}"
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, where
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy, where
    assert "unsafe" not in policy, where
    assert "*" not in policy, where
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert "default-src 'self'" in policy or "default-src 'none'" in policy, where
    elif "/docs" not in str(answer.request.url):
        assert policy == API_POLICY, where
    assert uuid.UUID(answer.headers["x-request-id"]).version == 7, where
    for absent in ("set-cookie", "server", "x-powered-by", "access-control-allow-origin", "strict-transport-security"):
        assert absent not in answer.headers, where
    for name in answer.headers:
        assert len(answer.headers.get_list(name)) == 1, (where, name)


def test_ADM_06_every_route_and_every_method_answers_with_the_security_headers(app: Flask, api: httpx.Client) -> None:
    paths = paths_of(app)
    assert len(paths) > 20
    for path in [*paths, "/nowhere", "/api/v1/", "/%00"]:
        for method in METHODS:
            answer = api.request(method, path)
            assert answer.status_code < 500, (method, path, answer.text)
            check(answer)


def test_ADM_06_so_does_every_kind_of_error(api: httpx.Client, tenant: Tenant) -> None:
    url = f"{tenant.path}/login"
    answers = [
        tenant.call("POST", "/login", content=b"[[[", headers={"Content-Type": "application/json"}),
        tenant.call("POST", "/login", content=b"a=b", headers={"Content-Type": "text/plain"}),
        tenant.call("POST", "/login", json={}),
        tenant.call("POST", "/login", json={"email": "a" * 70_000}),
        tenant.call("GET", "/me"),
        api.post(url),
        api.post(url, headers={"Authorization": f"Bearer {'x' * 9000}"}),
    ]
    assert [answer.status_code for answer in answers] == [400, 415, 422, 413, 403, 401, 431]
    for answer in answers:
        check(answer)
        assert answer.headers["cache-control"] == "no-store"


def test_ADM_06_an_answer_with_credentials_is_never_kept(api: httpx.Client, tenant: Tenant) -> None:
    person = tenant.sign_up()
    answers = [
        api.post("/api/v1/clients/register", json={"client_name": "Uncached"}),
        tenant.call("POST", "/signup", json={"email": f"not-{person.email}", "password": person.password}),
        tenant.call("POST", "/login", json={"email": person.email, "password": person.password}),
        tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}),
        tenant.call("POST", "/access-key/rotate", json={}),
        person.call("GET", "/me"),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 200, 200, 201, 200]
    for answer in answers:
        check(answer)
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")
def test_ADM_06_browsers_are_told_to_stay_with_https_where_the_service_is_reached_by_it(
    app: Flask, environment: dict[str, str]
) -> None:
    settings = settings_from(environment)
    try:
        secure = create_app(settings_from(environment | {"PUBLIC_URL": "https://auth.example.com"}))
        for path in ("/healthz", "/nowhere", "/docs/errors"):
            answer = client_from(secure, "127.0.0.1").get(path)
            assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    finally:
        create_app(settings)


def test_ADM_06_the_real_server_adds_nothing_of_its_own(live: httpx.Client) -> None:
    tenant = register(live)
    answers = [
        live.get("/"),
        live.get("/healthz"),
        live.get("/nowhere"),
        live.get("/docs/errors"),
        live.put("/healthz"),
        live.get(f"{tenant.path}/me"),
        tenant.call("GET", "/audit-logs/export"),
        tenant.call("POST", "/login", json={}),
        tenant.call("POST", "/login", content=iter([b"x" * 70_000])),
        live.get("/healthz", headers={"X-Long": "x" * 9000}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 200, 405, 401, 200, 422, 413, 431]
    for answer in answers:
        assert answer.headers.pop("server", "gunicorn") == "gunicorn"  # a name, and no version
        check(answer)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET / HTTP/9.9\r\nHost: a", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nNo colon", 400),
        ("GET /" + "x" * 9000 + " HTTP/1.1\r\nHost: a", 431),
        ("GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + "x" * 70_000, 431),
    ],
    ids=["version", "header", "line", "length"],
)
def test_ADM_06_so_does_what_the_server_refuses_before_the_application_sees_it(
    server: RunningServer, head: str, status: int
) -> None:
    url = httpx.URL(server.base_url)
    with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode())
        top, _, body = connection.recv(65536).decode().partition("\r\n\r\n")
    first, *lines = top.split("\r\n")
    assert int(first.split()[1]) == status
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    answer = httpx.Response(status, headers=headers, request=httpx.Request("GET", url))
    check(answer)
    assert answer.headers["cache-control"] == "no-store"
    code, title = {
        400: ("invalid_request", "The request cannot be read."),
        431: ("headers_too_large", "The request headers are larger than 8 KiB."),
    }[status]
    assert json.loads(body) == {
        "type": f"/docs/errors#{code}",
        "title": title,
        "status": status,
        "detail": title,
        "code": code,
        "request_id": answer.headers["x-request-id"],
    }
