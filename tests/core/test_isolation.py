"""Whose rows statements touch: PostgreSQL holds them to the client in force, whatever they ask for (TEN-01, TEN-06)."""

import uuid
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from app.clients.tables import clients
from app.core import clock, db, isolation
from app.core.isolation import NOBODY, Crossing
from app.extensions import metadata
from app.keys.tables import keys
from app.users.store import UserDirectory
from tests.factories import PASSWORD, Tenant, bearer

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True, scope="session")


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context(), isolation._again(NOBODY):
        yield


def seen(client_id: UUID) -> dict[str, int]:
    """Return how many rows of a client statements find now, by table: none where there are none."""
    mine = {name: table for name, table in metadata.tables.items() if "client_id" in table.c}
    with db.reading():
        counts = {
            name: db.execute(select(func.count()).where(table.c.client_id == client_id)).scalar_one()
            for name, table in mine.items()
        }
        counts["users"] = UserDirectory(client_id).count()
    return {name: count for name, count in counts.items() if count}


@pytest.fixture
def lived_in(tenant: Tenant) -> UUID:
    """A client with a user, who is logged in, and a key."""
    tenant.sign_up()
    return UUID(tenant.client_id)


def test_TEN_01_outside_any_client_nothing_is_seen(lived_in: UUID) -> None:
    assert seen(lived_in) == {}
    with isolation.within(lived_in):
        own = seen(lived_in)
    assert {"users", "sessions", "tokens", "keys", "audit_logs", "signing_keys", "clients"} <= own.keys()
    with isolation.across(Crossing.SHELL):
        assert seen(lived_in) == own


def test_TEN_01_within_one_client_another_is_not_seen_by_name_of_its_table_or_filter(
    lived_in: UUID, other: Tenant
) -> None:
    with isolation.within(UUID(other.client_id)):
        assert seen(lived_in) == {}
        assert seen(UUID(other.client_id))["clients"] == 1


def test_TEN_06_a_forgotten_filter_returns_and_changes_the_clients_own_alone(lived_in: UUID, other: Tenant) -> None:
    with isolation.within(lived_in), db.reading():
        assert list(db.execute(select(clients.c.client_id)).scalars()) == [lived_in]
        assert set(db.execute(select(keys.c.client_id)).scalars()) == {lived_in}
    with isolation.within(lived_in), db.unit_of_work():
        assert db.execute(update(clients).values(industry="Changed for all")).rowcount == 1
        assert db.execute(delete(keys)).rowcount == 1
    assert other.call("GET", "/keys").status_code == 200
    with isolation.within(UUID(other.client_id)), db.reading():
        assert db.execute(select(clients.c.industry)).scalar_one() is None


def test_TEN_01_a_row_of_another_client_cannot_be_written(lived_in: UUID, other: Tenant) -> None:
    row = {"client_id": lived_in, "subject": b"x", "attempts": 1, "last_ms": 1, "blocked_until_ms": 0}
    user: dict[str, Any] = {"email": "planted@example.com", "role": "admin", "status": "active", "custom_fields": {}}
    user |= {"user_id": uuid.uuid4(), "email_verified": True, "password_version": 1}
    user |= {"created_at": clock.now(), "updated_at": clock.now()}
    for write in (
        lambda: db.execute(insert(metadata.tables["login_throttles"]).values(**row)),
        lambda: UserDirectory(lived_in).add(user),
    ):
        with (
            pytest.raises(DBAPIError, match="row-level security"),
            isolation.within(UUID(other.client_id)),
            db.unit_of_work(),
        ):
            write()


def test_TEN_06_nobody_steps_from_one_client_into_another(lived_in: UUID, other: Tenant) -> None:
    with isolation.within(lived_in), pytest.raises(RuntimeError), isolation.within(UUID(other.client_id)):
        pass
    assert isolation.current() == NOBODY


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE clients NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY rowlock_client ON keys",
        "DROP TABLE audit_logs",
        "CREATE TABLE planted (n integer)",
        "UPDATE audit_logs SET action = 'nothing'",
        "DELETE FROM audit_logs",
        "DELETE FROM clients",
        "UPDATE tiers SET limits = '{}'",
        "SELECT rowlock_drop_users_table(gen_random_uuid())",
        "SELECT rowlock_create_users_table(gen_random_uuid())",
    ],
)
def test_TEN_06_a_clients_statements_can_take_no_guard_away(lived_in: UUID, statement: str) -> None:
    with (
        pytest.raises(DBAPIError, match=r"permission denied|must be owner|alone"),
        isolation.within(lived_in),
        db.unit_of_work(),
    ):
        db.execute(text(statement))


def test_what_counts_in_a_transaction_or_read_is_gone_from_the_connection_after_it(app: Flask, lived_in: UUID) -> None:
    """So a pooler in transaction mode may hand the connection to anybody."""
    asked = text("SELECT current_user, session_user, current_setting('rowlock.client_id', true)")
    with isolation.within(lived_in), db.reading():
        role, _, client = db.execute(asked).one()
        raw = db.connection().connection.cursor()
        raw.execute(str(asked))
        after = raw.fetchone() or (None, None, None)
    assert (role, client) == (isolation.CLIENT_ROLE, str(lived_in))
    assert (after[0], after[2] or "") == (after[1], "")


def test_a_unit_of_work_may_go_from_all_clients_to_one_and_back(lived_in: UUID, other: Tenant) -> None:
    count = select(func.count()).select_from(clients)
    with isolation.across(Crossing.SHELL), db.unit_of_work():
        everyone = db.execute(count).scalar_one()
        with isolation.within(lived_in):
            assert db.execute(count).scalar_one() == 1
        assert db.execute(count).scalar_one() == everyone >= 2


def test_an_answer_read_after_its_request_keeps_to_its_client(lived_in: UUID) -> None:
    def batches() -> Iterator[Any]:
        for _ in range(2):
            with db.reading():
                yield from db.execute(select(clients.c.client_id)).scalars()

    with isolation.within(lived_in):
        answer = isolation.kept(batches())
    assert [next(answer), isolation.current(), next(answer)] == [lived_in, NOBODY, lived_in]
    assert list(answer) == []


def test_TEN_01_one_connection_serves_clients_in_turn_and_none_sees_the_others(
    live: httpx.Client, tenant: Tenant, other: Tenant
) -> None:
    """Two workers with few connections: each answer names its own client's user."""
    for one in (tenant, other):
        one.sign_up(email="same@example.com")
    answers: dict[str, set[str]] = {}
    for _ in range(10):
        for one in (tenant, other):
            body = {"email": "same@example.com", "password": PASSWORD}
            found = live.post(f"{one.path}/login", json=body, headers=bearer(one.access_key)).json()
            answers.setdefault(one.client_id, set()).add(found["user_id"])
    assert [len(ids) for ids in answers.values()] == [1, 1]
    assert len(set.union(*answers.values())) == 2
