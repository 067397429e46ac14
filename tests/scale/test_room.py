"""SQLite is made for 1,000 clients; beyond, everything goes on, and the operator is told."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from structlog.testing import capture_logs

from app.clients import room
from app.core import db
from app.core.settings import Settings
from app.onboarding import boot
from tests.conftest import SECRET_KEY, client_from, settings_from
from tests.factories import Tenant, register
from tests.support.applications import another_application

WARNING = "more clients than SQLite is made for"


def settings_on(folder: Path) -> Settings:
    """Return the settings of a service on an SQLite file of its own."""
    return settings_from(
        {
            "APP_ENV": "test",
            "DATABASE_URL": f"sqlite:///{folder}/rowlock.db",
            "SECRET_KEY": SECRET_KEY,
            "INSTANCE_PATH": str(folder),
        }
    )


def warnings(lines: list[MutableMapping[str, Any]]) -> list[object]:
    """Return the advice of each warning."""
    return [line["advice"] for line in lines if line["event"] == WARNING]


def test_registration_beyond_the_room_of_sqlite_works_and_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_ON_SQLITE", 2)
    with another_application(settings_on(tmp_path)) as small:
        flask_migrate.upgrade()
        calls = client_from(small, "127.0.0.1")

        with capture_logs() as within:
            register(calls), register(calls)
        with capture_logs() as beyond:
            register(calls)
        with capture_logs() as at_start:
            boot.note_room()
        examined = small.test_cli_runner().invoke(args=["doctor"])

    assert warnings(within) == []
    assert warnings(beyond) == warnings(at_start) == [room.ADVICE]
    assert examined.exit_code == 1
    assert "there are more than 2" in examined.output


def test_an_empty_database_stops_nothing_at_a_start(tmp_path: Path) -> None:
    with another_application(settings_on(tmp_path)), capture_logs() as lines:
        boot.note_room()

    assert warnings(lines) == []


def test_postgresql_has_room_for_all(app: Flask, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_ON_SQLITE", 0)
    with app.app_context(), db.reading():
        assert room.is_exceeded() is not db.is_postgresql()
