"""Rows of a client in every central table, planted and looked for."""

import re
import secrets
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Table, delete, func, insert, inspect, select
from sqlalchemy import types as kinds
from sqlalchemy.dialects import postgresql, sqlite

from app.extensions import metadata
from tests import database

OWNED = sorted((table for table in metadata.tables.values() if "client_id" in table.c), key=lambda table: table.name)


def plant(url: str, client_id: str, *, times: int = 1, only: str | None = None) -> None:
    """Add rows that name a client to every central table, or to one; where a client has but one row, at most that."""
    engine = database.seeing_all(url)
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    with engine.begin() as connection:
        for table in OWNED:
            if table.name != "clients" and only in (None, table.name):
                added = [_row(table, uuid.UUID(client_id)) for _ in range(times)]
                connection.execute(dialect.insert(table).on_conflict_do_nothing(), added)
    engine.dispose()


def remove(url: str, client_id: str, *, only: str | None = None) -> None:
    """Delete the rows of a client, of all central tables or of one."""
    engine = database.seeing_all(url)
    with engine.begin() as connection:
        for table in OWNED:
            if only in (None, table.name):
                connection.execute(delete(table).where(table.c.client_id == uuid.UUID(client_id)))
    engine.dispose()


def rows_of(url: str, client_id: str, *names: str) -> dict[str, list[dict[str, Any]]]:
    """Return a client's rows of some tables."""
    engine, found = database.seeing_all(url), {}
    with engine.connect() as connection:
        for name in names:
            table = metadata.tables[name]
            query = select(table).where(table.c.client_id == uuid.UUID(client_id))
            found[name] = [dict(row._mapping) for row in connection.execute(query)]
    engine.dispose()
    return found


def put(url: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Add rows as rows_of() gives them."""
    engine = database.seeing_all(url)
    with engine.begin() as connection:
        for name, added in rows.items():
            connection.execute(insert(metadata.tables[name]), added)
    engine.dispose()


def left(url: str, client_id: str) -> dict[str, int]:
    """Return how many rows of a client there are, by table, and whether its users table is there."""
    engine = database.seeing_all(url)
    with engine.connect() as connection:
        found = {}
        for table in OWNED:
            query = select(func.count()).select_from(table).where(table.c.client_id == uuid.UUID(client_id))
            found[table.name] = connection.execute(query).scalar_one()
        name = f"users_{uuid.UUID(client_id).hex}"
        found[name] = int(name in inspect(connection).get_table_names())
    engine.dispose()
    return {name: count for name, count in found.items() if count}


def _row(table: Table, client_id: uuid.UUID) -> dict[str, Any]:
    return {column.name: client_id if column.name == "client_id" else _value(table, column) for column in table.c}


def _value(table: Table, column: Column[Any]) -> Any:
    """Return a value that a column takes and that nothing else in the table has."""
    for check in table.constraints:
        allowed = re.match(rf"{column.name} IN \('(\w+)'", str(getattr(check, "sqltext", "")))
        if isinstance(check, CheckConstraint) and allowed:
            return allowed[1]
    match column.type:
        case kinds.Uuid():
            return uuid.uuid4()
        case kinds.DateTime() | kinds.TypeDecorator():
            return datetime.now(UTC)
        case kinds.Boolean():
            return False
        case kinds.Integer():
            return secrets.randbelow(2**31)
        case kinds.LargeBinary():
            return secrets.token_bytes(32)
        case kinds.JSON():
            return {}
        case kinds.String():
            return secrets.token_hex(32)[: column.type.length or 64]
    raise AssertionError(f"no value for {column}")
