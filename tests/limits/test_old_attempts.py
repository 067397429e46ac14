"""RL-01: attempts that are void go by themselves, whichever client they were counted at."""

import pytest
from flask import Flask

from app.limits import login_throttle
from app.onboarding import housekeeping
from tests import database
from tests.console_session.browsing import Page
from tests.factories import Tenant, fresh_email

WRONG = "not the right password"
_VOID_MS = login_throttle.DECAY_MS + 60_000


def old(url: str) -> int:
    """Return how many rows there are that count no more."""
    newest = "(SELECT max(last_ms) FROM login_throttles)"
    return database.count(url, "login_throttles", f"last_ms < {newest} - {login_throttle.DECAY_MS}")


def test_RL_01_void_attempts_are_deleted_in_batches_those_at_unknown_clients_too(
    app: Flask, tenant: Tenant, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(app)
    for number in range(6):
        page.log_in(f"nobody-{number}", fresh_email(), WRONG)
    page.log_in(tenant.slug, fresh_email(), WRONG)
    database.change(database_url, f"UPDATE login_throttles SET last_ms = last_ms - {_VOID_MS}")
    page.log_in(tenant.slug, fresh_email(), WRONG)
    before = old(database_url)
    assert before >= 7
    with app.app_context():
        assert login_throttle.purge(limit=2) == 2
    assert old(database_url) == before - 2
    for name in ("_AT_ONCE", "_AT_ONCE_ON_SQLITE"):
        monkeypatch.setattr(housekeeping, name, 3)
    with app.app_context():
        sum(housekeeping.tidy())
    assert old(database_url) == 0
    assert database.count(database_url, "login_throttles") >= 1
