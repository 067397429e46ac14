"""The two doors to the database: unit_of_work() writes and holds the only commit, reading() reads.

Both put a Core connection in force; stores send their statements through execute(). Driver errors never
leave this module: they become AppErrors that say nothing of SQL.

On PostgreSQL both use one autocommit engine, and BEGIN and COMMIT travel with a unit's first statement and its last
writes (ADR 0004): a trip of its own costs each of them about as much as a small statement. So does whose rows the
statements may touch (app.core.isolation, ADR 0012): with a unit's first, and with every read.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, Insert, Row, Table, Update, bindparam, event, insert
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql.base import Executable
from sqlalchemy.types import TypeDecorator

from app.core import connection_memory, isolation
from app.core.driver_errors import met_new_tables, translated
from app.core.engines import ASIDE, AUTOCOMMIT
from app.core.errors import AppError
from app.core.settings import settings
from app.core.write_turn import write_turn
from app.extensions import db

_IDLE, _FAILED = 0, 3
"""libpq's PQTRANS_IDLE (the connection is in no transaction) and PQTRANS_INERROR (in one that can only roll back)."""

Write = Insert | Update
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
AnyRow = Row[*tuple[Any, ...]]
Result = CursorResult[*tuple[Any, ...]]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment on both databases; SQLite drops zones, so there it is kept as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment: nobody knows when it is."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


@dataclass(slots=True)
class _Unit:
    engine: Engine
    connection: Connection
    writes: bool
    used: bool = False
    begun: bool = False
    told: isolation.Scope | None = None
    """Whose rows count in the transaction, as far as PostgreSQL has been told."""
    ending: bool = False
    committed: bool = False
    after: list[Callable[[], None]] = field(default_factory=list)
    later: list[tuple[Write, dict[str, Any]]] = field(default_factory=list)


_in_force: ContextVar[_Unit | None] = ContextVar("unit", default=None)


@contextlib.contextmanager
def unit_of_work() -> Iterator[None]:
    """Open a transaction and commit it at the end; raising rolls back, save for errors that keep their writes.

    Raises TemporarilyUnavailable (no connection, lock or answer in time) and StorageFull.
    """
    if _in_force.get() is not None:
        raise RuntimeError("units of work do not nest")
    unit: _Unit | None = None
    try:
        engine = db.engines[AUTOCOMMIT] if is_postgresql() else db.engine
        with write_turn(), _held(engine, writes=True) as unit:
            try:
                yield
            except AppError as error:
                if error.keeps_writes and not _is_broken(unit):
                    _commit(unit)
                raise
            _commit(unit)
    finally:
        for follow_up in unit.after if unit is not None and unit.committed else ():
            follow_up()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold a connection for one statement that writes and is a transaction by itself; it is never sent twice.

    On PostgreSQL this saves the trips of BEGIN and COMMIT; on SQLite it is a unit of work.
    """
    if not is_postgresql():
        with unit_of_work():
            yield
        return
    with _held(db.engines[AUTOCOMMIT], writes=False) as unit:
        unit.used = True
        yield


@contextlib.contextmanager
def one_picture() -> Iterator[None]:
    """Let all reads until the end see the database as it is at the first of them, for as long as that takes.

    It holds up no writer, and nobody who waits for a connection of the pool. Call it outside any unit; statements may
    be some seconds apart at the most (PostgreSQL ends a transaction that rests for 15).
    """
    with _held(db.engines[ASIDE], writes=is_postgresql()) as unit:
        if is_postgresql():
            connection().exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
            return
        # A unit of work would take the writers' turn (BEGIN IMMEDIATE); a reader in WAL mode keeps nobody waiting.
        unit.connection.exec_driver_sql("BEGIN")
        try:
            yield
        finally:
            unit.connection.exec_driver_sql("ROLLBACK")


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Hold a connection that only reads, each statement by itself (autocommit); joins a unit already open."""
    if _in_force.get() is not None:
        yield
        return
    with _held(db.engines[AUTOCOMMIT], writes=False):
        yield


def execute(statement: Executable, parameters: Parameters = None, **options: Any) -> Result:
    """Send one statement on the connection in force; `options` are its execution options.

    A connection that turns out dead on the first statement of a unit is replaced once; so is one of SQLite whose read
    met a new table.
    """
    unit = _in_force.get()
    if unit is None:
        raise RuntimeError("a statement outside reading() and unit_of_work()")
    if unit.later:
        _send_later(unit)
    first, unit.used = not unit.used, True
    try:
        return unit.connection.execute(statement, parameters, execution_options=options)
    except DBAPIError as broken:
        dead = first and broken.connection_invalidated
        if not dead and (unit.writes or not met_new_tables(broken)):
            raise translated(broken) from broken
    with _translating():
        unit.connection.close()
        unit.connection, unit.begun = unit.engine.connect(), False
        return unit.connection.execute(statement, parameters, execution_options=options)


def connection() -> Connection:
    """Return the connection in force, for DDL and streaming."""
    unit = _in_force.get()
    if unit is None:
        raise RuntimeError("no connection outside reading() and unit_of_work()")
    unit.used = True
    if unit.later:
        _send_later(unit)
    return unit.connection


def plain_cursor() -> Any:
    """Return a cursor of the driver for a read outside a transaction on PostgreSQL; None wherever there is none."""
    unit = _in_force.get()
    if unit is None:
        raise RuntimeError("a statement outside reading() and unit_of_work()")
    if unit.writes or not is_postgresql() or unit.connection.invalidated:
        return None
    return unit.connection.connection.cursor()


def touches(client: str) -> None:
    """Note that the connection in force is about to touch a client's users table (see app.core.connection_memory)."""
    unit = _in_force.get()
    if unit is not None and is_postgresql() and not unit.connection.invalidated:
        connection_memory.met(unit.connection.info, client)


def discard() -> None:
    """Close the connection in force for good: nobody knows what became of its last statement."""
    unit = _in_force.get()
    if unit is not None:
        unit.connection.invalidate()


def adding(table: Table) -> Insert:
    """Return the statement that adds a row of a table, for add_later()."""
    return insert(table).values({column.name: bindparam(f"{table.name}__{column.name}") for column in table.c})


def add_later(statement: Insert, row: Mapping[str, Any]) -> None:
    """Add a row before the unit commits; `statement` is adding() of its table, `row` names every column."""
    write_later(statement, {f"{statement.table.name}__{name}": value for name, value in row.items()})


def write_later(statement: Write, parameters: dict[str, Any]) -> None:
    """Send a write whose outcome nobody waits for together with others: before the next statement, or the commit.

    On PostgreSQL they go in one round trip, so the names of their parameters must differ.
    """
    unit = _in_force.get()
    if unit is None or not unit.writes:
        raise RuntimeError("a write outside unit_of_work()")
    unit.later.append((statement, parameters))


def after_commit(follow_up: Callable[[], None]) -> None:
    """Run something once the unit in force has committed, never if it rolls back, and once even if asked twice."""
    unit = _in_force.get()
    if unit is None or not unit.writes:
        raise RuntimeError("after_commit() outside unit_of_work()")
    if follow_up not in unit.after:
        unit.after.append(follow_up)


def is_postgresql() -> bool:
    """Whether the database is PostgreSQL."""
    return not settings().is_sqlite


@contextlib.contextmanager
def _held(engine: Engine, *, writes: bool) -> Iterator[_Unit]:
    if _in_force.get() is not None:
        raise RuntimeError("units of work do not nest")
    with _translating():
        unit = _Unit(engine, engine.connect(), writes)
    token = _in_force.set(unit)
    try:
        yield unit
    finally:
        _in_force.reset(token)
        unit.connection.close()


def frame_transactions(engine: Engine) -> None:
    """Let BEGIN, COMMIT and whose rows count travel with the statements on this autocommit engine (PostgreSQL)."""
    event.listen(engine, "before_cursor_execute", _frame, retval=True)
    event.listen(engine, "reset", _roll_back)


def _frame(
    _connection: Connection, cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
) -> tuple[str, Any]:
    unit = _in_force.get()
    if unit is None:
        return statement, parameters
    ahead = _ahead(unit)
    if ahead and many:  # the driver repeats the statement's text for each row
        cursor.execute(ahead)
    elif ahead:
        statement = f"{ahead}{statement}"
    if unit.ending:
        statement = f"{statement}; COMMIT"
    return statement, parameters


def _ahead(unit: _Unit) -> str:
    """Return what goes before the next statement: a read by itself is told whose rows count each time."""
    scope = isolation.current()
    if not unit.writes:
        return scope.in_words
    if unit.begun and unit.told == scope:
        return ""
    begin, unit.begun, unit.told = "" if unit.begun else "BEGIN; ", True, scope
    return begin + scope.in_words


def _roll_back(connection: Any, _record: object, state: Any) -> None:
    """End a transaction that a connection brings back to the pool: its unit was not committed."""
    if not state.terminate_only and connection.get_transaction_status() != _IDLE:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def _send_later(unit: _Unit, *, ending: bool = False) -> None:
    writes, unit.later = unit.later, []
    merged = {name: value for _, parameters in writes for name, value in parameters.items()}
    apart = len({statement.table for statement, _ in writes}) == len(writes)
    # The parts of one statement do not see each other's rows, so only writes to different tables travel in one.
    if is_postgresql() and apart and len(merged) == sum(len(parameters) for _, parameters in writes):
        writes = [(_together(tuple(statement for statement, _ in writes)), merged)]
    *others, (statement, parameters) = writes
    for other, its_parameters in others:
        execute(other, its_parameters)
    unit.ending = ending
    execute(statement, parameters)


@lru_cache(maxsize=64)
def _together(statements: tuple[Write, ...]) -> Write:
    """Return one statement that carries out several: all but the last as common table expressions."""
    *others, last = statements
    return last.add_cte(*(statement.cte(f"write_{number}") for number, statement in enumerate(others)))


def _is_broken(unit: _Unit) -> bool:
    """Tell whether a statement has failed: PostgreSQL then answers COMMIT by rolling back, without a word."""
    if not unit.begun or unit.connection.invalidated:
        return unit.connection.invalidated
    return bool(unit.connection.connection.get_transaction_status() == _FAILED)


def _commit(unit: _Unit) -> None:
    # A first statement may be sent twice (see execute), so it never carries the COMMIT.
    if unit.later:
        _send_later(unit, ending=unit.begun)
    if _is_broken(unit):
        raise RuntimeError("a unit of work went on after a failed statement")
    with _translating():
        if unit.begun and not unit.ending:
            unit.connection.exec_driver_sql("COMMIT")
        unit.connection.commit()
    unit.committed = True


@contextlib.contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeout) as wrong:
        raise translated(wrong) from wrong
