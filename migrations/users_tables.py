"""Schema changes of the clients' users tables: batch by batch, beside servers that go on, in runs that may be killed.

A client's row says which version its table has. Each batch changes some tables and their clients' rows in one
transaction, so a run that is killed goes on where it stopped, and no table is changed twice. A batch ends as soon as
it has held its first lock for a while, however fast the machine is, so nobody waits for long.
"""

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from psycopg2.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from app.core import db
from migrations import big_tables, ledger, showing, users_steps
from migrations.users_steps import Step

BATCH = 50  # tables, at most
MOST_SECONDS, LEAST_SECONDS = 0.03, 0.004
"""A batch takes no further table once it has worked for so long. With the wait for one more lock and the commit, nobody
shall be kept out of a table for more than 0.1 s, so a batch that comes near halves what the next ones may take."""
_NEAR = 0.06
_LOCK_WAIT = "SET LOCAL lock_timeout = '40ms'"
_AFRESH = 20
"""Transactions until another connection is taken: one of PostgreSQL forgets no table that it has touched."""
_BUSY_IN_A_ROW, _FRUITLESS_ROUNDS = 100, 5
FIRST_REST, _LONGEST_REST = 0.5, 8.0
_BIRTH_SECONDS, _BIRTH_POLL = 30.0, 0.02
"""Servers cut off a transaction of theirs after less."""
_NAMED = 10


class Unfinished(Exception):
    """Some tables are still behind; says whose, and what to do."""


class _Busy(Unfinished):
    """Somebody holds a table for longer than we wait."""

    def __init__(self) -> None:
        super().__init__("Somebody holds the table of clients; run `flask db upgrade` again once that has ended.")


@dataclass(frozen=True)
class Wish:
    """What the operator asked for: to stop after one client, named by slug or id; to rest between batches."""

    canary: str | None = None
    pause: float = 0.0


def upgrade_all(engine: Engine, wish: Wish | None = None) -> int:
    """Bring every users table to the newest version; return how many were changed. Raises Unfinished.

    The engine is the tables' owner's.
    """
    return _Run(engine, users_steps.STEPS, wish or Wish()).go()


class _Run:
    def __init__(self, engine: Engine, steps: Mapping[int, Step], wish: Wish) -> None:
        self._steps, self._target, self._wish = steps, max(steps), wish
        self._sqlite = engine.dialect.name == "sqlite"
        self._engine = engine if self._sqlite else create_engine(engine.url, poolclass=NullPool)
        self._connection: Connection | None = None
        self._transactions = 0
        self._only: UUID | None = None
        self._longest, self._may_take = 0.0, MOST_SECONDS
        self._at: UUID | None = None
        """The table that the batch under way is at."""

    def go(self) -> int:
        slug = self._chosen() if self._wish.canary is not None else None
        try:
            with showing.shown(self._behind()) as self._show:
                self._all_rounds()
        finally:
            self._let_go()
        if self._show.done:
            self._show.say(
                f"Users tables: {self._show.done:,} brought to version {self._target} in {self._show.seconds:,.1f} s,"
                f" {self._show.rate:,.0f} tables/s; the longest transaction took {self._longest * 1000:,.0f} ms."
            )
        self._show.say(f"Every users table has version {self._target}." if slug is None else self._what_is_next(slug))
        return self._show.done

    def _chosen(self) -> str:
        with self._transaction() as connection:
            found = ledger.find(connection, str(self._wish.canary))
        if found is None:
            raise Unfinished(f"There is no client {self._wish.canary!r}; no users table was changed.")
        self._only = found[0]
        return found[1]

    def _what_is_next(self, slug: str) -> str:
        self._only = None
        if not (others := self._behind()):
            return f"The users table of {slug} has version {self._target}, as every other."
        return (
            f"The users table of {slug} has version {self._target}; {others:,} others are behind and go on being"
            " served. See that this client is well, then run `flask db upgrade` for the others."
        )

    def _all_rounds(self) -> None:
        """Go over the tables until none is behind; those that were busy come last, after a rest."""
        fruitless = 0
        while self._behind() or (self._only is None and self._births_end() and self._behind()):
            before = self._show.done
            self._round()
            if not self._behind():
                continue
            fruitless = fruitless + 1 if self._show.done == before else 0
            if fruitless > _FRUITLESS_ROUNDS:
                raise Unfinished(self._whose())
            time.sleep(min(FIRST_REST * 2**fruitless, _LONGEST_REST))

    def _round(self) -> None:
        """Take each table that is behind once."""
        waiting = set() if self._sqlite else self._big_ones()
        after, busy, in_a_row = None, set[UUID](), 0
        while in_a_row < _BUSY_IN_A_ROW:
            try:
                done = self._batch(self._target, after=after, only=self._only, without=waiting | busy)
            except _Busy:
                if self._at is None:
                    raise
                busy.add(self._at)
                in_a_row += 1
                continue
            if not done:
                return
            after, busy, in_a_row = done[-1], {one for one in busy if one > done[-1]}, 0
            time.sleep(self._wish.pause)

    def _big_ones(self) -> set[UUID]:
        """Bring up the big tables that are to get an index; return those that have to wait."""
        waiting = big_tables.drop_invalid(self._engine)
        pending = {number for number, step in self._steps.items() if step.indexes}
        with self._transaction() as connection:
            big = ledger.with_big_tables(connection, self._target, only=self._only, size=big_tables.BYTES)
        for client_id, version in big:
            if client_id in waiting or max(pending, default=0) <= version:
                continue
            try:
                if not self._big_one(client_id, version):
                    waiting.add(client_id)
            except _Busy:
                waiting.add(client_id)
        return waiting

    def _big_one(self, client_id: UUID, version: int) -> bool:
        """Take a big table one version at a time; False if somebody is in the way of an index."""
        for number in range(version + 1, self._target + 1):
            step = self._steps[number]
            if step.indexes:
                with self._transaction() as connection:
                    step.before(connection, client_id)
                if not big_tables.build_beside(self._engine, client_id, step):
                    return False
            if not self._batch(number, after=None, only=client_id, without=()):
                return False
        return True

    def _batch(self, target: int, *, after: UUID | None, only: UUID | None, without: Collection[UUID]) -> list[UUID]:
        """Change some tables and note it, in one transaction; return whose."""
        done: list[UUID] = []
        self._at = None
        with self._transaction() as connection:
            began = time.perf_counter()
            claimed = ledger.claim(connection, target, after=after, only=only, without=without, limit=BATCH)
            for self._at, version in claimed:
                for number in range(version + 1, target + 1):
                    users_steps.carry_out(self._steps[number], connection, self._at)
                done.append(self._at)
                if time.perf_counter() - began > self._may_take:
                    break
            if done:
                ledger.record(connection, done, target)
        if done:
            took = time.perf_counter() - began
            self._longest = max(self._longest, took)
            wanted = self._may_take / 2 if took > _NEAR else self._may_take * 1.1
            self._may_take = min(MOST_SECONDS, max(LEAST_SECONDS, wanted))
            self._show.advance(len(done) if target == self._target else 0)
        return done

    def _births_end(self) -> bool:
        """Wait for those who were adding a client at this moment: its table may be of the version before.

        Nobody waits for us: whoever begins now finds the new function that makes users tables.
        """
        if self._sqlite:
            return True
        deadline = time.monotonic() + _BIRTH_SECONDS
        with self._transaction() as connection:
            adding = ledger.adding(connection)
        while adding:
            if time.monotonic() > deadline:
                raise Unfinished(
                    "A transaction that may add a client has been open for long; its users table may be behind."
                    " Run `flask db upgrade` again once it has ended."
                )
            time.sleep(_BIRTH_POLL)
            with self._transaction() as connection:
                adding &= ledger.adding(connection)
        return True

    def _behind(self) -> int:
        with self._transaction() as connection:
            return ledger.behind(connection, self._target, only=self._only)

    def _whose(self) -> str:
        with self._transaction() as connection:
            slugs = ledger.slugs_behind(connection, self._target, only=self._only, limit=_NAMED)
            left = ledger.behind(connection, self._target, only=self._only)
        more = f" and {left - len(slugs):,} more" if left > len(slugs) else ""
        return (
            f"{left:,} users tables are still behind, as somebody holds them (a backup, a long query?):"
            f" {', '.join(slugs)}{more}. Everything goes on being served; `flask db upgrade` again goes on with these."
        )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Open a transaction of the tables' owner; raises _Busy where it meets a lock that is held."""
        if self._sqlite:
            with db.unit_of_work():
                yield db.connection()
            return
        if self._connection is None or self._transactions % _AFRESH == 0:
            self._let_go()
            self._connection = self._engine.connect()
        self._transactions += 1
        try:
            with self._connection.begin():
                self._connection.exec_driver_sql(_LOCK_WAIT)
                yield self._connection
        except OperationalError as wrong:
            if isinstance(wrong.orig, (LockNotAvailable, DeadlockDetected)):
                raise _Busy from wrong
            raise

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
