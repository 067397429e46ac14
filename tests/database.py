"""Looking into the database beside the service, read-only."""

from typing import Any

from sqlalchemy import create_engine, inspect, text


def rows(url: str, query: str, **values: Any) -> list[dict[str, Any]]:
    """Return what a query finds."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(text(query), values)]
    finally:
        engine.dispose()


def count(url: str, table: str, where: str = "1 = 1", **values: Any) -> int:
    """Return how many rows of a table match."""
    return int(rows(url, f'SELECT count(*) AS n FROM "{table}" WHERE {where}', **values)[0]["n"])


def users_tables(url: str) -> set[str]:
    """Return the names of all users tables."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return {name for name in inspect(connection).get_table_names() if name.startswith("users_")}
    finally:
        engine.dispose()


def uuid_text(url: str, value: str) -> str:
    """Return an id as the database's raw SQL compares it: SQLite keeps 32 hex digits."""
    return value.replace("-", "") if url.startswith("sqlite") else value


def dump(url: str) -> str:
    """Return every value of every table as one text, for grepping."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            names = inspect(connection).get_table_names()
            found = [row for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))]
    finally:
        engine.dispose()
    return "\n".join(str([bytes(value) if isinstance(value, memoryview) else value for value in row]) for row in found)
