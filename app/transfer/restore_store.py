"""All SQL that puts a client back: rows are laid out beside the client's tables, then put in place in one transaction.

What is to be as it was may be some hundred thousand rows. They are laid out in short transactions; the one that counts
moves rows within the database, touches only what differs, and so keeps others waiting as short as can be.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from app.core import db
from app.core.ids import new_id
from app.transfer.snapshot_tables import WAITING
from app.transfer.store import NAMED
from app.users.models import DISABLED
from app.users.store import UserDirectory

USERS, TOTP, _CODES, PASSKEYS = "users", "totp_factors", "recovery_codes", "passkeys"
_LONGEST_STATEMENT_MS = 300_000


@dataclass(frozen=True, slots=True)
class Pair:
    """A table and the one whose rows wait for it.

    `key` names a row within a client. Of two rows with the same key, those of `own` say whether they are the same; what
    only counts up, or says when something was last used, stays as it is now.
    """

    name: str
    table: Table
    waiting: Table
    key: tuple[str, ...]
    own: tuple[str, ...]

    def same_key(self) -> ColumnElement[bool]:
        """Return the condition that two rows are of the same."""
        return and_(*(self.table.c[name] == self.waiting.c[name] for name in self.key))

    def equal(self, *, revive: bool) -> ColumnElement[bool]:
        """Return the condition that two rows say the same; who was disabled since stays so unless `revive`."""
        return and_(self.same_key(), *(self._says_the_same(name, revive=revive) for name in self.own))

    def of_client(self, client_id: UUID) -> tuple[ColumnElement[bool], ...]:
        """Return the condition that a row is the client's; all are in its own table of users."""
        return () if self.table is UserDirectory.table else (self.table.c.client_id == client_id,)

    def _says_the_same(self, name: str, *, revive: bool) -> ColumnElement[bool]:
        now, then = _compared(self.table.c[name]), _compared(self.waiting.c[name])
        same = now.is_not_distinct_from(then)
        return or_(same, now == DISABLED) if name == "status" and not revive else same


def _pair(name: str, key: tuple[str, ...], *, but: Sequence[str]) -> Pair:
    table = NAMED[name].table
    own = tuple(column.name for column in table.c if column.name not in (*key, "client_id", *but))
    return Pair(name, table, WAITING[name], key, own)


NAMES = frozenset(WAITING)
PAIRS = (
    _pair(USERS, ("user_id",), but=("password_version", "updated_at", "last_login_at")),
    # A seed that was sealed anew has other bytes; when it was confirmed says whether it is the same.
    _pair(TOTP, ("user_id",), but=("seed", "pending_seed", "last_step")),
    _pair(_CODES, ("user_id", "digest"), but=()),
    # Its id stands for nothing outside, and may be another one by now.
    _pair(PASSKEYS, ("credential_id",), but=("passkey_id", "sign_count", "backed_up", "last_used_at")),
)


def lay_out(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows that wait to be put in place."""
    db.execute(insert(WAITING[name]), list(rows))


def laid_out(restore_id: UUID) -> dict[str, int]:
    """Return how many rows wait, by the table that they wait for."""
    counts = [count_of(waiting, waiting.c.restore_id == restore_id).label(name) for name, waiting in WAITING.items()]
    return dict(db.execute(select(*counts)).one()._mapping)


def clear(restore_id: UUID, *, limit: int) -> int:
    """Delete some rows that wait for a restoring; return how many."""
    return _clear(lambda waiting: waiting.c.restore_id == restore_id, limit)


def clear_before(restore_id: UUID, *, limit: int) -> int:
    """Delete some rows that wait for restorings begun before one would be that has this id; return how many."""
    return _clear(lambda waiting: waiting.c.restore_id < restore_id, limit)


def expect_many() -> None:
    """Prepare the transaction in force for statements over many rows that were only just laid out.

    PostgreSQL has no statistics of them, takes them for few, and would go through one table for each row of the other:
    18 s for 10,000 users instead of a tenth of one.
    """
    if db.is_postgresql():
        db.execute(text(f"SET LOCAL statement_timeout = {_LONGEST_STATEMENT_MS}"))
        db.execute(text("SET LOCAL enable_nestloop = off"))


def hold_users(client_id: UUID) -> None:
    """Wait for every change of a client's users under way, and let nobody begin one before the unit of work ends.

    Reads go on. On SQLite the unit itself has the turn.
    """
    if db.is_postgresql():
        UserDirectory(client_id).execute(text(f'LOCK TABLE "{UserDirectory.table.name}" IN EXCLUSIVE MODE'))


def put_in_place(client_id: UUID, restore_id: UUID, *, revive: bool) -> None:
    """Make users and their factors those that wait, in the unit of work in force; what is the same is not touched.

    The caller holds the client and its users. What names a user who goes is the caller's too. `revive`: whoever was
    disabled since, and was not then, is not any more.
    """
    directory = UserDirectory(client_id)
    for pair in PAIRS:
        then, now, same = pair.waiting.c.restore_id == restore_id, pair.of_client(client_id), pair.equal(revive=revive)
        kept = _KEPT[pair.name](pair)
        if pair.name == USERS and not revive:
            kept |= _kept_disabled(pair)
        directory.execute(update(pair.waiting).where(then, *now, pair.same_key(), ~same).values(kept))
        equal = select(literal(1)).select_from(pair.waiting).where(then, same).correlate(pair.table)
        directory.execute(delete(pair.table).where(*now, ~exists(equal)))
        there = select(literal(1)).select_from(pair.table).where(*now, pair.same_key()).correlate(pair.waiting)
        _add(directory, pair, then, ~exists(there))


def _add(directory: UserDirectory, pair: Pair, *missing: ColumnElement[bool]) -> None:
    """Add rows that wait; a passkey whose id another client's copy has by now, unseen from here, gets another."""
    names = [column.name for column in pair.table.c]
    rows = select(*(pair.waiting.c[name] for name in names)).where(*missing)
    if pair.name == PASSKEYS:
        dialect = postgresql if db.is_postgresql() else sqlite
        adding = dialect.insert(pair.table).from_select(names, rows)
        directory.execute(adding.on_conflict_do_nothing(index_elements=["passkey_id"]))
        _rename(pair, list(directory.execute(rows.with_only_columns(pair.waiting.c.passkey_id)).scalars()), missing[0])
    directory.execute(insert(pair.table).from_select(names, rows))


def _rename(pair: Pair, taken: Sequence[UUID], then: ColumnElement[bool]) -> None:
    if taken:
        renaming = update(pair.waiting).where(then, pair.waiting.c.passkey_id == bindparam("taken"))
        ids = [{"taken": passkey_id, "free": new_id()} for passkey_id in taken]
        db.execute(renaming.values(passkey_id=bindparam("free")), ids)


def _kept_of_user(pair: Pair) -> dict[str, ColumnElement[Any]]:
    """A version that no login under way has read, and the later login."""
    now, then = pair.table.c, pair.waiting.c
    version = case((now.password_version > then.password_version, now.password_version), else_=then.password_version)
    return {"password_version": version + 1, "last_login_at": _later(now.last_login_at, then.last_login_at)}


def _kept_disabled(pair: Pair) -> dict[str, ColumnElement[Any]]:
    """An end is not taken back."""
    now, then = pair.table.c.status, pair.waiting.c.status
    return {"status": case((now == DISABLED, now), else_=then)}


def _kept_of_totp(pair: Pair) -> dict[str, ColumnElement[Any]]:
    """A step that was used stays used."""
    return {"last_step": _later(pair.table.c.last_step, pair.waiting.c.last_step)}


def _kept_of_code(pair: Pair) -> dict[str, ColumnElement[Any]]:
    """A code that was spent stays spent."""
    return {"spent_at": func.coalesce(pair.waiting.c.spent_at, pair.table.c.spent_at)}


def _kept_of_passkey(pair: Pair) -> dict[str, ColumnElement[Any]]:
    """The id of now, and a counter that went up stays up: a lower one would let a copy of the passkey in."""
    counted = {name: _later(pair.table.c[name], pair.waiting.c[name]) for name in ("sign_count", "last_used_at")}
    return {"passkey_id": pair.table.c.passkey_id, **counted}


_KEPT = {USERS: _kept_of_user, TOTP: _kept_of_totp, _CODES: _kept_of_code, PASSKEYS: _kept_of_passkey}


def _later(now: ColumnElement[Any], then: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((or_(then.is_(None), now > then), now), else_=then)


def _compared(column: Column[Any]) -> ColumnElement[Any]:
    """Return what a column is compared by: PostgreSQL does not compare JSON, but what spells it."""
    return cast(column, Text) if isinstance(column.type, JSON) else column


def count_of(table: Table, *conditions: ColumnElement[bool]) -> Any:
    """Return the number of rows of a table, as a column of a read."""
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()


def _clear(condition: Callable[[Table], ColumnElement[bool]], limit: int) -> int:
    removed = 0
    for waiting in WAITING.values():
        identity = list(waiting.primary_key.columns)
        some = select(*identity).where(condition(waiting)).limit(limit)
        removed += db.execute(delete(waiting).where(tuple_(*identity).in_(some))).rowcount
    return removed
