"""All SQL over passkeys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core import db
from app.mfa.passkey_models import MOST, Passkey
from app.mfa.tables import passkeys

_PASSKEY = [passkeys.c[name] for name in Passkey.__slots__]
_USE = (
    update(passkeys)
    .where(
        passkeys.c.passkey_id == bindparam("used"),
        # A count that never moves from 0 is an authenticator that keeps none (WebAuthn L3, 6.1.1).
        or_(
            passkeys.c.sign_count < bindparam("counted"),
            and_(passkeys.c.sign_count == 0, bindparam("counted", type_=passkeys.c.sign_count.type) == 0),
        ),
    )
    .values(sign_count=bindparam("counted"), backed_up=bindparam("is_backed_up"), last_used_at=bindparam("now"))
)


def add(values: dict[str, Any]) -> bool:
    """Add a passkey; False if its client has one with this credential id."""
    insert = postgresql.insert if db.is_postgresql() else sqlite.insert
    return db.execute(insert(passkeys).on_conflict_do_nothing().values(**values)).rowcount == 1


def of_user(client_id: UUID, user_id: UUID) -> list[Passkey]:
    """Return a user's passkeys, oldest first."""
    query = select(*_PASSKEY).where(passkeys.c.client_id == client_id, passkeys.c.user_id == user_id)
    return [Passkey(*row) for row in db.execute(query.order_by(passkeys.c.passkey_id).limit(MOST))]


def find(client_id: UUID, user_id: UUID, passkey_id: UUID) -> Passkey | None:
    """Return one of a user's passkeys."""
    query = select(*_PASSKEY).where(passkeys.c.client_id == client_id, passkeys.c.user_id == user_id)
    row = db.execute(query.where(passkeys.c.passkey_id == passkey_id)).one_or_none()
    return None if row is None else Passkey(*row)


def find_credential(client_id: UUID, credential_id: bytes) -> Passkey | None:
    """Return the passkey of a client with a credential id."""
    query = select(*_PASSKEY).where(passkeys.c.client_id == client_id, passkeys.c.credential_id == credential_id)
    row = db.execute(query).one_or_none()
    return None if row is None else Passkey(*row)


def note_use(passkey_id: UUID, *, sign_count: int, backed_up: bool, now: datetime) -> bool:
    """Move a passkey's count on; False if it does not rise."""
    values = {"used": passkey_id, "counted": sign_count, "is_backed_up": backed_up, "now": now}
    return db.execute(_USE, values).rowcount == 1


def rename(client_id: UUID, user_id: UUID, passkey_id: UUID, name: str) -> Passkey | None:
    """Give one of a user's passkeys another name."""
    statement = update(passkeys).where(passkeys.c.client_id == client_id, passkeys.c.user_id == user_id)
    statement = statement.where(passkeys.c.passkey_id == passkey_id).values(name=name)
    row = db.execute(statement.returning(*_PASSKEY)).one_or_none()
    return None if row is None else Passkey(*row)


def remove(client_id: UUID, user_id: UUID, passkey_id: UUID) -> bool:
    """Delete one of a user's passkeys; False if there is none."""
    statement = delete(passkeys).where(passkeys.c.client_id == client_id, passkeys.c.user_id == user_id)
    return db.execute(statement.where(passkeys.c.passkey_id == passkey_id)).rowcount == 1


def delete_of_user(client_id: UUID, user_id: UUID) -> int:
    """Delete all of a user's passkeys; return how many there were."""
    statement = delete(passkeys).where(passkeys.c.client_id == client_id, passkeys.c.user_id == user_id)
    return db.execute(statement).rowcount
