"""All SQL over sessions, tokens and signing_keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from app.core import db
from app.core.actors import Origin
from app.sessions.models import RefreshToken, Session, Subject
from app.sessions.tables import sessions, signing_keys, tokens

REFRESH = "refresh"
_SESSION = [sessions.c[name] for name in Session.__slots__]
_TOKEN = [tokens.c[name] for name in RefreshToken.__slots__]

_ADD_SESSION = db.adding(sessions)
_ADD_TOKEN = db.adding(tokens)
_SPEND = (
    update(tokens)
    .where(
        tokens.c.digest == bindparam("of_digest"),
        tokens.c.client_id == bindparam("of_client"),
        tokens.c.purpose == REFRESH,
        tokens.c.spent_at.is_(None),
        tokens.c.expires_at > bindparam("moment"),
    )
    .values(spent_at=bindparam("moment"))
    .returning(*_TOKEN)
)
_FIND_TOKEN = select(*_TOKEN).where(
    tokens.c.digest == bindparam("digest"), tokens.c.client_id == bindparam("client_id"), tokens.c.purpose == REFRESH
)
_SEEN = (
    update(sessions)
    .where(sessions.c.session_id == bindparam("of_session"))
    .values(last_seen_at=bindparam("seen_at"), ip_address=bindparam("seen_address"), user_agent=bindparam("seen_agent"))
)
_NEWEST_FIRST = (
    select(
        sessions.c.session_id,
        func.row_number().over(order_by=(sessions.c.created_at.desc(), sessions.c.session_id.desc())).label("place"),
    )
    .where(
        sessions.c.client_id == bindparam("of_client"),
        sessions.c.user_id == bindparam("of_user"),
        sessions.c.impersonator_id.is_(None),
        sessions.c.revoked_at.is_(None),
        sessions.c.expires_at > bindparam("moment"),
        sessions.c.last_seen_at > bindparam("idle_since"),
    )
    .subquery()
)
_END_OLDEST = (
    update(sessions)
    .where(
        sessions.c.session_id.in_(select(_NEWEST_FIRST.c.session_id).where(_NEWEST_FIRST.c.place > bindparam("kept")))
    )
    .values(revoked_at=bindparam("moment"))
)


def add_session(
    subject: Subject,
    session_id: UUID,
    origin: Origin,
    *,
    now: datetime,
    authenticated_at: datetime,
    expires_at: datetime,
    amr: list[str],
    impersonator_id: UUID | None = None,
) -> None:
    """Add a session."""
    row = {
        "session_id": session_id,
        "client_id": subject.client_id,
        "user_id": subject.user_id,
        "created_at": now,
        "last_seen_at": now,
        "authenticated_at": authenticated_at,
        "expires_at": expires_at,
        "ip_address": origin.ip_address,
        "user_agent": origin.user_agent,
        "amr": amr,
        "revoked_at": None,
        "impersonator_id": impersonator_id,
    }
    db.add_later(_ADD_SESSION, row)


def add_token(values: dict[str, Any]) -> None:
    """Add a refresh token."""
    db.add_later(_ADD_TOKEN, values | {"purpose": REFRESH, "spent_at": None})


def spend_token(client_id: UUID, digest: bytes, *, now: datetime) -> RefreshToken | None:
    """Spend a live refresh token; None if it is unknown, spent or past its end. Exactly one caller wins."""
    row = db.execute(_SPEND, {"of_digest": digest, "of_client": client_id, "moment": now}).one_or_none()
    return _token(row)


def find_token(client_id: UUID, digest: bytes) -> RefreshToken | None:
    """Return a refresh token, live or not."""
    return _token(db.execute(_FIND_TOKEN, {"client_id": client_id, "digest": digest}).one_or_none())


def see_session(session_id: UUID, *, now: datetime, address: str | None, agent: str | None) -> None:
    """Note a refresh."""
    db.write_later(_SEEN, {"of_session": session_id, "seen_at": now, "seen_address": address, "seen_agent": agent})


def authenticate_session(session_id: UUID, *, now: datetime) -> None:
    """Note a fresh proof of identity."""
    db.execute(update(sessions).where(sessions.c.session_id == session_id).values(authenticated_at=now))


def was_revoked(client_id: UUID, session_id: UUID) -> bool:
    """Whether a session is not there, or was ended."""
    query = select(sessions.c.session_id).where(sessions.c.client_id == client_id, sessions.c.session_id == session_id)
    return db.execute(query.where(sessions.c.revoked_at.is_(None))).one_or_none() is None


def has_successor(client_id: UUID, session_id: UUID) -> bool:
    """Whether a live session of the same user ends at the moment at which this one, ended by now, would have."""
    later = sessions.alias("later")
    query = select(later.c.session_id).where(
        sessions.c.client_id == client_id,
        sessions.c.session_id == session_id,
        sessions.c.revoked_at.is_not(None),
        later.c.client_id == client_id,
        later.c.user_id == sessions.c.user_id,
        later.c.expires_at == sessions.c.expires_at,
        later.c.revoked_at.is_(None),
    )
    return db.execute(query.limit(1)).one_or_none() is not None


def revoke(
    client_id: UUID,
    *,
    now: datetime,
    session_id: UUID | None = None,
    user_id: UUID | None = None,
) -> int:
    """End sessions of a client that are not ended: one (of a user), or all; return how many."""
    conditions: list[ColumnElement[bool]] = [sessions.c.client_id == client_id, sessions.c.revoked_at.is_(None)]
    conditions += [sessions.c.session_id == session_id] if session_id else []
    conditions += [sessions.c.user_id == user_id] if user_id else []
    return db.execute(update(sessions).where(*conditions).values(revoked_at=now)).rowcount


def revoke_of_user(client_id: UUID, user_id: UUID, *, now: datetime, keep: UUID | None) -> int:
    """End a user's sessions (save `keep`) and those in which it acts for others; return how many."""
    statement = update(sessions).where(*_of_user(client_id, user_id), sessions.c.revoked_at.is_(None))
    statement = statement if keep is None else statement.where(sessions.c.session_id != keep)
    return db.execute(statement.values(revoked_at=now)).rowcount


def end_oldest(client_id: UUID, user_id: UUID, *, idle_since: datetime, now: datetime, kept: int) -> int:
    """End a user's live sessions, save the newest `kept`; return how many. Those of an admin who acts do not count."""
    values = {"of_client": client_id, "of_user": user_id, "moment": now, "idle_since": idle_since, "kept": kept}
    return db.execute(_END_OLDEST, values).rowcount


def live_sessions(
    client_id: UUID,
    user_id: UUID,
    *,
    idle_since: datetime,
    now: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Session]:
    """Return a user's live sessions, the newest first."""
    columns = sessions.c
    conditions = [
        columns.client_id == client_id,
        columns.user_id == user_id,
        columns.revoked_at.is_(None),
        columns.expires_at > now,
        columns.last_seen_at > idle_since,
    ]
    if after is not None:
        moment, session_id = after
        same = (columns.created_at == moment) & (columns.session_id < session_id)
        conditions.append((columns.created_at < moment) | same)
    query = select(*_SESSION).where(*conditions)
    ordered = query.order_by(columns.created_at.desc(), columns.session_id.desc()).limit(limit)
    return [Session(*row) for row in db.execute(ordered)]


def delete_of_user(client_id: UUID, user_id: UUID) -> tuple[int, int, int]:
    """Delete a user's tokens and sessions; return the sessions that had not been ended, all of them, and the tokens.

    The caller has deleted the user's own row, so no session begins any more. Tokens go first, as long as there are any:
    a refresh under way when some were deleted has left a successor, which only a new statement sees. Once none is left,
    no refresh can be under way.
    """
    spent, found = 0, -1
    while found:
        found = db.execute(delete(tokens).where(tokens.c.client_id == client_id, tokens.c.user_id == user_id)).rowcount
        spent += found
    of_user = delete(sessions).where(*_of_user(client_id, user_id)).returning(sessions.c.revoked_at)
    ends = db.execute(of_user).scalars().all()
    return sum(end is None for end in ends), len(ends), spent


def users_with_sessions(client_id: UUID) -> list[UUID]:
    """Return the users whom a client's sessions and tokens name."""
    of_sessions = select(sessions.c.user_id).where(sessions.c.client_id == client_id)
    of_tokens = select(tokens.c.user_id).where(tokens.c.client_id == client_id)
    return list(db.execute(of_sessions.union(of_tokens)).scalars())


def add_signing_key(values: dict[str, Any]) -> None:
    """Add a signing key."""
    db.execute(insert(signing_keys), values)


def current_signing_key(client_id: UUID) -> db.AnyRow | None:
    """Return the key that a client signs with; None: the client is gone."""
    query = select(signing_keys).where(signing_keys.c.client_id == client_id, signing_keys.c.retired_at.is_(None))
    return db.execute(query.order_by(signing_keys.c.created_at.desc()).limit(1)).one_or_none()


def find_signing_key(kid: UUID) -> db.AnyRow | None:
    """Return the key with an id, unless it is retired."""
    query = select(signing_keys).where(signing_keys.c.kid == kid, signing_keys.c.retired_at.is_(None))
    return db.execute(query).one_or_none()


def signing_keys_of(client_id: UUID, *, retired: bool = False) -> Sequence[db.AnyRow]:
    """Return the keys that a client's tokens may be signed with, and those that they were signed with once."""
    query = select(signing_keys.c.kid, signing_keys.c.public_key).where(signing_keys.c.client_id == client_id)
    query = query if retired else query.where(signing_keys.c.retired_at.is_(None))
    return db.execute(query.order_by(signing_keys.c.created_at.desc())).all()


def signing_keys_after(kid: UUID | None, *, limit: int, held: bool = False) -> Sequence[db.AnyRow]:
    """Return the next keys of all clients by their ids, retired ones too; `held` until the unit of work ends."""
    columns = signing_keys.c
    query = select(columns.kid, columns.client_id, columns.private_key).order_by(columns.kid).limit(limit)
    query = query if kid is None else query.where(columns.kid > kid)
    return db.execute(query.with_for_update() if held else query).all()


def replace_private_keys(sealed: Mapping[UUID, bytes]) -> None:
    """Put private keys in place that were sealed anew."""
    if sealed:
        statement = update(signing_keys).where(signing_keys.c.kid == bindparam("of_kid"))
        statement = statement.values(private_key=bindparam("sealed"))
        db.execute(statement, [{"of_kid": kid, "sealed": value} for kid, value in sealed.items()])


def _of_user(client_id: UUID, user_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return sessions.c.client_id == client_id, or_(sessions.c.user_id == user_id, sessions.c.impersonator_id == user_id)


def _token(row: db.AnyRow | None) -> RefreshToken | None:
    return None if row is None else RefreshToken(*row)
