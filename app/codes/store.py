"""All SQL over one_time_codes. Every look-up names client and purpose, so that no code works for another."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.sql.elements import ColumnElement

from app.codes.tables import one_time_codes as codes
from app.core import db

_ADD = db.adding(codes)
_COLUMNS = [
    codes.c[name]
    for name in ("code_id", "client_id", "user_id", "purpose", "payload", "tries", "created_at", "expires_at")
]


def _live(client_id: str, purpose: str, digest: str, moment: str) -> list[ColumnElement[bool]]:
    return [
        codes.c.digest == bindparam(digest),
        codes.c.client_id == bindparam(client_id),
        codes.c.purpose == bindparam(purpose),
        codes.c.spent_at.is_(None),
        codes.c.expires_at > bindparam(moment),
    ]


_NAMES = ("of_client", "of_purpose", "of_digest", "moment")
_FIND = select(*_COLUMNS).where(*_live(*_NAMES))
_SPEND = update(codes).where(*_live(*_NAMES)).values(spent_at=bindparam("moment")).returning(*_COLUMNS)
_TRY = (
    update(codes)
    .where(*_live(*_NAMES), codes.c.tries < bindparam("most"))
    .values(tries=codes.c.tries + 1)
    .returning(*_COLUMNS)
)


def add(values: Mapping[str, Any]) -> None:
    """Add a code."""
    db.add_later(_ADD, values)


def find(client_id: UUID, purpose: str, digest: bytes, *, now: datetime) -> db.AnyRow | None:
    """Return a live code."""
    return db.execute(_FIND, _parameters(client_id, purpose, digest, now)).one_or_none()


def spend(client_id: UUID, purpose: str, digest: bytes, *, now: datetime) -> db.AnyRow | None:
    """Spend a live code; exactly one of many callers gets it."""
    return db.execute(_SPEND, _parameters(client_id, purpose, digest, now)).one_or_none()


def count_try(client_id: UUID, purpose: str, digest: bytes, *, now: datetime, most: int) -> db.AnyRow | None:
    """Count a guess against a live code; None if it has no tries left."""
    return db.execute(_TRY, _parameters(client_id, purpose, digest, now) | {"most": most}).one_or_none()


def newest(client_id: UUID, user_id: UUID, purpose: str, *, now: datetime) -> db.AnyRow | None:
    """Return the newest live code of a user for a purpose."""
    columns = codes.c
    query = select(*_COLUMNS).where(columns.client_id == client_id, columns.user_id == user_id)
    query = query.where(columns.purpose == purpose, columns.spent_at.is_(None), columns.expires_at > now)
    return db.execute(query.order_by(columns.created_at.desc(), columns.code_id.desc()).limit(1)).one_or_none()


def void(client_id: UUID, user_id: UUID, purposes: Sequence[str], *, now: datetime) -> int:
    """Spend a user's live codes for some purposes; return how many there were."""
    columns = codes.c
    statement = update(codes).where(columns.client_id == client_id, columns.user_id == user_id)
    statement = statement.where(columns.purpose.in_(purposes), columns.spent_at.is_(None)).values(spent_at=now)
    return db.execute(statement).rowcount


def void_everyones(client_id: UUID, purposes: Sequence[str], *, now: datetime) -> None:
    """Spend the live codes of all users of a client for some purposes."""
    columns = codes.c
    statement = update(codes).where(columns.client_id == client_id, columns.user_id.is_not(None))
    statement = statement.where(columns.purpose.in_(purposes), columns.spent_at.is_(None), columns.expires_at > now)
    db.execute(statement.values(spent_at=now))


def delete_of_user(client_id: UUID, user_id: UUID) -> int:
    """Delete a user's codes; return how many there were."""
    return db.execute(delete(codes).where(codes.c.client_id == client_id, codes.c.user_id == user_id)).rowcount


def purge(*, before: datetime, limit: int) -> int:
    """Delete some codes that ended before a moment; return how many."""
    old = select(codes.c.code_id).where(codes.c.expires_at < before).limit(limit)
    return db.execute(delete(codes).where(codes.c.code_id.in_(old))).rowcount


def sealed_after(code_id: UUID | None, *, limit: int) -> Sequence[db.AnyRow]:
    """Return the next sealed payloads by the codes' ids, held until the unit of work ends."""
    query = select(codes.c.code_id, codes.c.client_id, codes.c.payload).where(codes.c.payload.is_not(None))
    query = query if code_id is None else query.where(codes.c.code_id > code_id)
    return db.execute(query.order_by(codes.c.code_id).limit(limit).with_for_update()).all()


def replace_payloads(sealed: Mapping[UUID, bytes]) -> None:
    """Put payloads in place that were sealed anew."""
    if sealed:
        statement = update(codes).where(codes.c.code_id == bindparam("of_code")).values(payload=bindparam("sealed"))
        db.execute(statement, [{"of_code": code_id, "sealed": value} for code_id, value in sealed.items()])


def _parameters(client_id: UUID, purpose: str, digest: bytes, now: datetime) -> dict[str, Any]:
    return dict(zip(_NAMES, (client_id, purpose, digest, now), strict=True))
