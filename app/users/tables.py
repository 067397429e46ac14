"""The shape of `users_<client_id as 32 hex digits>`: a template whose name is filled in as a statement is sent.

The template lives in a MetaData of its own, so autogenerate never sees it. Its placeholder is quoted by SQLAlchemy;
a hook on the engine puts the client's digits in, taken from the statement's own execution option. A statement over
the template without that option is an error: nobody can phrase a query without naming a client.
"""

import re
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Engine, Index, Integer, MetaData, String, Table, Uuid, event, func
from sqlalchemy.engine import Connection

from app.core.db import UtcDateTime

PLACEHOLDER = "users_{client}"
OPTION = "users_of"
SCHEMA_VERSION = 2
_DIGITS = re.compile(r"[0-9a-f]{32}")

users = Table(
    PLACEHOLDER,
    MetaData(),
    Column("user_id", Uuid, primary_key=True),
    Column("email", String(254), nullable=False, comment="Canonical: NFKC, validated, lower case."),
    Column("email_verified", Boolean(create_constraint=False), nullable=False),
    Column("full_name", String(120)),
    Column("username", String(32)),
    Column("avatar_url", String(2048)),
    Column("role", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("custom_fields", JSON(none_as_null=True), nullable=False),
    Column("password_hash", String(255)),
    Column("password_version", Integer, nullable=False, comment="Moves with each change of the password."),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("last_login_at", UtcDateTime),
)
Index(f"{PLACEHOLDER}_email", users.c.email, unique=True)
Index(f"{PLACEHOLDER}_username", func.lower(users.c.username), unique=True)
# The order in which a client's users are listed.
Index(f"{PLACEHOLDER}_created_at", users.c.created_at, users.c.user_id)


def fill_in_names(engine: Engine) -> None:
    """Hang the hook that fills in the name on an engine."""
    event.listen(engine, "before_cursor_execute", _fill_in, retval=True)


def _fill_in(
    _connection: Connection, _cursor: Any, statement: str, parameters: Any, context: Any, _many: bool
) -> tuple[str, Any]:
    if PLACEHOLDER not in statement:
        return statement, parameters
    return named(statement, context.execution_options.get(OPTION) if context is not None else None), parameters


def named(statement: str, digits: object) -> str:
    """Return a statement with a client's 32 hex digits in the table's name; raises RuntimeError for anything else."""
    if not isinstance(digits, str) or not _DIGITS.fullmatch(digits):
        raise RuntimeError("a statement over a users table names no client")
    return statement.replace(PLACEHOLDER, f"users_{digits}")
