"""Examples in the documentation: one value per field name, and the bodies that show a call at its plainest."""

from typing import Any

Document = dict[str, Any]

CLIENT_ID = "0192f0c4-7b1e-7a3c-9d52-3f8b6a1e4c70"
USER_ID = "0192f0c4-81d4-7f06-b3aa-90c41d27e5f8"
KEY_ID = "0192f0c4-9c3e-7a18-8f52-6b0d4e7a1c93"
_SESSION_ID = "0192f0c4-81d9-7b40-a6e7-1c35f9d2048b"
_MOMENT = "2026-01-31T09:30:00Z"

_FIELDS: dict[str, Any] = {
    "access_key": "rlk_ak_…",
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.…",
    "action": "login",
    "alg": "ES256",
    "allowed_ips": ["203.0.113.0/24"],
    "allowed_origins": ["https://app.example.com"],
    "amr": ["pwd"],
    "api_key": "rlk_sk_…",
    "audit_id": "0192f0c4-81da-7011-8c2d-77b0e4a91f36",
    "avatar_url": "https://example.com/ada.png",
    "checks": {"database": "ok", "migrations": "ok", "redis": "ok"},
    "client_id": CLIENT_ID,
    "client_name": "Acme Ltd",
    "contact_email": "it@example.com",
    "created_at": _MOMENT,
    "crv": "P-256",
    "custom_fields": {"team": "blue"},
    "detail": {},
    "documentation_url": f"http://localhost:8000/docs/{CLIENT_ID}",
    "domain": "example.com",
    "email": "ada@example.com",
    "expires_in": 1800,
    "full_name": "Ada Lovelace",
    "industry": "software",
    "ip_address": "203.0.113.7",
    "issuer": f"http://localhost:8000/api/v1/{CLIENT_ID}",
    "jwks_uri": f"http://localhost:8000/api/v1/{CLIENT_ID}/.well-known/jwks.json",
    "key_id": None,
    "kid": "0192f0c4-7b20-7d18-9c03-e2b6f4815a97",
    "kty": "EC",
    "last_login_at": _MOMENT,
    "last_seen_at": _MOMENT,
    "credential": {"id": "mPm9…", "rawId": "mPm9…", "type": "public-key", "response": {"clientDataJSON": "eyJ0…"}},
    "new_password": "another horse battery",
    "current_password": "correct horse battery",
    "next_cursor": None,
    "password": "correct horse battery",
    "refresh_token": "rlk_rt_…",
    "request_id": "0192f0c4-9a01-7c55-8e21-5d0f7b3a6c42",
    "role": "user",
    "session_id": _SESSION_ID,
    "slug": "acme",
    "tier": "free",
    "timestamp": _MOMENT,
    "updated_at": _MOMENT,
    "use": "sig",
    "user_agent": "curl/8.5.0",
    "user_id": USER_ID,
    "username": "ada",
}
_BODIES: dict[str, dict[str, Any]] = {
    "change_client": {"industry": "software"},
    "change_me": {"full_name": "Ada King", "custom_fields": {"team": "blue"}},
    "log_out": {},
    "create_user": {"email": "grace@example.com", "password": "correct horse battery", "full_name": "Grace Hopper"},
    "change_user": {"status": "disabled"},
    "complete_login": {"mfa_token": "rlk_oc_…", "code": "492039"},
    "reauthenticate": {"password": "correct horse battery"},
    "change_key": {"name": "Nightly report"},
    "create_key": {"name": "Reporting job", "scopes": ["read"]},
    "put_tier": {"requests_per_minute": 20, "requests_per_hour": 500, "requests_per_day": None},
    "rotate_key": {"grace_seconds": 3600},
    "verify_key": {"key": "rlk_sk_…", "scopes": ["read"]},
    "rotate_access_key": {"grace_seconds": 3600},
    "replace_access_key": {"grace_seconds": 0},
}
_HASH = "$2b$10$37981/yjeP87uugvOk1vG.uWt70JoHVTwsLKBKD3J0h8otL1To80W"
FILES = {
    "application/x-ndjson": f'{{"email": "ada@example.com", "full_name": "Ada Lovelace", "password_hash": "{_HASH}"}}\n'
    '{"email": "grace@example.com", "username": "grace", "custom_fields": {"team": "blue"}}\n',
    "text/csv": f"email,full_name,password_hash,custom_fields\nada@example.com,Ada Lovelace,{_HASH},\n"
    'grace@example.com,,,"{""team"": ""blue""}"\n',
}
"""What a file of users looks like at its plainest, by its media type."""


def add_to_schemas(schemas: Document) -> None:
    """Give each field its example, as JSON Schema writes it, where its own schema accepts the value."""
    for schema in schemas.values():
        for name, field in schema.get("properties", {}).items():
            if "example" in field:
                field["examples"] = [field.pop("example")]
            elif name in _FIELDS and "$ref" not in field and _fits(_FIELDS[name], field):
                field["examples"] = [_FIELDS[name]]


def body_of(operation: Document, schemas: Document) -> dict[str, Any] | None:
    """Return the plainest body of a call: its required fields, or what is set down here; None if it takes none."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    chosen = _BODIES.get(operation["operationId"])
    return dict(chosen) if chosen is not None else example_of(content["schema"], schemas)


def example_of(schema: Document, schemas: Document) -> dict[str, Any]:
    """Return an object with the required fields of a schema."""
    resolved = resolve(schema, schemas)
    needed = resolved.get("required", [])
    fields = resolved.get("properties", {})
    return {name: _value(field, schemas) for name, field in fields.items() if name in needed}


def resolve(schema: Document, schemas: Document) -> Document:
    """Follow a reference into the schemas of the document."""
    if "$ref" not in schema:
        return schema
    named: Document = schemas[schema["$ref"].rpartition("/")[2]]
    return named


def types_of(schema: Document) -> set[str]:
    """Return the JSON types that a schema names."""
    named = schema.get("type", [])
    return {named} if isinstance(named, str) else set(named)


def _value(field: Document, schemas: Document) -> Any:
    field = resolve(field, schemas)
    for word in ("examples", "enum"):
        if field.get(word):
            return field[word][0]
    for word in ("default", "minimum", "const"):
        if word in field:
            return field[word]
    types = types_of(field)
    if "object" in types:
        return example_of(field, schemas)
    if "array" in types:
        return [_value(field["items"], schemas)]
    return {"boolean": True, "integer": 1, "number": 1}.get(next(iter(sorted(types)), ""), "text")


def _fits(value: Any, field: Document) -> bool:
    kinds = {type(None): "null", bool: "boolean", int: "integer", str: "string", dict: "object", list: "array"}
    return kinds[type(value)] in types_of(field) and value in field.get("enum", [value])
