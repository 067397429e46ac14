"""Snapshots: sealed, of one client each, taken by themselves when something has changed, and gone in time."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from app.clients import service as clients
from app.clients.models import PROBE_SLUGS
from app.core import chores, clock, db, settings
from app.core.ids import new_id
from app.core.settings_rules import SettingsError, interval, kept
from app.transfer import snapshot_chores
from app.transfer.snapshot_queries import Candidate, candidates
from tests import database
from tests.conftest import SECRET_KEY
from tests.factories import Tenant
from tests.transfer.snapping import at_moment, can_log_in, done, keep, literal, put_back, shell

DAY = timedelta(days=1)
ANOTHER_KEY = "uY7hB2wX-9dKq4TzRmP0cVsE1LgJ5nAaF8oIxN3W"


def files_of(environment: dict[str, str], tenant: Tenant) -> list[Path]:
    """Return the files of a client's snapshots."""
    folder = Path(environment["INSTANCE_PATH"]) / "snapshots" / UUID(tenant.client_id).hex
    return sorted(folder.iterdir()) if folder.is_dir() else []


def kinds_of(app: Flask, tenant: Tenant) -> list[str]:
    """Return the kinds of a client's snapshots, newest first."""
    return [str(one["kind"]) for one in done(app, "snapshots", tenant.slug)]


def age(url: str, tenant: Tenant, table: str, column: str) -> None:
    """Let rows of a client be of two days ago, and what happened to it of long before."""
    moment = clock.now() - (9 * DAY if table == "audit_logs" else 2 * DAY)
    given = literal(url, moment), literal(url, tenant.client_id)
    database.change(url, f"UPDATE {table} SET {column} = " + "{} WHERE client_id = {}".format(*given))


def run(app: Flask, name: str, **chosen: object) -> int | None:
    """Do a chore under other settings."""
    with app.app_context(), settings.changed(**chosen):
        return chores.run(name)


def test_a_snapshot_lies_sealed_for_its_owner_alone_and_is_told_in_the_audit_log(
    app: Flask, tenant: Tenant, database_url: str, environment: dict[str, str]
) -> None:
    person = tenant.sign_up()
    made = done(app, "snapshot", tenant.client_id)
    (file,) = files_of(environment, tenant)
    modes = [path.stat().st_mode & 0o777 for path in (file, file.parent, file.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]
    content = file.read_bytes()
    assert not [word for word in (person.email, "users", "password_hash") if word.encode() in content]
    assert (made["users"], made["bytes"], made["kind"]) == (1, len(content), "manual")
    query = f"SELECT counts FROM snapshots WHERE snapshot_id = {literal(database_url, made['snapshot_id'])}"
    (held,) = (row["counts"] for row in database.rows(database_url, query))
    held = json.loads(held) if isinstance(held, str) else held
    assert held == {"clients": 1, "users": 1, "keys": 1}, "no history, which is not put back"
    assert done(app, "snapshots", tenant.slug) == [made]
    (row,) = tenant.audit(action="client.snapshot")
    assert row["detail"] == {"snapshot_id": made["snapshot_id"], "users": 1}


def test_by_itself_a_client_is_kept_once_in_the_interval_and_only_if_it_has_changed(
    app: Flask, tenant: Tenant, other: Tenant, database_url: str
) -> None:
    assert run(app, snapshot_chores.TAKING) == 0, "the default is off"
    person = tenant.sign_up()
    age(database_url, tenant, "clients", "created_at")
    assert (run(app, snapshot_chores.TAKING, snapshot_interval=DAY) or 0) >= 1
    assert kinds_of(app, tenant) == ["scheduled"]
    run(app, snapshot_chores.TAKING, snapshot_interval=DAY)
    assert kinds_of(app, tenant) == ["scheduled"], "its time has not come again"
    age(database_url, tenant, "snapshots", "taken_at")
    age(database_url, tenant, "audit_logs", "timestamp")
    run(app, snapshot_chores.TAKING, snapshot_interval=DAY)
    assert kinds_of(app, tenant) == ["scheduled"], "nothing has happened to it since"
    person.call("PATCH", "/me", json={"full_name": "Changed"})
    assert can_log_in(tenant, person)
    run(app, snapshot_chores.TAKING, snapshot_interval=DAY)
    assert kinds_of(app, tenant) == ["scheduled", "scheduled"]


def test_each_client_has_a_time_of_its_own_within_the_interval() -> None:
    now, born = datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    due = 0
    for number in range(24):
        client_id = UUID(int=number * 3600)
        taken = Candidate(client_id, born, now - timedelta(hours=6), now)
        due += snapshot_chores.is_due(taken, interval=DAY, now=now)
        unchanged = Candidate(client_id, born, now - 3 * DAY, now - 4 * DAY)
        assert not snapshot_chores.is_due(unchanged, interval=DAY, now=now)
        assert snapshot_chores.is_due(Candidate(client_id, born, None, None), interval=DAY, now=now)
        assert not snapshot_chores.is_due(Candidate(client_id, now, None, now), interval=DAY, now=now)
    assert 6 <= due <= 7, "a quarter of them, in six hours"


def test_what_is_too_many_or_too_old_goes_and_what_was_taken_by_hand_stays(
    app: Flask, tenant: Tenant, other: Tenant, database_url: str, environment: dict[str, str]
) -> None:
    by_hand = keep(app, tenant)
    taken = [keep(app, tenant) for _ in range(4)]
    keep(app, other)
    for one in taken:
        given = literal(database_url, one)
        database.change(database_url, f"UPDATE snapshots SET kind = 'scheduled' WHERE snapshot_id = {given}")
    run(app, snapshot_chores.TIDYING, snapshot_keep=3)
    assert [one["snapshot_id"] for one in done(app, "snapshots", tenant.slug)] == [*taken[:0:-1], by_hand]
    for days, one in ((3, taken[1]), (2, taken[2])):
        at_moment(database_url, one, clock.now() - days * DAY)
    run(app, snapshot_chores.TIDYING, snapshot_keep=DAY)
    left = {one["snapshot_id"] for one in done(app, "snapshots", tenant.slug)}
    assert left == {by_hand, taken[2], taken[3]}, "the newest of the old ones says how it was a day ago"
    assert {file.stem for file in files_of(environment, tenant)} == left
    assert len(files_of(environment, other)) == 1
    assert shell(app, "snapshots", tenant.slug, "--delete", by_hand)[0] == 0
    assert by_hand not in {file.stem for file in files_of(environment, tenant)}


def test_a_snapshot_opens_after_a_change_of_SECRET_KEY(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    snapshot_id = keep(app, tenant)
    with settings.changed(secret_key=ANOTHER_KEY, secret_key_fallbacks=(SECRET_KEY,)):
        put_back(app, tenant, snapshot_id)
    assert can_log_in(tenant, person)
    with settings.changed(secret_key=ANOTHER_KEY):
        status, _, said = shell(app, "restore", tenant.slug, "--snapshot", snapshot_id, "--dry-run")
    assert (status, "SECRET_KEY" in said) == (1, True)


def test_an_erased_client_leaves_no_snapshot(app: Flask, tenant: Tenant, environment: dict[str, str]) -> None:
    tenant.sign_up()
    keep(app, tenant)
    status, said, beside = shell(app, "erase", tenant.slug, "--confirm", tenant.slug)
    assert status == 0, said + beside
    assert files_of(environment, tenant) == []


@pytest.mark.parametrize("wrong", ["1", "-5m", "1 month", "4m", "x"])
def test_an_interval_that_is_none_is_refused_at_start(wrong: str) -> None:
    with pytest.raises(SettingsError, match="SNAPSHOT_INTERVAL"):
        interval("SNAPSHOT_INTERVAL", wrong)
    assert interval("SNAPSHOT_INTERVAL", "") is interval("SNAPSHOT_INTERVAL", "0") is None
    assert interval("SNAPSHOT_INTERVAL", "86400") == interval("SNAPSHOT_INTERVAL", "24h") == DAY


@pytest.mark.parametrize("wrong", ["0", "many", "-1", "0d", "100000"])
def test_what_is_kept_is_a_number_or_a_time(wrong: str) -> None:
    with pytest.raises(SettingsError, match="SNAPSHOT_KEEP"):
        kept("SNAPSHOT_KEEP", wrong)
    assert (kept("SNAPSHOT_KEEP", "7"), kept("SNAPSHOT_KEEP", "36h")) == (7, timedelta(hours=36))


def test_probes_of_an_isolation_report_are_not_kept(app: Flask, tenant: Tenant) -> None:
    with app.app_context(), contextlib.suppress(ZeroDivisionError), db.unit_of_work():
        probe = clients.add(
            new_id(), client_name="Probe", slug=f"{PROBE_SLUGS}{new_id().hex}", users_schema_version=1, probe=True,
            tier="free",
        )  # fmt: skip
        due = {candidate.client_id for candidate in candidates(None, limit=100_000)}
        seen = probe.client_id in due, UUID(tenant.client_id) in due
        raise ZeroDivisionError  # takes the probe back
    assert seen == (False, True)
