"""What an isolation report asks of the database: reads over everybody's tables, and writes that must be refused."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Table, exists, func, insert, literal, select, text, union_all
from sqlalchemy.exc import DBAPIError

from app.clients.models import ERASING
from app.clients.tables import clients
from app.core import db
from app.core.ids import new_id
from app.core.isolation import ACROSS_ROLE, CLIENT_ROLE
from app.extensions import metadata
from app.roles.tables import roles
from app.users.store import UserDirectory

_USERS = "users"
_NOT_ALLOWED = "42501"
"""PostgreSQL's insufficient_privilege: a policy refuses a row with it."""
_TABLES = """
SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
  pg_get_userbyid(c.relowner) AS owner,
  (SELECT json_agg(json_build_array(p.polname, p.polcmd, p.polpermissive,
      ARRAY(SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r) END FROM unnest(p.polroles) r),
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ORDER BY p.polname)
    FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
  (SELECT json_agg(json_build_array(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END,
      a.privilege_type, a.is_grantable))
    FROM aclexplode(c.relacl) a) AS granted,
  (SELECT json_agg(json_build_array(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END,
      a.privilege_type || ' (' || t.attname || ')', a.is_grantable))
    FROM pg_attribute t CROSS JOIN aclexplode(t.attacl) a
    WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL) AS granted_on_columns
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  AND (c.relname = ANY(:names) OR (:everybodys AND c.relname ~ '^users_[0-9a-f]{32}$'))
  AND c.relname > :after
ORDER BY c.relname LIMIT :most
"""
_AT_ONCE = 1_000
"""Tables of one catalogue statement: at 10,000 clients a single one would come near the limit of five seconds."""
_ROLES = """
SELECT rolname AS name, rolsuper AS superuser, rolbypassrls AS bypasses, rolcanlogin AS logs_in,
  rolname = session_user AS serves,
  (SELECT count(*) FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid
     AND d.deptype = 'o' AND d.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) AS owns,
  (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid) AS member_of,
  ARRAY(SELECT pg_get_userbyid(m.member)::text FROM pg_auth_members m WHERE m.roleid = r.oid
     AND coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, false)) AS inherited_by,
  has_schema_privilege(r.oid, current_schema(), 'CREATE') AS makes_tables
FROM pg_roles r WHERE rolname = ANY(:names) OR rolname = session_user
"""
_FUNCTIONS = """
SELECT p.oid::regprocedure::text AS name, pg_get_userbyid(p.proowner) AS owner, p.proconfig AS settings,
  (SELECT json_agg(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END)
    FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a) AS callers
FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.prosecdef
"""
_VIEWS = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('v', 'm', 'f')
  AND (has_table_privilege(:client, c.oid, 'SELECT') OR has_table_privilege(:across, c.oid, 'SELECT'))
"""


def probes(prefix: str, *, made_before: datetime) -> list[tuple[UUID, str]]:
    """Return the clients whose slugs begin so, made before a moment, with their slugs."""
    query = select(clients.c.client_id, clients.c.slug).where(clients.c.slug.startswith(prefix, autoescape=True))
    return [(row.client_id, row.slug) for row in db.execute(query.where(clients.c.created_at < made_before))]


def of_clients() -> list[Table]:
    """Return the central tables whose rows say whose they are, that of the clients among them."""
    return [table for table in metadata.sorted_tables if "client_id" in table.c]


def rows_of(client_id: UUID, *, without: Iterable[str]) -> dict[str, list[str]]:
    """Return every row of a client as text, by table; `without` names tables to leave out."""
    left_out = set(without)
    found = {
        table.name: [_line(row) for row in db.execute(select(table).where(table.c.client_id == client_id))]
        for table in of_clients()
        if table.name not in left_out
    }
    found[_USERS] = [_line(row) for row in UserDirectory(client_id).execute(select(UserDirectory.table))]
    return found


def rows_in_reach(client_id: UUID) -> dict[str, int]:
    """Return how many rows of a client the scope in force reaches, by table; the users table is asked by its name."""
    parts = [
        select(literal(table.name).label("name"), func.count().label("number"))
        .select_from(table)
        .where(table.c.client_id == client_id)
        for table in of_clients()
    ]
    found = {row.name: row.number for row in db.execute(union_all(*parts))}
    return found | {_USERS: UserDirectory(client_id).count()}


def insert_for(client_id: UUID, *, moment: datetime) -> int:
    """Add a row to a client's central rows and return how many there were: none where the database refuses it.

    For a try that must be refused, in a unit of work that is rolled back.
    """
    row = {"client_id": client_id, "name": f"try-{new_id().hex}"[:32], "permissions": []}
    try:
        return db.execute(insert(roles).values(**row, created_at=moment, updated_at=moment)).rowcount
    except DBAPIError as refused:
        if getattr(refused.orig, "pgcode", None) != _NOT_ALLOWED:
            raise
        return 0


def change_users(client_id: UUID, *, moment: datetime) -> int:
    """Change every row of a client's users table; return how many there were. For a try, as insert_for() is."""
    table = UserDirectory.table
    return UserDirectory(client_id).execute(table.update().values(updated_at=moment)).rowcount


def clients_after(last: UUID | None, *, limit: int) -> list[UUID]:
    """Return the next clients by their ids; one that is being erased may have lost its table already."""
    query = select(clients.c.client_id).where(clients.c.status != ERASING).order_by(clients.c.client_id).limit(limit)
    return list(db.execute(query if last is None else query.where(clients.c.client_id > last)).scalars())


def unknown_clients(table: Table) -> int:
    """Return how many clients a table's rows name that do not exist.

    From one client to the next by an index, where there is one: the cost is that of the clients, not of their rows.
    """
    named = _next_by_index(table) if _has_index(table) else select(table.c.client_id).distinct().subquery()
    unknown = named.c.client_id.is_not(None) & ~exists().where(clients.c.client_id == named.c.client_id)
    return int(db.execute(select(func.count()).select_from(named).where(unknown)).scalar_one())


def _next_by_index(table: Table) -> CTE:
    first = select(table.c.client_id).order_by(table.c.client_id).limit(1).scalar_subquery()
    named = select(first.label("client_id")).cte("named", recursive=True)
    others = table.alias()
    following = select(others.c.client_id).where(others.c.client_id > named.c.client_id)
    step = select(following.order_by(others.c.client_id).limit(1).correlate(named).scalar_subquery())
    return named.union_all(step.where(named.c.client_id.is_not(None)))


def _has_index(table: Table) -> bool:
    """Whether a table has an index over all its rows that begins with their client."""
    whole = [index for index in table.indexes if index.dialect_options["postgresql"]["where"] is None]
    begin = [list(table.primary_key.columns)[:1], *(list(index.columns)[:1] for index in whole)]
    return any(column is table.c.client_id for columns in begin for column in columns)


def catalogue_of_tables(names: Iterable[str], *, everybodys: bool) -> Iterator[dict[str, Any]]:
    """Yield what the catalogue says of tables: of those named and, if `everybodys`, of every users table."""
    terms = {"names": list(names), "everybodys": everybodys, "after": "", "most": _AT_ONCE}
    while True:
        found = [dict(row) for row in db.execute(text(_TABLES), terms).mappings()]
        yield from found
        if len(found) < _AT_ONCE:
            return
        terms["after"] = found[-1]["name"]


def catalogue_of_roles() -> list[dict[str, Any]]:
    """Return what the catalogue says of the roles that statements run under, and of the one that logs in."""
    return [dict(row) for row in db.execute(text(_ROLES), {"names": [CLIENT_ROLE, ACROSS_ROLE]}).mappings()]


def catalogue_of_functions() -> list[dict[str, Any]]:
    """Return the functions of the schema that run with their owner's rights."""
    return [dict(row) for row in db.execute(text(_FUNCTIONS)).mappings()]


def views() -> list[str]:
    """Return the views and foreign tables that the two roles may read: policies do not reach behind them."""
    return list(db.execute(text(_VIEWS), {"client": CLIENT_ROLE, "across": ACROSS_ROLE}).scalars())


def schema() -> str:
    """Return the name of the schema that everything is in."""
    return str(db.execute(text("SELECT current_schema()")).scalar_one())


def _line(row: db.AnyRow) -> str:
    return str([bytes(value) if isinstance(value, memoryview) else value for value in row])
