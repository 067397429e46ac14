"""Looking into the database beside the service, read-only."""

from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, text

from app.core.isolation import ACROSS_ROLE


def seeing_all(url: str) -> Engine:
    """Return an engine whose statements see every client's rows; the tables' own owner would see none."""
    engine = _connecting(url)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _see_all)
    return engine


def rows(url: str, query: str, **values: Any) -> list[dict[str, Any]]:
    """Return what a query finds."""
    engine = seeing_all(url)
    try:
        with engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(text(query), values)]
    finally:
        engine.dispose()


def count(url: str, table: str, where: str = "1 = 1", **values: Any) -> int:
    """Return how many rows of a table match."""
    return int(rows(url, f'SELECT count(*) AS n FROM "{table}" WHERE {where}', **values)[0]["n"])


def change(url: str, *statements: str) -> None:
    """Carry out statements: what changes a table's shape as its owner, everything else as one who sees all rows."""
    engine = _connecting(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                if engine.dialect.name == "postgresql":
                    of_owner = statement.startswith(("CREATE", "DROP", "ALTER", "GRANT", "REVOKE", "ANALYZE"))
                    connection.execute(text("RESET ROLE" if of_owner else f"SET LOCAL ROLE {ACROSS_ROLE}"))
                connection.execute(text(statement))
    finally:
        engine.dispose()


def users_tables(url: str) -> set[str]:
    """Return the names of all users tables."""
    engine = seeing_all(url)
    try:
        with engine.connect() as connection:
            return {name for name in inspect(connection).get_table_names() if name.startswith("users_")}
    finally:
        engine.dispose()


def _connecting(url: str) -> Engine:
    """Return an engine that waits for SQLite's writers, who take turns by a lock that is not asked for here."""
    return create_engine(url, connect_args={"timeout": 30} if url.startswith("sqlite") else {})


def _see_all(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ACROSS_ROLE}")
    connection.commit()


def uuid_text(url: str, value: str) -> str:
    """Return an id as the database's raw SQL compares it: SQLite keeps 32 hex digits."""
    return value.replace("-", "") if url.startswith("sqlite") else value


def dump(url: str) -> str:
    """Return every value of every table as one text, for grepping."""
    engine = seeing_all(url)
    try:
        with engine.connect() as connection:
            names = inspect(connection).get_table_names()
            found = [row for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))]
    finally:
        engine.dispose()
    return "\n".join(str([bytes(value) if isinstance(value, memoryview) else value for value in row]) for row in found)
