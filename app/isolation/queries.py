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
    WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL) AS granted_on_columns,
  CASE WHEN c.relhastriggers THEN ARRAY(SELECT t.tgname::text FROM pg_trigger t
    WHERE t.tgrelid = c.oid AND NOT t.tgisinternal ORDER BY 1) END AS triggers,
  CASE WHEN c.relhasrules THEN ARRAY(SELECT r.rulename::text FROM pg_rewrite r
    WHERE r.ev_class = c.oid ORDER BY 1) END AS rules
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
    FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a) AS callers,
  (SELECT i.value = sha256(convert_to(p.prosrc, 'UTF8')) FROM installation i
    WHERE i.name = 'body of ' || p.proname) AS as_made
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (n.nspname = current_schema() OR has_function_privilege(:client, p.oid, 'EXECUTE')
    OR has_function_privilege(:across, p.oid, 'EXECUTE'))
ORDER BY 1
"""
_OTHERS = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT (n.nspname = current_schema() AND c.relkind IN ('r', 'p')
    AND (c.relname = ANY(:known) OR c.relname ~ '^users_[0-9a-f]{32}$'))
  AND NOT EXISTS (SELECT 1 FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND (has_any_column_privilege(:client, c.oid, 'SELECT') OR has_any_column_privilege(:across, c.oid, 'SELECT'))
ORDER BY 1
"""
"""What PUBLIC may read, the two roles may; what an extension brings is not made of anybody's rows."""
_BY_DEFAULT = """
SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END AS grantee,
  a.privilege_type AS right, pg_get_userbyid(d.defaclrole) AS maker
FROM pg_default_acl d CROSS JOIN aclexplode(d.defaclacl) a
WHERE d.defaclobjtype = 'r' AND a.grantee IN (0, to_regrole(:client), to_regrole(:across)) ORDER BY 1, 2, 3
"""
_BOTH = {"client": CLIENT_ROLE, "across": ACROSS_ROLE}


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


def tables_in_reach(client_id: UUID) -> list[str]:
    """Return the tables in which the scope in force reaches a row of a client; the users table is asked by its name.

    The first row answers, so that a client of many rows costs no more than one of few.
    """
    parts = [
        select(literal(table.name).label("name")).where(exists().where(table.c.client_id == client_id))
        for table in of_clients()
    ]
    found = list(db.execute(union_all(*parts)).scalars())
    users = select(literal(_USERS)).select_from(UserDirectory.table).limit(1)
    return [*found, *UserDirectory(client_id).execute(users).scalars()]


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
    """Return the functions that run with their owner's rights: of the schema, and those elsewhere that are in reach."""
    return [dict(row) for row in db.execute(text(_FUNCTIONS), _BOTH).mappings()]


def others_in_reach() -> list[str]:
    """Return the tables and views of any schema that the two roles may read beside ours, where no policy of ours is."""
    known = [*metadata.tables, "alembic_version"]
    return list(db.execute(text(_OTHERS), {**_BOTH, "known": known}).scalars())


def rights_by_default() -> list[dict[str, Any]]:
    """Return the rights that PUBLIC or the two roles would get on tables that are yet to be made."""
    return [dict(row) for row in db.execute(text(_BY_DEFAULT), _BOTH).mappings()]


def schema() -> str:
    """Return the name of the schema that everything is in."""
    return str(db.execute(text("SELECT current_schema()")).scalar_one())


def _line(row: db.AnyRow) -> str:
    return str([bytes(value) if isinstance(value, memoryview) else value for value in row])
