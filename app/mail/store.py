"""All SQL over the outbox."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, and_, bindparam, case, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from app.core import db
from app.mail.models import DEAD, DISCARDED, SENT, WAITING, Claimed, OutboxEntry, OutboxFilter
from app.mail.tables import outbox

_COLUMNS = outbox.c
_SHOWN = [_COLUMNS[name] for name in OutboxEntry.__slots__]
_CLAIMED = [_COLUMNS[name] for name in Claimed.__slots__]
_FIELDS = [column.name for column in _COLUMNS]


def _lately() -> Select[int]:
    """Return how many mails of a kind a recipient gets since a moment."""
    return (
        select(func.count())
        .select_from(outbox)
        .where(
            _COLUMNS.recipient_mac == bindparam("outbox__recipient_mac"),
            _COLUMNS.kind == bindparam("outbox__kind"),
            _COLUMNS.created_at > bindparam("outbox__since"),
            _COLUMNS.status != DISCARDED,
        )
    )


def _adding() -> Insert:
    """Return the statement that adds a mail, as discarded where its recipient has had enough of its kind lately.

    `outbox__status` is what it is otherwise.
    """
    enough = _lately().scalar_subquery() >= bindparam("outbox__most")
    given: dict[str, Any] = {name: bindparam(f"outbox__{name}", type_=_COLUMNS[name].type) for name in _FIELDS}
    status = case((enough, literal(DISCARDED)), else_=given["status"])
    return insert(outbox).values({**given, "status": status})


_ADD, _LATELY = _adding(), _lately()
_LOCK = select(func.pg_advisory_xact_lock(bindparam("number")))


def has_room(recipient_mac: bytes, kind: str, *, most: int, since: datetime) -> bool:
    """Tell whether a recipient has got fewer than `most` mails of a kind `since` a moment."""
    _take_turn(recipient_mac, kind)
    given = {"outbox__recipient_mac": recipient_mac, "outbox__kind": kind, "outbox__since": since}
    return int(db.execute(_LATELY, given).scalar_one()) < most


def add(row: Mapping[str, Any], *, most: int, since: datetime) -> None:
    """Add a mail; beyond `most` of its kind to its recipient `since` a moment it is discarded."""
    _take_turn(row["recipient_mac"], row["kind"])
    db.write_later(_ADD, {f"outbox__{name}": value for name, value in {**row, "most": most, "since": since}.items()})


def pending(now: datetime) -> tuple[bool, bool]:
    """Tell whether there is a mail to be taken up, and one that was discarded."""
    due, discarded = exists().where(*_due(now)), exists().where(_COLUMNS.status == DISCARDED)
    found = db.execute(select(due, discarded)).one()
    return bool(found[0]), bool(found[1])


def first_due(moment: datetime) -> datetime | None:
    """Return when the mail that waits the longest was to be sent, if that was by a moment and nobody took it up."""
    ordered = select(_COLUMNS.next_attempt_at).where(*_due(moment)).order_by(_COLUMNS.next_attempt_at)
    return db.execute(ordered.limit(1)).scalar_one_or_none()


def claim(*, now: datetime, until: datetime) -> Claimed | None:
    """Take up the mail that has been due for the longest; nobody else gets it `until` a moment."""
    due = select(_COLUMNS.message_id).where(*_due(now)).order_by(_COLUMNS.next_attempt_at).limit(1)
    # A common table expression is looked up once, so that no more are locked than are taken.
    taken = (due.with_for_update(skip_locked=True) if db.is_postgresql() else due).cte("due")
    statement = update(outbox).where(_COLUMNS.message_id.in_(select(taken.c.message_id)))
    statement = statement.values(claimed_until=until, attempts=_COLUMNS.attempts + 1)
    row = db.execute(statement.returning(*_CLAIMED)).one_or_none()
    return None if row is None else Claimed(*row)


def mark_sent(mail: Claimed, *, now: datetime) -> None:
    """Note that a mail has left, and wipe it."""
    _change(mail, status=SENT, sent_at=now, sealed=None, claimed_until=None, last_error=None)


def mark_failed(mail: Claimed, *, error: str, next_attempt_at: datetime | None) -> None:
    """Note that a mail could not be sent; without a next attempt it is dead."""
    status = WAITING if next_attempt_at else DEAD
    later = {"next_attempt_at": next_attempt_at} if next_attempt_at else {}
    _change(mail, status=status, last_error=error, claimed_until=None, **later)


def page(wanted: OutboxFilter, *, before: tuple[datetime, UUID] | None, limit: int) -> list[OutboxEntry]:
    """Return the newest mails that match, older than a position."""
    named = (("status", wanted.status), ("kind", wanted.kind), ("client_id", wanted.client_id))
    conditions: list[ColumnElement[bool]] = [_COLUMNS[name] == value for name, value in named if value is not None]
    if before is not None:
        moment, message_id = before
        same = (_COLUMNS.created_at == moment) & (_COLUMNS.message_id < message_id)
        conditions.append(or_(_COLUMNS.created_at < moment, same))
    query = select(*_SHOWN).where(*conditions)
    ordered = query.order_by(_COLUMNS.created_at.desc(), _COLUMNS.message_id.desc()).limit(limit)
    return [OutboxEntry(*row) for row in db.execute(ordered)]


def count_by_status() -> dict[str, int]:
    """Return how many mails of each status there are."""
    query = select(_COLUMNS.status, func.count()).group_by(_COLUMNS.status)
    return {row[0]: row[1] for row in db.execute(query)}


def find(message_id: UUID) -> OutboxEntry | None:
    """Return a mail."""
    row = db.execute(select(*_SHOWN).where(_COLUMNS.message_id == message_id)).one_or_none()
    return None if row is None else OutboxEntry(*row)


def retry(message_id: UUID, *, now: datetime) -> OutboxEntry | None:
    """Make a dead or waiting mail due, with all attempts before it; None if there is no such mail."""
    ours = [_COLUMNS.message_id == message_id, _COLUMNS.status.in_((WAITING, DEAD))]
    statement = update(outbox).where(*ours).values(status=WAITING, next_attempt_at=now, attempts=0)
    row = db.execute(statement.returning(*_SHOWN)).one_or_none()
    return None if row is None else OutboxEntry(*row)


def delete_discarded(*, limit: int) -> int:
    """Delete some mails that are never sent; return how many."""
    return _delete(_COLUMNS.status == DISCARDED, limit=limit)


def delete_old(*, sent_before: datetime, dead_before: datetime, limit: int) -> int:
    """Delete some mails that were sent, or last tried, before a moment; return how many."""
    # What was sent had its turn before: the first condition is for the index.
    sent = [_COLUMNS.next_attempt_at < sent_before, _COLUMNS.sent_at < sent_before]
    dead = (_COLUMNS.status == DEAD) & (_COLUMNS.next_attempt_at < dead_before)
    return _delete(or_(and_(_COLUMNS.status == SENT, *sent), dead), limit=limit)


def sealed_after(message_id: UUID | None, *, limit: int) -> Sequence[db.AnyRow]:
    """Return the next mails by their ids that still hold something, held until the unit of work ends."""
    query = select(_COLUMNS.message_id, _COLUMNS.client_id, _COLUMNS.sealed).where(_COLUMNS.sealed.is_not(None))
    query = query if message_id is None else query.where(_COLUMNS.message_id > message_id)
    return db.execute(query.order_by(_COLUMNS.message_id).limit(limit).with_for_update()).all()


def replace_sealed(renewed: Mapping[UUID, bytes]) -> None:
    """Put in place what was sealed anew."""
    if renewed:
        statement = update(outbox).where(_COLUMNS.message_id == bindparam("of_message"))
        statement = statement.values(sealed=bindparam("fresh"))
        db.execute(statement, [{"of_message": message_id, "fresh": value} for message_id, value in renewed.items()])


def _take_turn(recipient_mac: bytes, kind: str) -> None:
    """Let units of work go one after the other for each recipient and kind, so that the count holds.

    On SQLite writers take turns anyway.
    """
    if db.is_postgresql():
        number = int.from_bytes(hashlib.sha256(recipient_mac + kind.encode()).digest()[:8], "big", signed=True)
        db.execute(_LOCK, {"number": number})


def _delete(condition: ColumnElement[bool], *, limit: int) -> int:
    some = select(_COLUMNS.message_id).where(condition).limit(limit)
    return db.execute(delete(outbox).where(_COLUMNS.message_id.in_(some))).rowcount


def _due(now: datetime) -> list[ColumnElement[bool]]:
    unclaimed = or_(_COLUMNS.claimed_until.is_(None), _COLUMNS.claimed_until < now)
    return [_COLUMNS.status == WAITING, _COLUMNS.next_attempt_at <= now, unclaimed]


def _change(mail: Claimed, **values: Any) -> None:
    """Change a mail that is still ours: whoever has taken it up after us decides otherwise."""
    ours = [_COLUMNS.message_id == mail.message_id, _COLUMNS.claimed_until == mail.claimed_until]
    db.execute(update(outbox).where(*ours, _COLUMNS.status == WAITING).values(**values))
