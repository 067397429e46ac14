"""What PostgreSQL itself holds statements to, read back from its catalogue and compared with what it should be.

The expectations are written down here a second time, apart from the migrations that make it so: a mistake there is
found here. PostgreSQL's own spelling of an expression is compared, so every other one is found.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from app.core.isolation import ACROSS_ROLE, CLIENT_ROLE
from app.extensions import metadata
from app.isolation import queries
from app.isolation.models import Check

_SETTING = "current_setting('rowlock.client_id'::text, true)"
_OF_COLUMN = f"(client_id = (NULLIF({_SETTING}, ''::text))::uuid)"
_OF_SCOPE = f"(split_part((scope)::text, '|'::text, 1) = NULLIF({_SETTING}, ''::text))"
_IN_ANOTHER_WAY = {"idempotency_keys": _OF_SCOPE}
"""Tables whose rows say whose they are otherwise than by client_id."""
_BOTH = {CLIENT_ROLE, ACROSS_ROLE}
_ROWS = {"SELECT", "INSERT", "UPDATE", "DELETE"}
_LESS = {"audit_logs": {"SELECT", "INSERT", "UPDATE (times)"}}
"""What a client's statements may do less than elsewhere: its audit log only grows."""
_FUNCTIONS = {
    "rowlock_create_users_table(uuid)": _BOTH,
    "rowlock_drop_users_table(uuid)": {ACROSS_ROLE},
}


def checks_of_tables(*, of_client: UUID | None = None) -> list[Check]:
    """Compare the tables' protection and rights: of the central ones, and of one client's users table or of all."""
    missing = {*metadata.tables} if of_client is None else {*metadata.tables, _users_table(of_client)}
    policies = Check(
        "database.policies", "Row-level security is on and forced on every table, with our policies alone."
    )
    grants = Check("database.grants", "Nobody but the owner and the two roles has rights on a table, and they no more.")
    policies.private = grants.private = of_client is None
    for table in queries.catalogue_of_tables(sorted(missing), everybodys=of_client is None):
        policies.count("users_tables" if table["name"].startswith("users_") else "central_tables")
        for wrong in (*_wrong_policies(table), *_additions(table)):
            policies.fail(f"{table['name']}: {wrong}")
        for wrong in _wrong_grants(table):
            grants.fail(f"{table['name']}: {wrong}")
        grants.count("tables")
        missing.discard(table["name"])
    for name in sorted(missing):
        policies.fail(f"{name}: there is no such table")
    return [policies, grants]


def checks_of_roles() -> list[Check]:
    """Compare the roles, the functions that run as the owner, and what policies do not reach."""
    roles = Check("database.roles", "The roles that statements run under own nothing and pass over nothing.")
    functions = Check("database.functions", "Two functions alone run with the owner’s rights, on a path of their own.")
    found = {role["name"]: role for role in queries.catalogue_of_roles()}
    for name in sorted(_BOTH - found.keys()):
        roles.fail(f"{name}: there is no such role")
    for name, role in found.items():
        roles.count("roles")
        for wrong in _wrong_role(role):
            roles.fail(f"{name}: {wrong}")
    for other in queries.others_in_reach():
        roles.fail(f"{other}: a table or view that they may read, where no policy of ours holds")
    for one in queries.rights_by_default():
        roles.fail(f"{one['grantee']} gets {one['right']} on every table that {one['maker']} makes")
    known, schema = queries.catalogue_of_functions(), queries.schema()
    functions.count("functions", len(known))
    for name in sorted(_FUNCTIONS.keys() - {one["name"] for one in known}):
        functions.fail(f"{name}: there is no such function")
    for one in known:
        for wrong in _wrong_function(one, schema):
            functions.fail(f"{one['name']}: {wrong}")
    return [roles, functions]


def _users_table(client_id: UUID) -> str:
    return f"users_{client_id.hex}"


def _expected(name: str) -> str | None:
    """Return the condition under which a client's statements reach a row of a table; None: it is nobody's."""
    if name.startswith("users_") and name not in metadata.tables:
        return f"({_SETTING} = '{UUID(hex=name.removeprefix('users_'))}'::text)"
    if "client_id" in metadata.tables[name].c:
        return _OF_COLUMN
    return _IN_ANOTHER_WAY.get(name)


def _wrong_policies(table: dict[str, Any]) -> Iterator[str]:
    condition = _expected(table["name"])
    if condition is None:
        return
    if not table["enabled"]:
        yield "row-level security is off"
    if not table["forced"]:
        yield "row-level security is not forced, so its owner passes over it"
    wanted = {role: ["*", True, [role], told, None] for role, told in ((CLIENT_ROLE, condition), (ACROSS_ROLE, "true"))}
    found = {name: parts for name, *parts in table["policies"] or ()}
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield f"the policy {name} is missing"
        elif name not in wanted:
            yield f"the policy {name} is not ours"
        elif found[name] != wanted[name]:
            yield f"the policy {name} is another than it should be"


def _additions(table: dict[str, Any]) -> Iterator[str]:
    for kind in ("trigger", "rule"):
        for name in table[f"{kind}s"] or ():
            yield f"the {kind} {name} is not ours"


def _wrong_grants(table: dict[str, Any]) -> Iterator[str]:
    if table["owner"] in _BOTH:
        yield f"{table['owner']} owns it"
    of_client = _ROWS if _expected(table["name"]) is not None else {"SELECT"}
    allowed = {CLIENT_ROLE: _LESS.get(table["name"], of_client), ACROSS_ROLE: _ROWS}
    for grantee, right, may_grant in [*(table["granted"] or ()), *(table["granted_on_columns"] or ())]:
        if grantee == table["owner"]:
            continue
        if grantee not in allowed:
            yield f"{grantee} has {right}"
        elif may_grant:
            yield f"{grantee} may hand {right} on"
        elif right not in allowed[grantee]:
            yield f"{grantee} has {right}, which is too much"


def _wrong_role(role: dict[str, Any]) -> Iterator[str]:
    if role["superuser"]:
        yield "it is a superuser"
    if role["bypasses"]:
        yield "it passes over row-level security (BYPASSRLS)"
    if role["name"] not in _BOTH:
        return
    if role["logs_in"]:
        yield "it can log in"
    if role["owns"]:
        yield f"it owns {role['owns']} things"
    if role["member_of"]:
        yield "it is a member of other roles"
    if role["makes_tables"]:
        yield "it may make tables"
    for member in role["inherited_by"]:
        yield f"{member} has its rights without taking it on"


def _wrong_function(one: dict[str, Any], schema: str) -> Iterator[str]:
    wanted = _FUNCTIONS.get(one["name"])
    if wanted is None:
        yield "it is not ours"
        return
    if [text.replace('"', "") for text in one["settings"] or ()] != [f"search_path={schema}, pg_temp"]:
        yield "its search_path is another than it should be"
    if not one["as_made"]:
        yield "its body is another than `flask db upgrade` made"
    if one["owner"] in _BOTH:
        yield f"{one['owner']} owns it"
    for caller in sorted(set(one["callers"]) - wanted - {one["owner"]}):
        yield f"{caller} may call it"
