"""What keeps a table's rows their clients' own on PostgreSQL, compared with what its catalogue has.

Conditions are in PostgreSQL's own spelling, so that what a policy was made with is what is read back: whatever is
otherwise is made anew, and where nothing is, no statement runs and no lock is taken.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from app.core.isolation import ACROSS_ROLE, CLIENT_ROLE, SETTING
from app.core.settings import settings
from app.extensions import metadata

_PUBLIC = "PUBLIC"
_IN_FORCE = f"NULLIF(current_setting('{SETTING}'::text, true), ''::text)"
_WHOSE = {"idempotency_keys": f"(split_part((scope)::text, '|'::text, 1) = {_IN_FORCE})"}
"""The tables whose rows name their client in another way than by a column client_id."""
_ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
_RIGHTS_OF_CLIENT = {
    "audit_logs": ("SELECT", "INSERT", "UPDATE (times)"),  # it only grows; a refusal of the same minute is counted
    "clients": ("SELECT", "INSERT", "UPDATE"),
    "tiers": ("SELECT",),
    "installation": ("SELECT",),
}
_TABLES = text("""
SELECT c.relname AS name, c.relowner = current_user::regrole AS is_own,
  c.relrowsecurity AND c.relforcerowsecurity AS is_forced,
  (SELECT json_agg(json_build_array(p.polname, p.polcmd, p.polpermissive,
      ARRAY(SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r) END FROM unnest(p.polroles) r),
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)))
    FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
  (SELECT json_agg(json_build_array(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END,
      a.privilege_type || a.of_column, a.is_grantable))
    FROM (SELECT '' AS of_column, t.* FROM aclexplode(c.relacl) t
      UNION ALL SELECT ' (' || f.attname || ')', t.* FROM pg_attribute f CROSS JOIN aclexplode(f.attacl) t
        WHERE f.attrelid = c.oid AND f.attacl IS NOT NULL) a
    WHERE a.grantee <> c.relowner) AS granted
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname = ANY(:names)
ORDER BY c.relname
""")


@dataclass(frozen=True)
class Protection:
    """What a table is to have: rights of the two roles, and when a client's statements reach a row.

    Without a condition it has no policies.
    """

    condition: str | None
    of_client: tuple[str, ...] = _ALL
    of_across: tuple[str, ...] = _ALL


@dataclass(frozen=True)
class Found:
    """A table as the catalogue has it; `is_own`: the role of this session owns it."""

    name: str
    is_own: bool
    is_forced: bool
    policies: dict[str, list[Any]]
    granted: set[tuple[str, str, bool]]


def of_central_tables() -> dict[str, Protection]:
    """Return what each central table is to have."""
    wanted = {name: _of_central(table) for name, table in metadata.tables.items()}
    return wanted | {"alembic_version": Protection(None, of_client=("SELECT",), of_across=("SELECT",))}


def of_users_table(client_id: UUID | str) -> Protection:
    """Return what a client's users table is to have."""
    return Protection(f"(current_setting('{SETTING}'::text, true) = '{client_id}'::text)")


def found(connection: Connection, names: Collection[str]) -> list[Found]:
    """Read what the catalogue has of some tables; those that are not there are left out."""
    return [
        Found(
            row.name,
            row.is_own,
            row.is_forced,
            {name: parts for name, *parts in row.policies or ()},
            {(grantee, right, may_grant) for grantee, right, may_grant in row.granted or ()},
        )
        for row in connection.execute(_TABLES, {"names": list(names)})
    ]


def made(table: str, wanted: Protection) -> list[str]:
    """Return the statements that give a new table what it is to have; its name is one that may stand in SQL."""
    return [*_policies(table, wanted), *_grants(table, wanted)]


def mended(connection: Connection, table: Found, wanted: Protection) -> list[str]:
    """Return the statements that bring a table to what it is to have; none where all is well."""
    quote = connection.dialect.identifier_preparer.quote
    name, statements = quote(table.name), []
    if wanted.condition is not None and (table.policies != _wanted_policies(wanted) or not table.is_forced):
        statements += [f"DROP POLICY {quote(policy)} ON {name}" for policy in sorted(table.policies)]
        statements += _policies(name, wanted)
    watched = {_PUBLIC, CLIENT_ROLE, ACROSS_ROLE, serving_role()}
    granted = {grant for grant in table.granted if grant[0] in watched}
    if granted != _wanted_grants(wanted):
        holders = ", ".join(who if who == _PUBLIC else quote(who) for who in sorted({grant[0] for grant in granted}))
        statements += [f"REVOKE ALL ON {name} FROM {holders} CASCADE"] if holders else []
        statements += _grants(name, wanted)
    return statements


def serving_role() -> str:
    """Return the role that DATABASE_URL names."""
    return str(make_url(settings().database_url).username)


def _of_central(table: sa.Table) -> Protection:
    condition = _WHOSE.get(table.name)
    if condition is None and "client_id" in table.c:
        condition = f"(client_id = ({_IN_FORCE})::uuid)"
    return Protection(condition, _RIGHTS_OF_CLIENT.get(table.name, () if condition is None else _ALL))


def _wanted_policies(wanted: Protection) -> dict[str, list[Any]]:
    conditions = {CLIENT_ROLE: wanted.condition, ACROSS_ROLE: "true"}
    return {role: ["*", True, [role], condition, None] for role, condition in conditions.items()}


def _wanted_grants(wanted: Protection) -> set[tuple[str, str, bool]]:
    rights = {CLIENT_ROLE: wanted.of_client, ACROSS_ROLE: wanted.of_across}
    return {(role, right, False) for role, some in rights.items() for right in some}


def _policies(name: str, wanted: Protection) -> list[str]:
    return [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {CLIENT_ROLE} ON {name} TO {CLIENT_ROLE} USING ({wanted.condition})",
        f"CREATE POLICY {ACROSS_ROLE} ON {name} TO {ACROSS_ROLE} USING (true)",
    ]


def _grants(name: str, wanted: Protection) -> list[str]:
    rights = {CLIENT_ROLE: wanted.of_client, ACROSS_ROLE: wanted.of_across}
    return [f"GRANT {', '.join(some)} ON {name} TO {role}" for role, some in rights.items() if some]
