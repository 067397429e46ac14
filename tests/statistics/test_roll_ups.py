"""What happens is counted once, whenever and however often it is rolled up, and whatever dies meanwhile."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text

from app.core import clock, db, isolation
from app.core.isolation import Crossing
from app.statistics import queries, rolling, store
from tests import database
from tests.concurrency import at_once
from tests.factories import PASSWORD, Tenant
from tests.statistics.conftest import Installation

TOLD = ("signups", "logins", "failures", "active_users")
pytestmark = pytest.mark.usefixtures("at_once_counted")


def happen(tenant: Tenant) -> None:
    """Two sign-ups, a login and two failures; two users are active."""
    person = tenant.sign_up()
    tenant.sign_up()
    tenant.log_in(person.email)
    tenant.call("POST", "/login", json={"email": person.email, "password": "not the password"})
    tenant.call("POST", "/signup", json={"email": person.email, "password": PASSWORD})


def today(tenant: Tenant) -> tuple[int, ...]:
    day: dict[str, Any] = tenant.call("GET", "/stats").json()["per_day"][-1]
    return tuple(day[name] for name in TOLD)


def kept(installation: Installation, tenant: Tenant) -> list[tuple[int, ...]]:
    """Return what is rolled up of a client's days."""
    client_id = database.uuid_text(installation.url, tenant.client_id)
    query = "SELECT * FROM client_days WHERE client_id = :client ORDER BY day"
    return [tuple(row[name] for name in TOLD) for row in database.rows(installation.url, query, client=client_id)]


def test_what_is_rolled_up_is_what_was_counted_directly_however_often(installation: Installation) -> None:
    tenant, quiet = installation.tenant(), installation.tenant()
    happen(tenant)
    assert today(tenant) == (2, 1, 2, 2)
    installation.roll_up()
    assert (kept(installation, tenant), kept(installation, quiet)) == ([(2, 1, 2, 2)], [])
    assert (today(tenant), today(quiet)) == ((2, 1, 2, 2), (0, 0, 0, 0))
    person = tenant.sign_up()
    assert today(tenant) == (3, 1, 2, 3)  # before it is rolled up
    person.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
    for _ in range(3):
        installation.roll_up()
        assert (kept(installation, tenant), today(tenant)) == ([(3, 1, 2, 3)], (3, 1, 2, 3))
    happen(tenant)
    installation.roll_up()
    assert kept(installation, tenant) == [(5, 2, 4, 5)]
    assert today(quiet) == (0, 0, 0, 0)  # TEN-08


def test_whoever_dies_between_counting_and_moving_on_counts_nothing_twice(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = installation.tenant()
    installation.roll_up()
    happen(tenant)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    for step in ("count_people", "move_on"):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(store, step, die)
            installation.roll_up()
        assert (kept(installation, tenant), today(tenant)) == ([], (2, 1, 2, 2))
    installation.roll_up()
    assert (kept(installation, tenant), today(tenant)) == ([(2, 1, 2, 2)], (2, 1, 2, 2))


def test_two_that_count_at_once_count_once(installation: Installation) -> None:
    tenant = installation.tenant()
    installation.roll_up()
    happen(tenant)

    def count(_: int) -> None:
        with installation.app.app_context(), isolation.across(Crossing.WORKER):
            while rolling.count_window():
                pass

    at_once(3, count)
    assert (kept(installation, tenant), today(tenant)) == ([(2, 1, 2, 2)], (2, 1, 2, 2))


def test_counting_ends_though_rows_keep_arriving_while_it_counts(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = installation.tenant()
    installation.roll_up()
    person = tenant.sign_up()
    find, looks = queries.next_audit_id, 0

    def meanwhile(after: UUID) -> UUID | None:
        nonlocal looks
        looks += 1
        assert looks < 10, "it counts without end"
        at_once(1, lambda _: tenant.log_in(person.email))  # in a thread: this one is reading
        return find(after)

    with monkeypatch.context() as patched:
        patched.setattr(queries, "next_audit_id", meanwhile)
        installation.roll_up()
    assert looks
    installation.roll_up()
    assert today(tenant)[:2] == (1, looks)


def test_days_are_those_of_UTC_whatever_the_time_zone_of_the_database_session(installation: Installation) -> None:
    tenant = installation.tenant()
    tenant.sign_up()
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):  # at any moment it is another day in one of them
        with installation.app.app_context(), isolation.within(UUID(tenant.client_id)), db.unit_of_work():
            if db.is_postgresql():
                db.execute(text(f"SET LOCAL TIME ZONE '{zone}'"))
            days = queries.activity_since(UUID(tenant.client_id), clock.now() - timedelta(hours=1), settled_to="")
        assert [day.signups for day in days.values()] == [1]
        assert set(days) <= {rolling.day_of(clock.now() - timedelta(minutes=back)) for back in (0, 5)}


def test_a_row_that_came_late_counts_once_its_day_is_over_and_the_day_is_final_then(installation: Installation) -> None:
    tenant = installation.tenant()
    happen(tenant)
    installation.roll_up()
    add_late(installation, tenant)
    installation.roll_up()
    assert kept(installation, tenant) == [(2, 1, 2, 2)]
    with time_machine.travel(clock.now() + timedelta(days=1, hours=2), tick=False):
        installation.roll_up()
    assert kept(installation, tenant) == [(2, 2, 2, 2)]
    query = "SELECT count(*) AS n FROM active_users WHERE client_id = :client"
    client_id = database.uuid_text(installation.url, tenant.client_id)
    assert database.rows(installation.url, query, client=client_id) == [{"n": 0}]
    with time_machine.travel(clock.now() + timedelta(days=40), tick=False):
        installation.roll_up()
    assert kept(installation, tenant) == []


def add_late(installation: Installation, tenant: Tenant) -> None:
    """Add a login to the audit log as one does whose transaction ends minutes after its timestamp."""
    columns = "client_id, user_id, action, status, detail, timestamp, times"
    copied = (
        f"INSERT INTO audit_logs (audit_id, {columns}) SELECT :audit_id, {columns} FROM audit_logs"
        " WHERE client_id = :client AND action = 'login' AND status = 'success'"
    )
    with installation.app.app_context(), isolation.across(Crossing.SHELL), db.unit_of_work():
        ids = (rolling._first_id(clock.now() - timedelta(minutes=5)).hex, tenant.client_id)
        given = [database.uuid_text(installation.url, one) for one in ids]
        db.execute(text(copied), {"audit_id": given[0], "client": given[1]})


def test_days_before_the_first_roll_up_are_counted_too(installation: Installation) -> None:
    tenant = installation.tenant()
    happen(tenant)
    move_back(installation, tenant, days=3)
    happen(tenant)
    for _ in range(2):
        per_day = tenant.call("GET", "/stats").json()["per_day"]
        assert [tuple(per_day[place][name] for name in TOLD) for place in (-4, -1)] == [(2, 1, 2, 2)] * 2
        assert sum(day["signups"] for day in per_day) == 4
        installation.roll_up()
    assert kept(installation, tenant) == [(2, 1, 2, 2)] * 2


def move_back(installation: Installation, tenant: Tenant, *, days: int) -> None:
    """Let all that has happened at a client have happened so much earlier."""
    earlier = (
        "datetime(timestamp, :by)" if installation.url.startswith("sqlite") else "timestamp + CAST(:by AS interval)"
    )
    client_id = database.uuid_text(installation.url, tenant.client_id)
    with installation.app.app_context(), isolation.across(Crossing.SHELL), db.unit_of_work():
        statement = text(f"UPDATE audit_logs SET timestamp = {earlier} WHERE client_id = :client")
        db.execute(statement, {"by": f"-{days} days", "client": client_id})


def test_where_nobody_does_chores_a_call_brings_its_client_up_to_date(installation: Installation) -> None:
    tenant = installation.tenant()
    tenant.sign_up()
    first = tenant.call("GET", "/stats").json()
    tenant.sign_up()
    second = tenant.call("GET", "/stats").json()
    assert [answer["users"] for answer in (first, second)] == [1, 1]
    assert second["measured_at"] == first["measured_at"]
    assert second["per_day"][-1]["signups"] == 2
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        third = tenant.call("GET", "/stats").json()
    assert (third["users"], third["users_by_role"], third["per_day"][-1]["signups"]) == (2, {"user": 2}, 2)
    assert third["measured_at"] > second["measured_at"]
