"""Making a write fail in the database itself: a trigger that refuses rows of one caller, told by its user agent."""

import contextlib
from collections.abc import Iterator

from sqlalchemy import Connection, create_engine, text


@contextlib.contextmanager
def refused(url: str, *, table: str, moment: str, condition: str) -> Iterator[None]:
    """Refuse rows of a table for a while: `moment` is INSERT or UPDATE, `condition` an SQL expression over NEW."""
    engine = create_engine(url)
    name = f"refuse_{table}"
    try:
        with engine.begin() as connection:
            _create(connection, name, table, moment, condition)
        yield
    finally:
        with engine.begin() as connection:
            _drop(connection, name, table)
        engine.dispose()


def _create(connection: Connection, name: str, table: str, moment: str, condition: str) -> None:
    trigger = f'CREATE TRIGGER {name} BEFORE {moment} ON "{table}"'
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"{trigger} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'canary SELECT'); END"))
        return
    body = "$$ BEGIN RAISE EXCEPTION 'canary SELECT'; END $$"
    connection.execute(text(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS {body}"))
    connection.execute(text(f"{trigger} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()"))


def _drop(connection: Connection, name: str, table: str) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        return
    connection.execute(text(f'DROP TRIGGER IF EXISTS {name} ON "{table}"'))
    connection.execute(text(f"DROP FUNCTION IF EXISTS {name}()"))
