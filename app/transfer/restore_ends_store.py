"""All SQL of a restoring over what hangs on users and clients: keys, roles, and all that ends."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from app.codes.tables import one_time_codes
from app.core import db
from app.keys.tables import keys
from app.mfa.tables import mfa_guesses
from app.roles.tables import roles
from app.sessions.tables import sessions, tokens
from app.transfer.row_forms import Values
from app.user_management.import_tables import user_imports
from app.users.store import UserDirectory

_AT_ONCE = 500


def keys_of(client_id: UUID, *, held: bool = False) -> list[Values]:
    """Return all keys of a client; `held` until the unit of work ends, in the order in which everybody holds them."""
    query = select(keys).where(keys.c.client_id == client_id).order_by(keys.c.key_id)
    return [_plain(row) for row in db.execute(query.with_for_update() if held else query)]


def replace_keys(gone: Sequence[UUID], rows: Sequence[Values]) -> int:
    """Delete keys and add others; return how many could not be added, their id or digest being another client's."""
    for start in range(0, len(gone), _AT_ONCE):
        db.execute(delete(keys).where(keys.c.key_id.in_(gone[start : start + _AT_ONCE])))
    dialect = postgresql if db.is_postgresql() else sqlite
    adding = dialect.insert(keys).on_conflict_do_nothing().returning(keys.c.key_id)
    added = len(db.execute(adding, list(rows)).all()) if rows else 0
    return len(rows) - added


def roles_of(client_id: UUID) -> list[Values]:
    """Return the rows of a client's roles."""
    return [dict(row._mapping) for row in db.execute(select(roles).where(roles.c.client_id == client_id))]


def replace_roles(client_id: UUID, rows: Sequence[Values]) -> None:
    """Put other rows in place of a client's roles; of no client are there more than some hundred."""
    db.execute(delete(roles).where(roles.c.client_id == client_id))
    if rows:
        db.execute(insert(roles), list(rows))


def delete_codes(client_id: UUID) -> None:
    """Delete the one-time codes of a client."""
    db.execute(delete(one_time_codes).where(one_time_codes.c.client_id == client_id))


def delete_imports(client_id: UUID) -> None:
    """Forget how far files of users were read: what was read is gone, and the next run is to begin anew."""
    db.execute(delete(user_imports).where(user_imports.c.client_id == client_id))


def delete_of_nobody(client_id: UUID) -> None:
    """Delete sessions, tokens and guesses of users who are not there, once the users are in place.

    Tokens go first, as long as there are any: a refresh that was under way when some were deleted has left a successor,
    which only a new statement sees.
    """
    directory = UserDirectory(client_id)
    of_token = _of_nobody(tokens, tokens.c.user_id)
    while directory.execute(delete(tokens).where(tokens.c.client_id == client_id, of_token)).rowcount:
        pass
    acts = sessions.c.impersonator_id.is_not(None) & _of_nobody(sessions, sessions.c.impersonator_id)
    of_session = or_(_of_nobody(sessions, sessions.c.user_id), acts)
    directory.execute(delete(sessions).where(sessions.c.client_id == client_id, of_session))
    of_guess = _of_nobody(mfa_guesses, mfa_guesses.c.user_id)
    directory.execute(delete(mfa_guesses).where(mfa_guesses.c.client_id == client_id, of_guess))


def _of_nobody(table: Table, user_id: ColumnElement[Any]) -> ColumnElement[bool]:
    users = UserDirectory.table
    return ~select(users.c.user_id).where(users.c.user_id == user_id).correlate(table).exists()


def _plain(row: db.AnyRow) -> Values:
    """Return a row that compares: a driver may give bytes as a view of memory."""
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row._mapping.items()}
