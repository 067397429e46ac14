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
from sqlalchemy.sql.elements import ColumnElement

from app.core import db
from app.transfer.snapshot_models import Changes, Difference
from app.transfer.snapshot_tables import WAITING
from app.transfer.store import NAMED
from app.users.store import UserDirectory

_USERS, _TOTP, _CODES, _PASSKEYS = "users", "totp_factors", "recovery_codes", "passkeys"
_LONGEST_STATEMENT_MS = 300_000
ADDED, CHANGED, REMOVED = "comes back", "changes", "goes"


@dataclass(frozen=True, slots=True)
class _Pair:
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
        return and_(*(self.table.c[name] == self.waiting.c[name] for name in self.key))

    def equal(self) -> ColumnElement[bool]:
        columns = [(self.table.c[name], self.waiting.c[name]) for name in self.own]
        return and_(self.same_key(), *(_compared(now).is_not_distinct_from(_compared(then)) for now, then in columns))


def _pair(name: str, key: tuple[str, ...], *, but: Sequence[str]) -> _Pair:
    table = NAMED[name].table
    own = tuple(column.name for column in table.c if column.name not in (*key, "client_id", *but))
    return _Pair(name, table, WAITING[name], key, own)


NAMES = frozenset(WAITING)
PAIRS = (
    _pair(_USERS, ("user_id",), but=("password_version", "updated_at", "last_login_at")),
    # A seed that was sealed anew has other bytes; when it was confirmed says whether it is the same.
    _pair(_TOTP, ("user_id",), but=("seed", "pending_seed", "last_step")),
    _pair(_CODES, ("user_id", "digest"), but=()),
    _pair(_PASSKEYS, ("passkey_id",), but=("sign_count", "backed_up", "last_used_at")),
)


def lay_out(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows that wait to be put in place."""
    db.execute(insert(WAITING[name]), list(rows))


def laid_out(restore_id: UUID) -> dict[str, int]:
    """Return how many rows wait, by the table that they wait for."""
    counts = [_count(waiting, waiting.c.restore_id == restore_id).label(name) for name, waiting in WAITING.items()]
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


def compare(client_id: UUID, restore_id: UUID) -> dict[str, Changes]:
    """Return how many rows would come, change, go and stay, by table."""
    counts: list[ColumnElement[int]] = []
    for pair in PAIRS:
        then = pair.waiting.c.restore_id == restore_id
        now = _of_client(pair, client_id)
        counts += [
            _count(pair.waiting, then).label(f"{pair.name}_then"),
            _count(pair.table, *now).label(f"{pair.name}_now"),
            _count_joined(pair, then, *now, pair.same_key()).label(f"{pair.name}_both"),
            _count_joined(pair, then, *now, pair.equal()).label(f"{pair.name}_same"),
        ]
    found = UserDirectory(client_id).execute(select(*counts)).one()._mapping
    return {pair.name: _changes(*(found[f"{pair.name}_{word}"] for word in _WORDS)) for pair in PAIRS}


_WORDS = ("then", "now", "both", "same")


def passwords_changed(client_id: UUID, restore_id: UUID) -> int:
    """Return how many users would have another password."""
    users = PAIRS[0]
    other = users.table.c.password_hash.is_distinct_from(users.waiting.c.password_hash)
    query = _count_joined(users, users.waiting.c.restore_id == restore_id, users.same_key(), other)
    return int(UserDirectory(client_id).execute(select(query)).scalar_one())


def differences(client_id: UUID, restore_id: UUID) -> list[Difference]:
    """Return the users who would come back, change and go."""
    users = PAIRS[0]
    now, then = users.table, users.waiting
    of_this, directory = then.c.restore_id == restore_id, UserDirectory(client_id)
    back = select(literal(ADDED), then.c.user_id, then.c.email).where(
        of_this, ~exists(select(now.c.user_id).where(users.same_key()))
    )
    changed = select(literal(CHANGED), now.c.user_id, then.c.email).where(of_this, users.same_key(), ~users.equal())
    gone = select(literal(REMOVED), now.c.user_id, now.c.email).where(
        ~exists(select(then.c.user_id).where(of_this, users.same_key()))
    )
    return [Difference(*row) for query in (back, changed, gone) for row in directory.execute(query)]


def put_in_place(client_id: UUID, restore_id: UUID) -> None:
    """Make users and their factors those that wait, in the unit of work in force; what is the same is not touched.

    The caller holds the client and its users. What names a user who goes is the caller's too.
    """
    directory = UserDirectory(client_id)
    for pair in PAIRS:
        then = pair.waiting.c.restore_id == restore_id
        now = _of_client(pair, client_id)
        kept = _KEPT[pair.name](pair)
        directory.execute(update(pair.waiting).where(then, *now, pair.same_key(), ~pair.equal()).values(kept))
        equal = select(literal(1)).select_from(pair.waiting).where(then, pair.equal()).correlate(pair.table)
        directory.execute(delete(pair.table).where(*now, ~exists(equal)))
        there = select(literal(1)).select_from(pair.table).where(*now, pair.same_key()).correlate(pair.waiting)
        names = [column.name for column in pair.table.c]
        missing = select(*(pair.waiting.c[name] for name in names)).where(then, ~exists(there))
        directory.execute(insert(pair.table).from_select(names, missing))


def _kept_of_user(pair: _Pair) -> dict[str, ColumnElement[Any]]:
    """A version that no login under way has read, and the later login."""
    now, then = pair.table.c, pair.waiting.c
    version = case((now.password_version > then.password_version, now.password_version), else_=then.password_version)
    return {"password_version": version + 1, "last_login_at": _later(now.last_login_at, then.last_login_at)}


def _kept_of_totp(pair: _Pair) -> dict[str, ColumnElement[Any]]:
    """A step that was used stays used."""
    return {"last_step": _later(pair.table.c.last_step, pair.waiting.c.last_step)}


def _kept_of_code(pair: _Pair) -> dict[str, ColumnElement[Any]]:
    """A code that was spent stays spent."""
    return {"spent_at": func.coalesce(pair.waiting.c.spent_at, pair.table.c.spent_at)}


def _kept_of_passkey(pair: _Pair) -> dict[str, ColumnElement[Any]]:
    """A counter that went up stays up: a lower one would let a copy of the passkey in."""
    return {name: _later(pair.table.c[name], pair.waiting.c[name]) for name in ("sign_count", "last_used_at")}


_KEPT = {_USERS: _kept_of_user, _TOTP: _kept_of_totp, _CODES: _kept_of_code, _PASSKEYS: _kept_of_passkey}


def _later(now: ColumnElement[Any], then: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((or_(then.is_(None), now > then), now), else_=then)


def _of_client(pair: _Pair, client_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a row is the client's; all are in its own table."""
    return () if pair.table is UserDirectory.table else (pair.table.c.client_id == client_id,)


def _compared(column: Column[Any]) -> ColumnElement[Any]:
    """Return what a column is compared by: PostgreSQL does not compare JSON, but what spells it."""
    return cast(column, Text) if isinstance(column.type, JSON) else column


def _count(table: Table, *conditions: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()


def _count_joined(pair: _Pair, *conditions: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(pair.table, pair.waiting).where(*conditions).scalar_subquery()


def _changes(then: int, now: int, both: int, same: int) -> Changes:
    return Changes(added=then - both, changed=both - same, removed=now - both, same=same)


def _clear(condition: Callable[[Table], ColumnElement[bool]], limit: int) -> int:
    removed = 0
    for waiting in WAITING.values():
        identity = list(waiting.primary_key.columns)
        some = select(*identity).where(condition(waiting)).limit(limit)
        removed += db.execute(delete(waiting).where(tuple_(*identity).in_(some))).rowcount
    return removed
