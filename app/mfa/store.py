"""All SQL over totp_factors, recovery_codes and mfa_guesses. Guesses count in Unix milliseconds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, case, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from app.core import db
from app.mfa.models import Factors
from app.mfa.tables import mfa_guesses as guesses
from app.mfa.tables import passkeys
from app.mfa.tables import recovery_codes as codes
from app.mfa.tables import totp_factors as totp

Owner = tuple[UUID, UUID]
"""A client and a user of it."""


def factors(client_id: UUID, user_id: UUID) -> Factors:
    """Return what a user has, in one statement."""
    confirmed = select(totp.c.confirmed_at).where(*_of(totp, client_id, user_id), totp.c.seed.is_not(None))
    registered = select(func.count()).select_from(passkeys).where(*_of(passkeys, client_id, user_id))
    left = select(func.count()).select_from(codes).where(*_of(codes, client_id, user_id), codes.c.spent_at.is_(None))
    row = db.execute(select(*(query.scalar_subquery() for query in (confirmed, registered, left)))).one()
    return Factors(*row)


def set_pending(client_id: UUID, user_id: UUID, sealed: bytes) -> None:
    """Keep a seed that its user has not confirmed; it replaces an earlier one like it, never the one in use."""
    dialect = postgresql if db.is_postgresql() else sqlite
    statement = dialect.insert(totp).values(client_id=client_id, user_id=user_id, last_step=0, pending_seed=sealed)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[totp.c.client_id, totp.c.user_id], set_={"pending_seed": sealed}
        )
    )


def find(client_id: UUID, user_id: UUID) -> db.AnyRow | None:
    """Return a user's seeds, sealed: `seed` in use and `pending_seed`, with the newest step used."""
    columns = (totp.c.seed, totp.c.pending_seed, totp.c.last_step)
    return db.execute(select(*columns).where(*_of(totp, client_id, user_id))).one_or_none()


def confirm(client_id: UUID, user_id: UUID, *, pending: bytes, step: int, now: datetime) -> bool:
    """Put a pending seed into use, its first step used; False if it is no longer the pending one."""
    statement = update(totp).where(*_of(totp, client_id, user_id), totp.c.pending_seed == pending)
    values: dict[str, Any] = {"seed": totp.c.pending_seed, "pending_seed": None, "confirmed_at": now, "last_step": step}
    return db.execute(statement.values(values)).rowcount == 1


def use_step(client_id: UUID, user_id: UUID, *, seed: bytes, step: int) -> bool:
    """Use a step of a seed up, with all before it; False if that was done. Exactly one of many callers gets it."""
    statement = update(totp).where(*_of(totp, client_id, user_id), totp.c.seed == seed, totp.c.last_step < step)
    return db.execute(statement.values(last_step=step)).rowcount == 1


def remove_totp(client_id: UUID, user_id: UUID) -> bool:
    """Delete a user's authenticator app; False if none is in use."""
    return db.execute(delete(totp).where(*_of(totp, client_id, user_id), totp.c.seed.is_not(None))).rowcount == 1


def replace_codes(client_id: UUID, user_id: UUID, digests: Sequence[bytes]) -> None:
    """Put new recovery codes in place of all there were."""
    db.execute(delete(codes).where(*_of(codes, client_id, user_id)))
    new = {"client_id": client_id, "user_id": user_id, "spent_at": None, "made_for": None}
    rows = [{**new, "digest": digest} for digest in digests]
    if rows:
        db.execute(insert(codes), rows)


def code_origins(client_id: UUID, user_id: UUID) -> list[UUID | None]:
    """Return the clients that the digests of a user's recovery codes name, if not this one: they came in a bundle."""
    return list(db.execute(select(codes.c.made_for).where(*_of(codes, client_id, user_id)).distinct()).scalars())


def spend_code(client_id: UUID, user_id: UUID, digests: Sequence[bytes], *, now: datetime) -> bool:
    """Spend a recovery code that has one of some digests; False if there is none. Only one of many callers gets it."""
    statement = update(codes).where(*_of(codes, client_id, user_id), codes.c.digest.in_(digests))
    return db.execute(statement.where(codes.c.spent_at.is_(None)).values(spent_at=now)).rowcount == 1


def reserve_guess(client_id: UUID, user_id: UUID, *, now: int, forgotten: int, most: int) -> bool:
    """Count a guess before it is looked at; False where too many were wrong and the last after `forgotten`."""
    dialect = postgresql if db.is_postgresql() else sqlite
    statement = dialect.insert(guesses).values(client_id=client_id, user_id=user_id, count=1, last_ms=now)
    void = guesses.c.last_ms <= forgotten
    counted = statement.on_conflict_do_update(
        index_elements=[guesses.c.client_id, guesses.c.user_id],
        set_={
            "count": case((void, 1), else_=guesses.c.count + 1),
            "last_ms": case((void, now), else_=guesses.c.last_ms),
        },
        where=or_(void, guesses.c.count < most),
    )
    return db.execute(counted).rowcount == 1


def note_wrong(client_id: UUID, user_id: UUID, *, now: int) -> None:
    """Let a reserved guess stand."""
    db.execute(update(guesses).where(*_of(guesses, client_id, user_id)).values(last_ms=now))


def hand_back(client_id: UUID, user_id: UUID) -> None:
    """Take back a reserved guess that was right."""
    statement = update(guesses).where(*_of(guesses, client_id, user_id), guesses.c.count > 0)
    db.execute(statement.values(count=guesses.c.count - 1))


def last_guess(client_id: UUID, user_id: UUID) -> int | None:
    """Return when a user's last wrong guess was."""
    found: int | None = db.execute(
        select(guesses.c.last_ms).where(*_of(guesses, client_id, user_id))
    ).scalar_one_or_none()
    return found


def delete_of_user(client_id: UUID, user_id: UUID) -> int:
    """Delete all that these tables keep of a user; return how many authenticator apps there were."""
    for table in (codes, guesses):
        db.execute(delete(table).where(*_of(table, client_id, user_id)))
    return db.execute(delete(totp).where(*_of(totp, client_id, user_id))).rowcount


def seeds_after(last: Owner | None, *, limit: int, held: bool = False) -> Sequence[db.AnyRow]:
    """Return the next users' sealed seeds by client and user; `held` until the unit of work ends."""
    columns = totp.c
    query = select(columns.client_id, columns.user_id, columns.seed, columns.pending_seed)
    query = query.order_by(columns.client_id, columns.user_id).limit(limit)
    if last is not None:
        query = query.where(tuple_(columns.client_id, columns.user_id) > tuple_(*_values(last)))
    return db.execute(query.with_for_update() if held else query).all()


def replace_seeds(renewed: Mapping[Owner, tuple[bytes | None, bytes | None]]) -> None:
    """Put seeds in place that were sealed anew."""
    if not renewed:
        return
    of_owner = and_(totp.c.client_id == bindparam("of_client"), totp.c.user_id == bindparam("of_user"))
    values: dict[str, Any] = {"seed": bindparam("sealed"), "pending_seed": bindparam("sealed_pending")}
    rows = [
        {"of_client": client_id, "of_user": user_id, "sealed": seed, "sealed_pending": pending}
        for (client_id, user_id), (seed, pending) in renewed.items()
    ]
    db.execute(update(totp).where(of_owner).values(values), rows)


def _of(table: Table, client_id: UUID, user_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.client_id == client_id, table.c.user_id == user_id


def _values(owner: Owner) -> tuple[ColumnElement[UUID], ...]:
    client_id, user_id = owner
    return bindparam("after_client", client_id, totp.c.client_id.type), bindparam(
        "after_user", user_id, totp.c.user_id.type
    )
