"""The two doors to the database: unit_of_work() writes and holds the only commit, reading() reads.

Both put a Core connection in force; stores send their statements through execute(). Driver errors never
leave this module: they become AppErrors that say nothing of SQL.
"""

import contextlib
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, Insert, Row, Table, Update, bindparam, insert
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql.base import Executable
from sqlalchemy.types import TypeDecorator

from app.core.engines import SQLITE_WAIT_SECONDS
from app.core.errors import AppError, Conflict, StorageFull, TemporarilyUnavailable
from app.core.settings import Settings, settings
from app.extensions import db

_FULL = ("53100",)
_BUSY = ("57014", "55P03", "40001", "40P01", "25P03", "53200", "53300", "57P01", "57P02", "57P03")

_SQLITE_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)

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
    committed: bool = False
    after: list[Callable[[], None]] = field(default_factory=list)
    later: list[tuple[Write, dict[str, Any]]] = field(default_factory=list)


_in_force: ContextVar[_Unit | None] = ContextVar("unit", default=None)


@contextlib.contextmanager
def unit_of_work() -> Iterator[None]:
    """Open a transaction and commit it at the end; raising rolls back, save for errors that keep their writes.

    Raises TemporarilyUnavailable (no connection, lock or answer in time) and StorageFull.
    """
    unit: _Unit | None = None
    try:
        with _write_turn(), _held(db.engine, writes=True) as unit:
            try:
                yield
            except AppError as error:
                if error.keeps_writes:
                    _commit(unit)
                raise
            _commit(unit)
    finally:
        for follow_up in unit.after if unit is not None and unit.committed else ():
            follow_up()


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Hold a connection that only reads, each statement by itself (autocommit); joins a unit already open."""
    if _in_force.get() is not None:
        yield
        return
    with _held(db.engines["reading"], writes=False):
        yield


def execute(statement: Executable, parameters: Parameters = None, **options: Any) -> Result:
    """Send one statement on the connection in force; `options` are its execution options.

    A connection that turns out dead on the first statement of a unit is replaced once.
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
        if not (first and broken.connection_invalidated):
            raise _translated(broken) from broken
    with _translating():
        unit.connection.close()
        unit.connection = unit.engine.connect()
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
    """Run something once the unit in force has committed; never if it rolls back."""
    unit = _in_force.get()
    if unit is None or not unit.writes:
        raise RuntimeError("after_commit() outside unit_of_work()")
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


def _send_later(unit: _Unit) -> None:
    writes, unit.later = unit.later, []
    merged = {name: value for _, parameters in writes for name, value in parameters.items()}
    if is_postgresql() and len(merged) == sum(len(parameters) for _, parameters in writes):
        execute(_together(tuple(statement for statement, _ in writes)), merged)
        return
    for statement, parameters in writes:
        execute(statement, parameters)


@lru_cache(maxsize=64)
def _together(statements: tuple[Write, ...]) -> Write:
    """Return one statement that carries out several: all but the last as common table expressions."""
    *others, last = statements
    return last.add_cte(*(statement.cte(f"write_{number}") for number, statement in enumerate(others)))


def _commit(unit: _Unit) -> None:
    if unit.later:
        _send_later(unit)
    with _translating():
        unit.connection.commit()
    unit.committed = True


@contextlib.contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeout) as wrong:
        raise _translated(wrong) from wrong


def _translated(wrong: SQLAlchemyError) -> Exception:
    """Return what the caller may know of a driver error: busy, full, or the error itself (an internal one)."""
    if isinstance(wrong, PoolTimeout):
        return TemporarilyUnavailable()
    if not isinstance(wrong, DBAPIError):
        return wrong
    cause, code = wrong.orig, getattr(wrong.orig, "pgcode", None)
    if isinstance(wrong, IntegrityError) and (code == "23505" or "UNIQUE" in str(cause)):
        return Conflict()
    if code in _FULL:
        return StorageFull()
    if wrong.connection_invalidated or code in _BUSY:
        return TemporarilyUnavailable()
    if isinstance(cause, sqlite3.OperationalError):
        if cause.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            return StorageFull()
        if cause.sqlite_errorcode & 0xFF in _SQLITE_BUSY:
            return TemporarilyUnavailable()
    if code is None and wrong.__class__.__name__ in ("OperationalError", "InterfaceError") and cause is not None:
        # psycopg2 gives no SQLSTATE where no server answered.
        return wrong if isinstance(cause, sqlite3.Error) else TemporarilyUnavailable()
    return wrong


_writers = threading.Lock()


@contextlib.contextmanager
def _write_turn() -> Iterator[None]:
    """On SQLite, let one writer in at a time over all processes: waiting in line beats retrying on a busy lock."""
    chosen = settings()
    if not chosen.is_sqlite:
        yield
        return
    if not _writers.acquire(timeout=SQLITE_WAIT_SECONDS):
        raise TemporarilyUnavailable()
    try:
        with _file_lock(chosen):
            yield
    finally:
        _writers.release()


@contextlib.contextmanager
def _file_lock(chosen: Settings) -> Iterator[None]:
    descriptor = os.open(f"{db.engine.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + SQLITE_WAIT_SECONDS
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > deadline:
                raise TemporarilyUnavailable()
            time.sleep(0.002)
        yield
    finally:
        os.close(descriptor)
