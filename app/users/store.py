"""UserDirectory: all SQL over one client's users table, its creation included."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable
from sqlalchemy.sql.base import Executable

from app.core import db, errors
from app.core.driver_errors import is_missing_table
from app.core.lookup import Lookup
from app.users import tables
from app.users.models import ACTIVE, DISABLED, Login, User
from app.users.tables import users

SCHEMA_VERSION = tables.SCHEMA_VERSION
fill_in_names = tables.fill_in_names
_SHOWN = [users.c[field.name] for field in fields(User)]
_BY_ID = select(*_SHOWN).where(users.c.user_id == bindparam("user_id"))
_BY_EMAIL = select(*_SHOWN).where(users.c.email == bindparam("email"))
_LOGIN_COLUMNS = (*_SHOWN, users.c.password_hash, users.c.password_version)
_LOGIN_BY_EMAIL = select(*_LOGIN_COLUMNS).where(users.c.email == bindparam("email"))
_LOGIN_BY_ID = select(*_LOGIN_COLUMNS).where(users.c.user_id == bindparam("user_id"))
_ADD_ON_POSTGRESQL = postgresql.insert(users).on_conflict_do_nothing()
_ADD_ON_SQLITE = sqlite.insert(users).on_conflict_do_nothing()
_CREATE = select(func.rowlock_create_users_table(bindparam("client", type_=Uuid)))
_DROP = select(func.rowlock_drop_users_table(bindparam("client", type_=Uuid)))
_LOGGED_IN = (
    update(users)
    .where(
        users.c.user_id == bindparam("of_user"),
        users.c.password_version == bindparam("of_version"),
        users.c.status == ACTIVE,
    )
    .values(last_login_at=bindparam("moment"))
    .returning(*_SHOWN)
)


class UserDirectory:
    """The users of one client; the only way to that client's table.

    Raises ClientNotFound where the client has no table (any more).
    """

    table = users
    """The template, for reads that join other tables (queries.py of a higher package); send them by execute()."""
    columns = tuple(_SHOWN)

    def __init__(self, client_id: UUID) -> None:
        """Bind the directory to a client."""
        self._client_id, self._digits = client_id, client_id.hex

    def execute(self, statement: Executable, parameters: db.Parameters = None) -> db.Result:
        """Send a statement over this client's table."""
        db.touches(self._digits)
        with _missing_table_is_no_client():
            return db.execute(statement, parameters, **{tables.OPTION: self._digits})

    def look_up(self, lookup: Lookup, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Return the row of a look-up over this client's table."""
        options = {tables.OPTION: self._digits}
        db.touches(self._digits)
        with _missing_table_is_no_client():
            return lookup.one(parameters, naming=lambda text: tables.named(text, self._digits), **options)

    def create_table(self) -> int:
        """Create the table and its indexes in the unit of work in force; return the version it was born at.

        On PostgreSQL only the tables' owner may, whose function does it (migrations/isolation.py).
        """
        if db.is_postgresql():
            return int(db.execute(_CREATE, {"client": self._client_id}).scalar_one())
        self.execute(CreateTable(users))
        for index in sorted(users.indexes, key=lambda index: str(index.name)):
            self.execute(CreateIndex(index))
        return SCHEMA_VERSION

    def drop_table(self) -> None:
        """Drop the table, if it is there, in the unit of work in force; on PostgreSQL only across clients."""
        if db.is_postgresql():
            db.execute(_DROP, {"client": self._client_id})
        else:
            self.execute(DropTable(users, if_exists=True))

    def add(self, values: Mapping[str, Any]) -> bool:
        """Add a user; False if the e-mail or the username is taken."""
        return self.execute(_ADD_ON_POSTGRESQL if db.is_postgresql() else _ADD_ON_SQLITE, values).rowcount == 1

    def add_many(self, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
        """Add users; return the ids of those that went in, the others' e-mail or username being taken."""
        statement = _ADD_ON_POSTGRESQL if db.is_postgresql() else _ADD_ON_SQLITE
        return set(self.execute(statement.returning(users.c.user_id), rows).scalars()) if rows else set()

    def taken(self, emails: Sequence[str], usernames: Sequence[str]) -> tuple[set[str], set[str]]:
        """Return which of some canonical e-mails, and of some usernames in lower case, users have."""
        lowered = func.lower(users.c.username)
        found = self.execute(select(users.c.email).where(users.c.email.in_(emails))).scalars()
        named = self.execute(select(lowered).where(lowered.in_(usernames))).scalars() if usernames else ()
        return set(found), set(named)

    def batch(self, *, after: UUID | None, limit: int) -> list[User]:
        """Return users in the order of their ids, those behind one."""
        query = select(*_SHOWN).order_by(users.c.user_id).limit(limit)
        return [User(*row) for row in self.execute(query if after is None else query.where(users.c.user_id > after))]

    def find(self, user_id: UUID) -> User | None:
        """Return a user."""
        return _user(self.execute(_BY_ID, {"user_id": user_id}).one_or_none())

    def find_login(self, email: str) -> Login | None:
        """Return what a login with this canonical e-mail is checked against."""
        return _login(self.execute(_LOGIN_BY_EMAIL, {"email": email}).one_or_none())

    def find_login_of(self, user_id: UUID) -> Login | None:
        """Return what a user's password is checked against."""
        return _login(self.execute(_LOGIN_BY_ID, {"user_id": user_id}).one_or_none())

    def hold_login_of(self, user_id: UUID) -> Login | None:
        """Return the same, and let no other unit of work change the user until this one ends."""
        held = select(*_LOGIN_COLUMNS).where(users.c.user_id == user_id).with_for_update()
        return _login(self.execute(held).one_or_none())

    def record_login(self, user_id: UUID, *, password_version: int, moment: datetime | None) -> User | None:
        """Note a login; None if the user is gone, no longer active or has another password since."""
        values = {"of_user": user_id, "of_version": password_version, "moment": moment}
        return _user(self.execute(_LOGGED_IN, values).one_or_none())

    def change(self, user_id: UUID, values: Mapping[str, Any]) -> User | None:
        """Change columns of a user; None if there is no such user. Raises Conflict for a taken username."""
        statement = update(users).where(users.c.user_id == user_id).values(**values).returning(*_SHOWN)
        return _user(self.execute(statement).one_or_none())

    def find_by_email(self, email: str) -> User | None:
        """Return the user with a canonical e-mail."""
        return _user(self.execute(_BY_EMAIL, {"email": email}).one_or_none())

    def prove_mailbox(
        self,
        user_id: UUID,
        *,
        email: str,
        values: Mapping[str, Any],
        password_hash: str | None,
        first: bool,
    ) -> User | None:
        """Note that a mailbox is the user's, who is active from here on, with a new password if one is given.

        None where the user is gone, disabled, or has another address by now, or where `first` is asked for in vain.
        """
        changes: dict[str, Any] = {**values, "email_verified": True, "status": ACTIVE}
        if password_hash is not None:
            changes |= {"password_hash": password_hash, "password_version": users.c.password_version + 1}
        statement = update(users).where(users.c.user_id == user_id, users.c.email == email, users.c.status != DISABLED)
        if first:
            statement = statement.where(users.c.email_verified.is_(False))
        return _user(self.execute(statement.values(**changes).returning(*_SHOWN)).one_or_none())

    def change_email(self, user_id: UUID, *, email: str, expected: str, moment: datetime) -> User | None:
        """Put a proved address in place of another; None where that is not the active user's any more.

        Raises Conflict for a taken one.
        """
        statement = update(users).where(users.c.user_id == user_id, users.c.email == expected, users.c.status == ACTIVE)
        changed = statement.values(email=email, email_verified=True, updated_at=moment)
        return _user(self.execute(changed.returning(*_SHOWN)).one_or_none())

    def has_username(self, username: str) -> bool:
        """Return whether a user has a name, in whatever case."""
        query = select(users.c.user_id).where(func.lower(users.c.username) == func.lower(username))
        return self.execute(query).first() is not None

    def replace_password(self, user_id: UUID, *, password_hash: str, expected_version: int, moment: datetime) -> bool:
        """Put a new hash in place of the one that was checked; False if another change came first."""
        statement = (
            update(users)
            .where(users.c.user_id == user_id, users.c.password_version == expected_version)
            .values(password_hash=password_hash, password_version=expected_version + 1, updated_at=moment)
        )
        return self.execute(statement).rowcount == 1

    def upgrade_hash(self, user_id: UUID, *, password_hash: str, expected_version: int) -> None:
        """Put a better hash of the same password in place; another password since is left alone."""
        statement = update(users).where(users.c.user_id == user_id, users.c.password_version == expected_version)
        self.execute(statement.values(password_hash=password_hash))

    def delete(self, user_id: UUID) -> bool:
        """Delete a user; False if there is none."""
        return self.execute(delete(users).where(users.c.user_id == user_id)).rowcount == 1

    def delete_some(self, limit: int) -> int:
        """Delete so many users, whoever they are; return how many there were."""
        some = select(users.c.user_id).limit(limit)
        return self.execute(delete(users).where(users.c.user_id.in_(some))).rowcount

    def count_active(self, role: str) -> int:
        """Return how many active users hold a role."""
        query = select(func.count()).select_from(users).where(users.c.role == role, users.c.status == ACTIVE)
        return int(self.execute(query).scalar_one())

    def count_of_role(self, role: str) -> int:
        """Return how many users hold a role, active or not."""
        query = select(func.count()).select_from(users).where(users.c.role == role)
        return int(self.execute(query).scalar_one())

    def count(self) -> int:
        """Return how many users there are."""
        return int(self.execute(select(func.count()).select_from(users)).scalar_one())


def _user(row: db.AnyRow | None) -> User | None:
    return None if row is None else User(*row)


def _login(row: db.AnyRow | None) -> Login | None:
    return None if row is None else Login(User(*row[:-2]), row.password_hash, row.password_version)


@contextlib.contextmanager
def _missing_table_is_no_client() -> Iterator[None]:
    try:
        yield
    except (ProgrammingError, OperationalError) as error:
        if is_missing_table(error):
            raise errors.ClientNotFound() from error
        raise
