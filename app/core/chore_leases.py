"""The central table chores, a row for each chore, and all SQL over it: when it is due and who is at it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, String, Table, Uuid, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core import db
from app.core.db import UtcDateTime
from app.extensions import metadata

chores = Table(
    "chores",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("holder", Uuid, comment="The runner that is at it."),
    Column("held_until", UtcDateTime, comment="When that runner counts as dead, unless it says otherwise before."),
)


def all_of_them() -> list[db.AnyRow]:
    """Return every chore that was ever told of; a handful."""
    return list(db.execute(select(chores)).all())


def add(name: str, *, due_at: datetime) -> None:
    """Tell of a chore, if nobody has."""
    dialect = postgresql if db.is_postgresql() else sqlite
    db.execute(dialect.insert(chores).values(name=name, due_at=due_at).on_conflict_do_nothing())


def claim(name: str, holder: UUID, *, now: datetime, held_until: datetime, due_again: datetime, early: bool) -> bool:
    """Give a chore to a runner if it is due (or `early`) and nobody is at it, or who was is dead."""
    free = chores.c.holder.is_(None) if early else and_(chores.c.holder.is_(None), chores.c.due_at <= now)
    mine = update(chores).where(chores.c.name == name, or_(free, chores.c.held_until <= now))
    return db.execute(mine.values(holder=holder, held_until=held_until, due_at=due_again)).rowcount == 1


def renew(name: str, holder: UUID, *, held_until: datetime) -> bool:
    """Keep a chore; False if it is another runner's by now."""
    statement = update(chores).where(chores.c.name == name, chores.c.holder == holder)
    return db.execute(statement.values(held_until=held_until)).rowcount == 1


def let_go(name: str, holder: UUID, *, due_at: datetime | None) -> None:
    """Free a chore; it is due when it was to be, or at `due_at`."""
    statement = update(chores).where(chores.c.name == name, chores.c.holder == holder)
    due = {} if due_at is None else {"due_at": due_at}
    db.execute(statement.values(holder=None, held_until=None, **due))


def hasten(name: str, *, now: datetime) -> None:
    """Make a chore due now; while a runner is at it, again once that one is done."""
    db.execute(update(chores).where(chores.c.name == name, chores.c.due_at > now).values(due_at=now))
