"""Two roles on PostgreSQL: the one that migrates owns the central tables, the one that serves owns users tables.

Registration creates users tables, so the serving role owns them; of the central tables it may only use the rows.
"""

from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from app.core import db
from app.core.settings import SettingsError
from app.extensions import metadata

BATCH = 50
_STRANGE = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname ~ '^users_[0-9a-f]{32}$'"
    " AND pg_get_userbyid(c.relowner) <> :role LIMIT :batch"
)


def let_serve(connection: Connection) -> None:
    """Give the role of DATABASE_URL what serving takes, in the transaction of the migrations."""
    quote = connection.dialect.identifier_preparer.quote
    role, schema = quote(_serving()), quote(connection.execute(text("SELECT current_schema()")).scalar_one())
    central = ", ".join(quote(name) for name in metadata.tables)
    connection.execute(text(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {role}"))
    connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {central} TO {role}"))
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {role}"))


def hand_over(engine: Engine) -> None:
    """Give the serving role the users tables of a time when another role served; batch by batch, to hold few locks."""
    role = _serving()
    quote = engine.dialect.identifier_preparer.quote
    while True:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '3s'"))
            names = connection.execute(_STRANGE, {"role": role, "batch": BATCH}).scalars().all()
            for name in names:
                _give(connection, name, quote(role))
        if not names:
            return


def _give(connection: Connection, name: str, role: str) -> None:
    try:
        connection.execute(text(f"ALTER TABLE {name} OWNER TO {role}"))
    except ProgrammingError as refused:
        if not isinstance(refused.orig, InsufficientPrivilege):
            raise
        owner = connection.dialect.identifier_preparer.quote(str(connection.engine.url.username))
        raise SettingsError(
            "Users tables belong to another role than that of DATABASE_URL, which needs them."
            f" Run `GRANT {role} TO {owner}` as a superuser, then `flask db upgrade` again."
        ) from refused


def _serving() -> str:
    """Return the role that DATABASE_URL leads to."""
    with db.reading():
        return str(db.execute(text("SELECT current_user")).scalar_one())
