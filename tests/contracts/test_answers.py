"""What the service really answers fits the schemas that it documents, call by call."""

import uuid
from collections.abc import Iterator

import httpx
import pytest
from openapi_schema_validator import OAS31Validator

import app as application
from app.core import settings
from app.core.errors import TemporarilyUnavailable
from tests.contracts import openapi
from tests.contracts.contract import CONTRACT
from tests.factories import PASSWORD, Operator, bearer, fresh_email, register

Answers = Iterator[tuple[str, httpx.Response]]
CLIENT = "/api/v1/{client_id}"
LONG_URL = "https://pictures.example.com/" + "a" * 2000
LONG_AGENT = {"User-Agent": "agent " * 100}


def test_every_answer_fits_its_documented_schema(api: httpx.Client, operator: Operator) -> None:
    document = api.get("/openapi.json").json()
    documented = openapi.operations(document)
    seen = set()
    of_operators = (*_platform_calls(api, operator), *_limit_calls(api, operator))
    for call, answer in (*_open_calls(api), *of_operators, *_account_calls(api), *_key_calls(api)):
        seen.add(call)
        assert answer.status_code in documented[call].statuses(), answer.text
        _check(answer, documented[call])
    assert seen == set(map(str, CONTRACT.built))


@pytest.mark.parametrize("call", ["not_found", "validation_failed", "already_created", "slug_taken"])
def test_a_problem_fits_its_documented_schema(api: httpx.Client, call: str) -> None:
    documented = openapi.operations(api.get("/openapi.json").json())["POST /api/v1/clients/register"]
    key = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"client_name": "Acme", "slug": f"acme-{uuid.uuid4().hex[:8]}"}
    api.post("/api/v1/clients/register", json=body, headers=key)
    answer = {
        "not_found": lambda: api.get("/nowhere"),
        "validation_failed": lambda: api.post("/api/v1/clients/register", json={}),
        "already_created": lambda: api.post("/api/v1/clients/register", json=body, headers=key),
        "slug_taken": lambda: api.post("/api/v1/clients/register", json=body),
    }[call]()
    assert answer.json()["code"] == call
    schema = documented.answer(422)["application/problem+json"]["schema"]
    OAS31Validator({**schema, "components": documented.components}).validate(answer.json())


def test_a_service_that_is_not_ready_says_so_in_a_problem(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_reach() -> str:
        raise TemporarilyUnavailable

    monkeypatch.setitem(application.CHECKS, "database", out_of_reach)
    answer = api.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) >= 1
    body = answer.json()
    assert body["code"] == "temporarily_unavailable"
    assert body["checks"]["database"] == "failed"


def _check(answer: httpx.Response, documented: openapi.Operation) -> None:
    content = documented.answer(answer.status_code)
    if not content:
        assert answer.content == b""
        return
    media = answer.headers["Content-Type"].partition(";")[0]
    assert media in content
    if media == "application/json":
        schema = {**content[media].get("schema", {}), "components": documented.components}
        OAS31Validator(schema, format_checker=OAS31Validator.FORMAT_CHECKER).validate(answer.json())


def _open_calls(api: httpx.Client) -> Answers:
    tenant = register(api)
    yield "GET /healthz", api.get("/healthz")
    yield "GET /readyz", api.get("/readyz")
    with settings.changed(metrics_token="m" * 32):
        yield "GET /metrics", api.get("/metrics", headers=bearer("m" * 32))
    yield "GET /openapi.json", api.get("/openapi.json")
    yield "GET /docs/{client_id}", api.get(f"/docs/{tenant.client_id}")
    for name in ("jwks.json", "openid-configuration"):
        yield f"GET {CLIENT}/.well-known/{name}", api.get(f"{tenant.path}/.well-known/{name}")


def _platform_calls(api: httpx.Client, operator: Operator) -> Answers:
    place = "/api/v1/clients/{client_id}"
    details = {"industry": "music", "domain": "example.com", "contact_email": "ada@example.com"}
    admin = {"email": fresh_email(), "password": PASSWORD, "full_name": "Ada"}
    made = api.post("/api/v1/clients/register", json={"client_name": "A" * 120, **details, "admin": admin})
    yield "POST /api/v1/clients/register", made
    path = f"/clients/{made.json()['client_id']}"
    limits = {"requests_per_minute": 5, "requests_per_day": None}
    yield f"PATCH {place}", operator.platform_call("PATCH", path, json={"limits": limits, "tier": "enterprise"})
    settings = {"settings": {"password_min_length": 12}}
    key = bearer(made.json()["access_key"])
    yield f"PATCH {place}", api.patch(f"/api/v1{path}", json=settings, headers=key)
    yield f"GET {place}", operator.platform_call("GET", path)
    yield "GET /api/v1/clients", operator.platform_call("GET", "/clients", params={"limit": "2", "sort": "name"})
    yield f"POST {place}/access-key/rotate", operator.platform_call("POST", f"{path}/access-key/rotate")


def _account_calls(api: httpx.Client) -> Answers:
    tenant, email = register(api), fresh_email()
    login = {"email": email, "password": PASSWORD}
    profile = {"full_name": "Ada", "username": "ada", "avatar_url": LONG_URL, "custom_fields": {"a": [1, None]}}
    yield f"POST {CLIENT}/signup", tenant.call("POST", "/signup", json={**login, **profile}, headers=LONG_AGENT)
    made = tenant.call("POST", "/login", json=login, headers=LONG_AGENT)
    yield f"POST {CLIENT}/login", made
    token = {"refresh_token": made.json()["refresh_token"]}
    renewed = tenant.call("POST", "/refresh", json=token)
    yield f"POST {CLIENT}/refresh", renewed
    for one in (renewed.json()["refresh_token"], renewed.json()["access_token"], "nobody's"):
        yield f"POST {CLIENT}/tokens/introspect", tenant.call("POST", "/tokens/introspect", json={"token": one})
    person = tenant.log_in(email)
    yield f"PATCH {CLIENT}/me", person.call("PATCH", "/me", json={"username": None})
    yield f"GET {CLIENT}/me", person.call("GET", "/me")
    sessions = person.call("GET", "/me/sessions")
    yield f"GET {CLIENT}/me/sessions", sessions
    other = next(one["session_id"] for one in sessions.json()["items"] if not one["current"])
    yield f"DELETE {CLIENT}/me/sessions/{{session_id}}", person.call("DELETE", f"/me/sessions/{other}")
    yield f"POST {CLIENT}/me/reauth", person.call("POST", "/me/reauth", json={"password": PASSWORD})
    change = {"current_password": PASSWORD, "new_password": "another horse battery"}
    yield f"POST {CLIENT}/me/password", person.call("POST", "/me/password", json=change)
    yield f"DELETE {CLIENT}/me", person.call("DELETE", "/me")
    yield f"POST {CLIENT}/logout", tenant.sign_up().call("POST", "/logout")
    yield f"GET {CLIENT}/audit-logs", tenant.call("GET", "/audit-logs")
    for form in ("ndjson", "csv"):
        exported = tenant.call("GET", "/audit-logs/export", params={"format": form})
        yield f"GET {CLIENT}/audit-logs/export", exported


def _key_calls(api: httpx.Client) -> Answers:
    tenant, place = register(api), f"{CLIENT}/keys/{{key_id}}"
    windows = {"requests_per_minute": 5, "requests_per_day": 50}
    rights = {
        "scopes": ["read", "decay"],
        "usage_limit": 9,
        "allowed_ips": ["127.0.0.0/8", "::1"],
        "rate_limit": windows,
    }
    for body in (rights, {"expires_in_days": None}, {"kind": "publishable", "allowed_origins": ["https://a.example"]}):
        made = tenant.call("POST", "/keys", json={"name": "Robot", **body})
        yield f"POST {CLIENT}/keys", made
        path = f"/keys/{made.json()['key_id']}"
        yield f"POST {CLIENT}/keys/verify", tenant.call("POST", "/keys/verify", json={"key": made.json()["api_key"]})
        yield f"GET {place}", tenant.call("GET", path)
        yield f"GET {place}/usage", tenant.call("GET", f"{path}/usage")
        yield f"PATCH {place}", tenant.call("PATCH", path, json={"usage_limit": None, "expires_in_days": 3})
        yield f"POST {place}/rotate", tenant.call("POST", f"{path}/rotate", json={"grace_seconds": 60})
        yield f"POST {place}/revoke", tenant.call("POST", f"{path}/revoke")
    yield f"POST {CLIENT}/keys/verify", tenant.call("POST", "/keys/verify", json={"key": "rlk_sk_nobody"})
    yield f"GET {CLIENT}/keys", tenant.call("GET", "/keys", params={"limit": "3"})
    yield f"DELETE {place}", tenant.call("DELETE", path)
    yield f"POST {CLIENT}/access-key/rotate", tenant.call("POST", "/access-key/rotate", json={})


def _limit_calls(api: httpx.Client, operator: Operator) -> Answers:
    tenant = register(api)
    path = f"/clients/{tenant.client_id}"
    operator.platform_call("PATCH", path, json={"limits": {"requests_per_minute": 5, "verify_requests_per_minute": 7}})
    yield "GET /api/v1/tiers", api.get("/api/v1/tiers", headers=bearer(tenant.access_key))
    tier = f"tier-{uuid.uuid4().hex[:8]}"
    limits = {"requests_per_minute": None, "requests_per_hour": 9, "requests_per_day": None}
    yield "PUT /api/v1/tiers/{name}", operator.platform_call("PUT", f"/tiers/{tier}", json=limits)
    yield f"GET {CLIENT}/rate-limit-status", tenant.call("GET", "/rate-limit-status")
    yield f"GET {CLIENT}/stats", tenant.call("GET", "/stats")
    reset = "POST /api/v1/clients/{client_id}/limits/reset"
    yield reset, operator.platform_call("POST", f"{path}/limits/reset")
