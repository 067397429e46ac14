"""What the database itself lets through: its catalogue read back, and tries that it must refuse."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from uuid import UUID

from app.clients import service as clients
from app.clients.models import ERASING
from app.core import clock, db, isolation
from app.core.errors import ClientNotFound
from app.core.ids import new_id
from app.core.isolation import Crossing
from app.isolation import catalogue, queries
from app.isolation.models import Check
from app.onboarding import queries as onboarding

_STEP = 50
"""Clients whose rows are looked at in one step."""


class _TakenBack(Exception):
    """Ends a try that got through, so that nothing of it stays."""


def enforcement() -> list[Check]:
    """Compare the whole catalogue; on SQLite say that there is none."""
    if not db.is_postgresql():
        return [_absent()]
    with isolation.across(Crossing.REPORT), db.reading():
        return [*catalogue.checks_of_tables(), *catalogue.checks_of_roles()]


def of_client(client_id: UUID) -> list[Check]:
    """Ask what one client's own report asks: its tables' protection, what a stranger reaches, and its lost rows."""
    protection = [_absent()]
    if db.is_postgresql():
        with isolation.across(Crossing.REPORT), db.reading():
            protection = catalogue.checks_of_tables(of_client=client_id)
        protection.append(reach(client_id, new_id()))
    return [*protection, _rows_of_no_user(client_id)]


def reach(client_id: UUID, stranger: UUID) -> Check:
    """Try to reach a client's rows, by every table's name, as statements of another client and as nobody's."""
    check = Check("database.reach", "Statements of another client, and of none, reach no row of this one by any name.")
    with isolation.across(Crossing.REPORT):
        with db.reading():
            check.count("tables_with_rows", len(queries.tables_in_reach(client_id)))
        for who, scope in (("another client", stranger), ("no client", None)):
            for table in _reached(client_id, scope):
                check.fail(f"{table}: {who} reads rows")
        for table in _written(client_id, stranger):
            check.fail(f"{table}: another client writes")
    return check


def rows_of_no_client() -> Check:
    """Look for central rows whose client does not exist."""
    check = Check("rows.of_no_client", "Every central row has its client.", private=True)
    for table in queries.of_clients():
        with isolation.across(Crossing.REPORT), _asking():
            number = queries.unknown_clients(table)
        check.count("tables")
        if number:
            check.fail(f"{table.name}: rows of {number} clients that do not exist")
    return check


def rows_of_no_user(check: Check) -> Iterator[int]:
    """Look for rows that name users who are not in their client's table, some clients at each step."""
    last = None
    while True:
        with isolation.across(Crossing.REPORT), _asking():
            listed = queries.clients_after(last, limit=_STEP)
        if not listed:
            return
        for client_id in listed:
            _look_for_users(check, client_id)
        last = listed[-1]
        yield len(listed)


def new_check_of_users() -> Check:
    """Return the check that rows_of_no_user() fills in."""
    return Check("rows.of_no_user", "Every session, token, key and factor has its user.", private=True)


def _rows_of_no_user(client_id: UUID) -> Check:
    check = new_check_of_users()
    check.private = False
    _look_for_users(check, client_id, named=False)
    return check


def _look_for_users(check: Check, client_id: UUID, *, named: bool = True) -> None:
    place = f"{client_id}: " if named else ""
    check.count("clients")
    try:
        with isolation.across(Crossing.REPORT), isolation.within(client_id), _asking():
            found = onboarding.rows_of_no_user(client_id)
    except ClientNotFound:
        if _is_there(client_id):
            check.fail(f"{place}there is no users table")
        return
    for table, number in found.items():
        check.fail(f"{place}{table}: {number} users that do not exist")


def _is_there(client_id: UUID) -> bool:
    """Whether a client without a table should have one: one that is being erased loses it first."""
    with isolation.across(Crossing.REPORT), _asking():
        client = clients.find(client_id)
    return client is not None and client.status != ERASING


def _reached(client_id: UUID, scope: UUID | None) -> list[str]:
    token = isolation.enter(scope)
    try:
        with db.reading():
            return queries.tables_in_reach(client_id)
    finally:
        isolation.leave(token)


def _written(client_id: UUID, stranger: UUID) -> list[str]:
    """Return where a stranger's writes got through; each is taken back."""
    moment, through = clock.now(), []
    tries = {
        "roles": partial(queries.insert_for, client_id, moment=moment),
        "users": partial(queries.change_users, client_id, moment=moment),
    }
    for table, attempt in tries.items():
        token = isolation.enter(stranger)
        try:
            with db.unit_of_work():
                if attempt():
                    through.append(table)
                raise _TakenBack
        except _TakenBack:
            continue
        finally:
            isolation.leave(token)
    return through


def _absent() -> Check:
    says = (
        "SQLite itself enforces nothing: whoever reads its file reads all of it. In its place stand the tries of every"
        " route, the canaries and the checksums of this report."
    )
    return Check("database.policies", says, absent=True)


def _asking() -> AbstractContextManager[None]:
    """Hold a connection; on SQLite in a writer's turn, as a read fails that new tables overtake repeatedly."""
    return db.reading() if db.is_postgresql() else db.unit_of_work()
