"""Clients that have something of everything, and the commands that move them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bcrypt
import httpx
from flask import Flask

from tests.factories import PASSWORD, Person, Tenant, bearer, fresh_email, register
from tests.mfa.enrolling import Pocket, enrol
from tests.user_management.importing import imported


@dataclass
class Full:
    """A client with an admin, a role, people, second factors, keys and settings of its own."""

    tenant: Tenant
    admin: Person
    user: Person
    guarded: Person
    """Who has an authenticator app."""
    pocket: Pocket
    api_key: str


def shell(app: Flask, *arguments: Any) -> tuple[int, str, str]:
    """Run `flask clients …`; return its exit status and what it printed."""
    with app.app_context():
        ended = app.test_cli_runner().invoke(args=["clients", *map(str, arguments)])
    return ended.exit_code, ended.stdout, ended.stderr


def done(app: Flask, *arguments: Any) -> Any:
    """Run `flask clients … --json`, which succeeds; return what it printed."""
    status, said, beside = shell(app, *arguments, "--json")
    assert status == 0, said + beside
    return json.loads(said)


def full(api: httpx.Client) -> Full:
    """Make a client that has something of everything."""
    tenant = register(api, industry="Rowing")
    settings = {"password_min_length": 10, "brand_color": "#1a6b4f", "allowed_origins": ["https://app.example.com"]}
    changed = api.patch(
        f"/api/v1/clients/{tenant.client_id}", json={"settings": settings}, headers=bearer(tenant.access_key)
    )
    assert changed.status_code == 200, changed.text
    assert tenant.call("PUT", "/roles/cox", json={"permissions": ["read", "boats:steer"]}).status_code in (200, 201)
    admin, user = (
        tenant.make_admin(),
        tenant.make("cox", full_name="Zoë 🚣", custom_fields={"seat": 7, "ü": [1.5, None]}),
    )
    guarded = tenant.sign_up()
    body = {"name": "Backend", "scopes": ["users:read", "keys:verify"], "usage_limit": 50}
    made = tenant.call("POST", "/keys", json=body)
    assert made.status_code == 201, made.text
    return Full(tenant, admin, user, guarded, enrol(guarded), made.json()["api_key"])


def as_tenant(api: httpx.Client, made: dict[str, Any], access_key: str | None = None) -> Tenant:
    """Return a client that came in; its own access key is that of before where none is new."""
    return Tenant(api, made["client_id"], made["access_key"] or access_key or "", made["slug"], made["client_name"])


def imported_people(tenant: Tenant, how_many: int) -> list[str]:
    """Add people with the hash of one password, all at once; return their addresses."""
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    emails = [fresh_email() for _ in range(how_many)]
    rows = [{"email": email, "password_hash": hashed} for email in emails]
    assert imported(tenant, *rows)[1]["added"] == how_many
    return emails


def bundle_of(app: Flask, tenant: Tenant, folder: Path, *arguments: Any) -> Path:
    """Export a client into a new file."""
    path = folder / f"{tenant.slug}-{len(list(folder.iterdir()))}.rowlock"
    done(app, "export", tenant.slug, "--to", path, *arguments)
    return path
