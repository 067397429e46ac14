"""How PostgreSQL is made to hold every statement to the client in force (ADR 0012): roles, rights, policies, functions.

Whoever runs `flask db upgrade` owns all tables and two functions. Requests run under one of two roles that own nothing
and have no login: `rowlock_client` sees the client in force, `rowlock_across` sees all, for reasons that have a name
(app.core.isolation.Crossing). Everything here may be repeated, and changes only what is not yet so.
"""

from uuid import UUID

from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from app.core.isolation import ACROSS_ROLE, CLIENT_ROLE, SETTING
from app.core.settings import SettingsError, settings
from app.extensions import metadata
from app.users.tables import PLACEHOLDER, SCHEMA_VERSION, users

CREATING = 0x524C5554
"""The advisory lock that whoever makes a users table shares until it commits."""
_IN_FORCE = f"nullif(current_setting('{SETTING}', true), '')"
_RIGHTS_OF_CLIENT = {
    "audit_logs": "SELECT, INSERT, UPDATE (times)",  # it only grows; a refusal of the same minute is counted
    "clients": "SELECT, INSERT, UPDATE",
    "tiers": "SELECT",
    "installation": "SELECT",
}
_WHOSE = {"idempotency_keys": f"split_part(scope, '|', 1) = {_IN_FORCE}"}
"""The tables whose rows name their client in another way than by a column client_id."""
_NAME, _ID = "users_of_client", "id_of_client"
"""What stands for a users table and its client in the function that makes one."""
_ALL = "SELECT, INSERT, UPDATE, DELETE"
_POLICIES = text(
    "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced, p.polname,"
    " pg_get_expr(p.polqual, p.polrelid) AS wanted FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname = ANY(:names)"
)


def prepare(engine: Engine) -> None:
    """Make the roles and let the server use them, before anything else is asked of the database.

    Raises SettingsError with what a superuser has to run where the migrating role may not do that.
    """
    # On a connection of its own: the pool may be as small as the one that migrates.
    with create_engine(engine.url, poolclass=NullPool).begin() as connection:
        for role in (CLIENT_ROLE, ACROSS_ROLE):
            _make(connection, role)
            for member in sorted({_serving(), str(connection.execute(text("SELECT session_user")).scalar_one())}):
                _let_become(connection, member, role)


def install(connection: Connection) -> None:
    """Give the two roles their rights and every central table its policies, in the transaction of the migrations."""
    quote = connection.dialect.identifier_preparer.quote
    schema = quote(connection.execute(text("SELECT current_schema()")).scalar_one())
    both = f"{CLIENT_ROLE}, {ACROSS_ROLE}"
    connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {both}"))
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {both}"))
    for name, table in metadata.tables.items():
        whose = _WHOSE.get(name) or (f"client_id = {_IN_FORCE}::uuid" if "client_id" in table.c else None)
        rights = _RIGHTS_OF_CLIENT.get(name, _ALL if whose else None)
        if rights is not None:
            connection.execute(text(f"GRANT {rights} ON {quote(name)} TO {CLIENT_ROLE}"))
        connection.execute(text(f"GRANT {_ALL} ON {quote(name)} TO {ACROSS_ROLE}"))
        if whose is not None:
            _protect_central(connection, quote(name), whose)
    _dismiss(connection, schema)
    for statement in _functions(schema):
        connection.exec_driver_sql(statement)


def protect_users_table(connection: Connection, client_id: UUID) -> None:
    """Make an existing users table the migrating role's, and the client's alone; in the transaction in force.

    Raises SettingsError where it belongs to a role that the migrating one is no member of.
    """
    if connection.dialect.name != "postgresql":
        return
    name = f"users_{client_id.hex}"
    owner = text("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass(:name)")
    if connection.execute(owner, {"name": name}).scalar_one() != _migrating(connection):
        _take(connection, name)
    for policy in (CLIENT_ROLE, ACROSS_ROLE):
        connection.exec_driver_sql(f"DROP POLICY IF EXISTS {policy} ON {name}")
    for statement in _protection(client_id):
        connection.exec_driver_sql(statement)


def _make(connection: Connection, role: str) -> None:
    if connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first() is None:
        _as_superuser(connection, f"CREATE ROLE {role} NOLOGIN")


def _let_become(connection: Connection, member: str, role: str) -> None:
    """Let a role with a login take another one on, without having its rights before it does (PostgreSQL 16)."""
    newer = (connection.dialect.server_version_info or (0,)) >= (16,)
    able = text("SELECT pg_has_role(:member, :role, :how)")
    known = {"member": member, "role": role, "how": "SET" if newer else "MEMBER"}
    if not connection.execute(able, known).scalar_one():
        name = connection.dialect.identifier_preparer.quote(member)
        _as_superuser(connection, f"GRANT {role} TO {name}{' WITH INHERIT FALSE, SET TRUE' if newer else ''}")


def _as_superuser(connection: Connection, statement: str) -> None:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except DBAPIError as refused:
        if not isinstance(refused.orig, InsufficientPrivilege):
            raise
        raise SettingsError(
            f"The database keeps clients apart by two roles that only a role with CREATEROLE makes. Run `{statement}`"
            " as a superuser (README, Isolation, has all of it), then `flask db upgrade` again."
        ) from refused


def _protect_central(connection: Connection, name: str, whose: str) -> None:
    rows = connection.execute(_POLICIES, {"names": [name.strip('"')]}).all()
    if {row.polname for row in rows} == {CLIENT_ROLE, ACROSS_ROLE} and all(row.forced for row in rows):
        return
    # In a request's way for a moment, so only where something is missing.
    for policy, condition in ((CLIENT_ROLE, whose), (ACROSS_ROLE, "true")):
        connection.exec_driver_sql(f"DROP POLICY IF EXISTS {policy} ON {name}")
        connection.exec_driver_sql(f"CREATE POLICY {policy} ON {name} TO {policy} USING ({condition})")
    connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def _dismiss(connection: Connection, schema: str) -> None:
    """Take back what the serving role was given at a time when statements ran under itself."""
    if (serving := _serving()) == connection.execute(text("SELECT session_user")).scalar_one():
        return
    role = connection.dialect.identifier_preparer.quote(serving)
    central = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in metadata.tables)
    connection.exec_driver_sql(f"REVOKE ALL ON {central}, alembic_version FROM {role}")
    connection.exec_driver_sql(f"REVOKE ALL ON SCHEMA {schema} FROM {role}")


def _take(connection: Connection, name: str) -> None:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"ALTER TABLE {name} OWNER TO CURRENT_USER")
    except DBAPIError as refused:
        if not isinstance(refused.orig, InsufficientPrivilege):
            raise
        quote = connection.dialect.identifier_preparer.quote
        raise SettingsError(
            "Users tables belong to another role than that of MIGRATION_DATABASE_URL, which is to own them."
            f" Run `GRANT {quote(_serving())} TO {quote(_migrating(connection))}` as a superuser,"
            " then `flask db upgrade` again."
        ) from refused


def _protection(client_id: UUID | str) -> list[str]:
    """Return the statements that make a users table a client's alone."""
    table = f"users_{client_id.hex}" if isinstance(client_id, UUID) else _NAME
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {CLIENT_ROLE} ON {table} TO {CLIENT_ROLE}"
        f" USING (current_setting('{SETTING}', true) = '{client_id}')",
        f"CREATE POLICY {ACROSS_ROLE} ON {table} TO {ACROSS_ROLE} USING (true)",
        f"GRANT {_ALL} ON {table} TO {CLIENT_ROLE}, {ACROSS_ROLE}",
    ]


def _functions(schema: str) -> list[str]:
    """Return the statements that make the functions by which the serving role makes and drops users tables.

    They run with the owner's rights, whatever the caller's search_path (PostgreSQL manual, CREATE FUNCTION).
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    indexes = sorted(users.indexes, key=lambda index: str(index.name))
    made: list[ExecutableDDLElement] = [CreateTable(users), *(CreateIndex(index) for index in indexes)]
    # Under another name than the template's, which the engine's hook would look for a client of.
    plain = (str(part.compile(dialect=dialect)).strip().replace(PLACEHOLDER, _NAME) for part in made)
    ddl = ";\n".join([*plain, *_protection(_ID)])
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
        f"REVOKE ALL ON FUNCTION {create}, {drop} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {create} TO {CLIENT_ROLE}, {ACROSS_ROLE}",
        f"GRANT EXECUTE ON FUNCTION {drop} TO {ACROSS_ROLE}",
    ]


def _serving() -> str:
    """Return the role that DATABASE_URL names."""
    return str(make_url(settings().database_url).username)


def _migrating(connection: Connection) -> str:
    return str(connection.execute(text("SELECT current_user")).scalar_one())
