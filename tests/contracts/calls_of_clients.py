"""Makes every call of operators, backends and admins once, for the answers to be held to their schemas."""

import uuid

import httpx
from flask import Flask

from app.core import chores, settings
from tests.contracts.calls_of_people import CLIENT, LONG_URL, Answers
from tests.factories import PASSWORD, Operator, bearer, fresh_email, register
from tests.isolation.examining import examined
from tests.user_management import importing


def open_calls(api: httpx.Client) -> Answers:
    """Make and name the calls: what anybody may call."""
    tenant = register(api)
    yield "GET /healthz", api.get("/healthz")
    yield "GET /readyz", api.get("/readyz")
    with settings.changed(metrics_token="m" * 32):
        yield "GET /metrics", api.get("/metrics", headers=bearer("m" * 32))
    yield "GET /openapi.json", api.get("/openapi.json")
    yield "GET /docs/{client_id}", api.get(f"/docs/{tenant.client_id}")
    for name in ("jwks.json", "openid-configuration"):
        yield f"GET {CLIENT}/.well-known/{name}", api.get(f"{tenant.path}/.well-known/{name}")


def platform_calls(api: httpx.Client, operator: Operator) -> Answers:
    """Make and name the calls: the operator's calls, and registration."""
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
    yield "GET /api/v1/admin/outbox", operator.platform_call("GET", "/admin/outbox", params={"limit": "2"})
    yield f"POST {place}/access-key/rotate", operator.platform_call("POST", f"{path}/access-key/rotate")
    confirm = {"confirm": made.json()["slug"]}
    yield f"DELETE {place}", operator.platform_call("DELETE", path, params=confirm)


def key_calls(api: httpx.Client) -> Answers:
    """Make and name the calls: keys, and their verification."""
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


def user_calls(api: httpx.Client, operator: Operator) -> Answers:
    """Make and name the calls: an admin's calls on users."""
    tenant, users = register(api), f"{CLIENT}/users"
    admin, one = tenant.make_admin(), f"{users}/{{user_id}}"
    made = tenant.call("POST", "/users", json={"email": fresh_email(), "password": PASSWORD, "avatar_url": LONG_URL})
    yield f"POST {users}", made
    yield f"POST {users}", tenant.call("POST", "/users", json={"email": fresh_email()})
    path = f"/users/{made.json()['user_id']}"
    yield f"GET {users}", tenant.call("GET", "/users")
    yield (
        f"POST {users}/import",
        importing.send(tenant, importing.ndjson([{"email": fresh_email()}, {"email": "nobody"}])),
    )
    for form in ("ndjson", "csv"):
        yield f"GET {users}/export", tenant.call("GET", "/users/export", params={"format": form})
    yield f"GET {one}", tenant.call("GET", path)
    yield f"PATCH {one}", tenant.call("PATCH", path, json={"role": "user", "full_name": "Ada"})
    yield f"POST {one}/impersonate", admin.call("POST", f"{path}/impersonate", json={"reason": "Ticket 4711"})
    yield f"GET {one}/sessions", tenant.call("GET", f"{path}/sessions")
    yield f"DELETE {one}/sessions", tenant.call("DELETE", f"{path}/sessions")
    yield f"DELETE {one}", tenant.call("DELETE", path)
    yield f"POST {CLIENT}/sessions/revoke-all", tenant.call("POST", "/sessions/revoke-all")
    call = f"/clients/{tenant.client_id}/sessions/revoke-all"
    yield "POST /api/v1/clients/{client_id}/sessions/revoke-all", operator.platform_call("POST", call)


def role_calls(api: httpx.Client) -> Answers:
    """Make and name the calls: roles."""
    tenant, place = register(api), f"{CLIENT}/roles/{{name}}"
    for name in ("auditor", "user"):
        yield f"PUT {place}", tenant.call("PUT", f"/roles/{name}", json={"permissions": ["read", "audit:read"]})
        yield f"GET {place}", tenant.call("GET", f"/roles/{name}")
    yield f"GET {CLIENT}/roles", tenant.call("GET", "/roles")
    yield f"DELETE {place}", tenant.call("DELETE", "/roles/auditor")


def limit_calls(api: httpx.Client, operator: Operator) -> Answers:
    """Make and name the calls: tiers, windows and statistics."""
    tenant = register(api)
    path = f"/clients/{tenant.client_id}"
    operator.platform_call("PATCH", path, json={"limits": {"requests_per_minute": 5, "verify_requests_per_minute": 7}})
    yield "GET /api/v1/tiers", api.get("/api/v1/tiers", headers=bearer(tenant.access_key))
    tier = f"tier-{uuid.uuid4().hex[:8]}"
    limits = {"requests_per_minute": None, "requests_per_hour": 9, "requests_per_day": None}
    yield "PUT /api/v1/tiers/{name}", operator.platform_call("PUT", f"/tiers/{tier}", json=limits)
    yield f"GET {CLIENT}/rate-limit-status", tenant.call("GET", "/rate-limit-status")
    yield f"GET {CLIENT}/stats", tenant.call("GET", "/stats")
    yield f"GET {CLIENT}/storage", tenant.call("GET", "/storage")
    yield "GET /api/v1/admin/stats", operator.platform_call("GET", "/admin/stats")
    reset = "POST /api/v1/clients/{client_id}/limits/reset"
    yield reset, operator.platform_call("POST", f"{path}/limits/reset")


def isolation_calls(app: Flask, api: httpx.Client) -> Answers:
    """Make and name the calls: the proof of isolation."""
    examined(app)
    yield f"GET {CLIENT}/isolation-report", register(api).call("GET", "/isolation-report")


def export_calls(app: Flask, api: httpx.Client) -> Answers:
    """Make and name the calls: a client as one file."""
    tenant, place = register(api), f"{CLIENT}/export/{{job_id}}"
    asked = tenant.call("POST", "/export", json={"passphrase": "fifteen or more letters"})
    yield f"POST {CLIENT}/export", asked
    path = f"/export/{asked.json()['job_id']}"
    yield f"GET {place}", tenant.call("GET", path)
    with app.app_context():
        chores.run("exports")
    yield f"GET {place}", tenant.call("GET", path)
    yield f"GET {place}", tenant.call("GET", path, params={"download": "true"})
