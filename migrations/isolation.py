"""How PostgreSQL is made to hold every statement to the client in force (ADR 0012): roles, rights, policies, functions.

Whoever runs `flask db upgrade` owns all tables and two functions. Requests run under one of two roles that own nothing
and have no login: `rowlock_client` sees the client in force, `rowlock_across` sees all, for reasons that have a name
(app.core.isolation.Crossing). Everything here may be repeated, and changes only what is not yet so.
"""

from collections.abc import Collection
from uuid import UUID

from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from app.core.isolation import ACROSS_ROLE, CLIENT_ROLE, SETTING
from app.core.settings import SettingsError
from app.users.tables import PLACEHOLDER, SCHEMA_VERSION, users
from migrations import protection

CREATING = 0x524C5554
"""The advisory lock that whoever makes a users table shares until it commits."""
_BOTH = f"{CLIENT_ROLE}, {ACROSS_ROLE}"
_IN_FORCE = f"nullif(current_setting('{SETTING}', true), '')"
_NAME, _ID = "users_of_client", "id_of_client"
"""What stands for a users table and its client in the function that makes one."""

_BODIES = text(
    "INSERT INTO installation (name, value)"
    " SELECT 'body of ' || proname, sha256(convert_to(prosrc, 'UTF8')) FROM pg_proc"
    " WHERE pronamespace = current_schema()::regnamespace"
    " AND proname IN ('rowlock_create_users_table', 'rowlock_drop_users_table')"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
"""Notes what the functions were made of: an isolation report finds another body."""


def prepare(engine: Engine) -> None:
    """Make the roles and let the server use them, before anything else is asked of the database.

    Raises SettingsError with all that a superuser has to run where the migrating role may not do that.
    """
    # On a connection of its own: the pool may be as small as the one that migrates.
    with create_engine(engine.url, poolclass=NullPool).begin() as connection:
        members = sorted({protection.serving_role(), str(connection.execute(text("SELECT session_user")).scalar_one())})
        refused = [one for role in (CLIENT_ROLE, ACROSS_ROLE) for one in _refused(connection, role, members)]
        if refused:
            raise SettingsError(
                "The database keeps clients apart by two roles that only a role with CREATEROLE makes. Run"
                f" `{'; '.join(refused)}` as a superuser (README, Deploy), then `flask db upgrade` again."
            )


def install(connection: Connection) -> None:
    """Give the two roles their rights and every central table its policies, in the transaction of the migrations.

    Whatever somebody has changed of them since the last upgrade is made anew.
    """
    quote = connection.dialect.identifier_preparer.quote
    schema = quote(connection.execute(text("SELECT current_schema()")).scalar_one())
    connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {_BOTH}"))
    wanted = protection.of_central_tables()
    for table in protection.found(connection, wanted):
        for statement in protection.mended(connection, table, wanted[table.name]):
            connection.exec_driver_sql(statement)
    _dismiss(connection, schema)
    for statement in _functions(schema):
        connection.exec_driver_sql(statement)
    connection.execute(_BODIES)


def protect_users_table(connection: Connection, client_id: UUID) -> None:
    """Make an existing users table the migrating role's, and the client's alone; in the transaction in force.

    Raises SettingsError where it belongs to a role that the migrating one is no member of.
    """
    if connection.dialect.name != "postgresql":
        return
    for table in protection.found(connection, [f"users_{client_id.hex}"]):
        if not table.is_own:
            _take(connection, table.name)
        for statement in protection.mended(connection, table, protection.of_users_table(client_id)):
            connection.exec_driver_sql(statement)


def _refused(connection: Connection, role: str, members: Collection[str]) -> list[str]:
    """Make a role and let its members take it on; return the statements that we may not carry out."""
    refused = []
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first() is not None
    if not known and not (known := _may(connection, create := f"CREATE ROLE {role} NOLOGIN")):
        refused.append(create)
    for member in members:
        statement = _grant(connection, member, role)
        if not known or not (_may_become(connection, member, role) or _may(connection, statement)):
            refused.append(statement)
    return refused


def _may_become(connection: Connection, member: str, role: str) -> bool:
    able = text("SELECT pg_has_role(:member, :role, :how)")
    how = "SET" if _knows_set(connection) else "MEMBER"
    return bool(connection.execute(able, {"member": member, "role": role, "how": how}).scalar_one())


def _grant(connection: Connection, member: str, role: str) -> str:
    """Return what lets a role with a login take another one on, without having its rights before it does."""
    name = connection.dialect.identifier_preparer.quote(member)
    return f"GRANT {role} TO {name}{' WITH INHERIT FALSE, SET TRUE' if _knows_set(connection) else ''}"


def _knows_set(connection: Connection) -> bool:
    return (connection.dialect.server_version_info or (0,)) >= (16,)


def _may(connection: Connection, statement: str) -> bool:
    """Carry a statement out; False if the database refuses it to the migrating role."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except DBAPIError as refused:
        if not isinstance(refused.orig, InsufficientPrivilege):
            raise
        return False
    return True


def _dismiss(connection: Connection, schema: str) -> None:
    """Take back what the serving role was given in the schema when statements ran under itself, and what makes tables.

    Its rights on tables are taken back with all others that are too many.
    """
    connection.exec_driver_sql(f"REVOKE CREATE ON SCHEMA {schema} FROM {_BOTH}")
    if (serving := protection.serving_role()) != connection.execute(text("SELECT session_user")).scalar_one():
        role = connection.dialect.identifier_preparer.quote(serving)
        connection.exec_driver_sql(f"REVOKE ALL ON SCHEMA {schema} FROM {role}")


def _take(connection: Connection, name: str) -> None:
    if _may(connection, f"ALTER TABLE {name} OWNER TO CURRENT_USER"):
        return
    quote = connection.dialect.identifier_preparer.quote
    migrating = str(connection.execute(text("SELECT current_user")).scalar_one())
    raise SettingsError(
        "Users tables belong to another role than that of MIGRATION_DATABASE_URL, which is to own them."
        f" Run `GRANT {quote(protection.serving_role())} TO {quote(migrating)}` as a superuser,"
        " then `flask db upgrade` again."
    )


def _functions(schema: str) -> list[str]:
    """Return the statements that make the functions by which the serving role makes and drops users tables.

    They run with the owner's rights, whatever the caller's search_path (PostgreSQL manual, CREATE FUNCTION).
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    indexes = sorted(users.indexes, key=lambda index: str(index.name))
    made: list[ExecutableDDLElement] = [CreateTable(users), *(CreateIndex(index) for index in indexes)]
    # Under another name than the template's, which the engine's hook would look for a client of.
    plain = (str(part.compile(dialect=dialect)).strip().replace(PLACEHOLDER, _NAME) for part in made)
    ddl = ";\n".join([*plain, *protection.made(_NAME, protection.of_users_table(_ID))])
    create, drop = "rowlock_create_users_table(client uuid)", "rowlock_drop_users_table(client uuid)"
    runs_as_owner = f"LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp"
    return [
        f"""CREATE OR REPLACE FUNCTION {create} RETURNS integer {runs_as_owner} AS $made$
BEGIN
    IF current_setting('role') <> '{ACROSS_ROLE}' AND {_IN_FORCE} IS DISTINCT FROM client::text THEN
        RAISE insufficient_privilege USING MESSAGE = 'a client makes its own users table alone';
    END IF;
    PERFORM pg_advisory_xact_lock_shared({CREATING});
    EXECUTE replace(replace($ddl${ddl}$ddl$, '{_NAME}', 'users_' || replace(client::text, '-', '')),
                    '{_ID}', client::text);
    RETURN {SCHEMA_VERSION};
END $made$""",
        f"""CREATE OR REPLACE FUNCTION {drop} RETURNS void {runs_as_owner} AS $made$
BEGIN
    EXECUTE 'DROP TABLE IF EXISTS ' || quote_ident('users_' || replace(client::text, '-', ''));
END $made$""",
        f"REVOKE ALL ON FUNCTION {create}, {drop} FROM PUBLIC, {_BOTH}",
        f"GRANT EXECUTE ON FUNCTION {create} TO {_BOTH}",
        f"GRANT EXECUTE ON FUNCTION {drop} TO {ACROSS_ROLE}",
    ]
