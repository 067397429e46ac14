"""Clients that are kept, damaged and put back, by the commands that do it."""

from datetime import datetime
from typing import Any

from flask import Flask

from tests import database
from tests.factories import PASSWORD, Person, Tenant, bearer
from tests.transfer.moving import done, shell

__all__ = ["at_moment", "can_log_in", "done", "keep", "literal", "put_back", "shell", "users_of"]


def keep(app: Flask, tenant: Tenant) -> str:
    """Take a snapshot of a client; return its id."""
    return str(done(app, "snapshot", tenant.slug)["snapshot_id"])


def put_back(app: Flask, tenant: Tenant, snapshot_id: str, *options: str) -> dict[str, Any]:
    """Put a client back to a snapshot; return what was told."""
    told: dict[str, Any] = done(
        app, "restore", tenant.slug, "--snapshot", snapshot_id, "--confirm", tenant.slug, *options
    )
    return told


def refused_restore(app: Flask, tenant: Tenant, snapshot_id: str) -> str:
    """Try to put a client back, in vain; return what was said."""
    status, _, said = shell(app, "restore", tenant.slug, "--snapshot", snapshot_id, "--confirm", tenant.slug)
    assert status == 1, said
    return said


def can_log_in(tenant: Tenant, person: Person, password: str = PASSWORD) -> bool:
    """Whether somebody gets in with a password."""
    answer = tenant.call("POST", "/login", json={"email": person.email, "password": password})
    return answer.status_code == 200


def users_of(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """Return a client's users by e-mail, without when they last logged in."""
    answer = tenant.call("GET", "/users", params={"limit": "100"})
    assert answer.status_code == 200, answer.text
    return {one["email"]: {**one, "last_login_at": None} for one in answer.json()["items"]}


def settings_of(tenant: Tenant) -> dict[str, Any]:
    """Return a client's own settings in force."""
    answer = tenant.api.get(f"/api/v1/clients/{tenant.client_id}", headers=bearer(tenant.access_key))
    assert answer.status_code == 200, answer.text
    settings: dict[str, Any] = answer.json()["settings"]
    return settings


def literal(url: str, value: str | datetime | bytes) -> str:
    """Return an id, a moment or bytes as the database's own SQL spells it."""
    sqlite = url.startswith("sqlite")
    if isinstance(value, bytes):
        return f"x'{value.hex()}'" if sqlite else f"decode('{value.hex()}', 'hex')"
    if isinstance(value, datetime):
        return f"'{value.replace(tzinfo=None) if sqlite else value}'"
    return f"'{database.uuid_text(url, value)}'"


def at_moment(url: str, snapshot_id: str, moment: datetime) -> None:
    """Let a snapshot be of another moment."""
    given = literal(url, moment), literal(url, snapshot_id)
    database.change(url, "UPDATE snapshots SET taken_at = {} WHERE snapshot_id = {}".format(*given))
