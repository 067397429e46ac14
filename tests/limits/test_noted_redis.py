"""KEY-05 where servers with Redis and without share a database: what one changes, the others never miss."""

import time
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from app.clients import freshness
from app.core.settings import changed
from app.onboarding import boot
from tests import database, servers
from tests.conftest import SECRET_KEY, client_from, settings_from
from tests.factories import Tenant, register
from tests.limits.calling import make_key, verify
from tests.support.applications import another_application


def noted(url: str) -> bytes:
    """Return what the database knows of Redis."""
    (row,) = database.rows(url, "SELECT value FROM installation WHERE name = 'versions_in_redis'")
    return bytes(row["value"])


def revoked_after(tenant: Tenant) -> float:
    """Return how many seconds a revocation took."""
    made = make_key(tenant)
    began = time.monotonic()
    assert tenant.call("POST", f"/keys/{made['key_id']}/revoke").status_code == 200
    took = time.monotonic() - began
    assert verify(tenant, made["api_key"]).json()["code"] == "revoked"
    return took


def test_KEY_05_a_server_without_Redis_waits_beside_one_that_has_it_until_told_that_none_has(
    postgres: servers.PostgresServer,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(freshness, "_OUTLASTS_ALL", 0.7)
    url = postgres.create_database()
    own = {"DATABASE_URL": url, "REDIS_URL": redis_url, "INSTANCE_PATH": str(tmp_path)}
    with another_application(settings_from({"APP_ENV": "test", "SECRET_KEY": SECRET_KEY} | own)) as application:
        flask_migrate.upgrade()
        boot.note_redis()
        tenant = register(client_from(application, "127.0.0.1"))
        assert noted(url) == b"yes"
        with changed(redis_url=None):
            boot.note_redis()
            assert noted(url) == b"yes", "another server may be running"
            assert revoked_after(tenant) >= 0.7
            assert said(application, "limits", "forget-redis").startswith("Noted.")
            assert noted(url) == b"no"
            assert revoked_after(tenant) < 0.7
        boot.note_redis()
        assert noted(url) == b"yes"


def said(application: Flask, *arguments: str) -> str:
    """Run a command in the operator's shell; return what it said."""
    ended = application.test_cli_runner().invoke(args=arguments)
    assert ended.exit_code == 0, ended.output
    return ended.output
