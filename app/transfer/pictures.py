"""One picture of a client's rows over many statements."""

import contextlib
from collections.abc import Iterator

from app.core import db

_ONE_PICTURE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@contextlib.contextmanager
def one_picture() -> Iterator[None]:
    """Let all statements until the end see the database as it is at the first of them; it holds up no writer.

    Call it outside reading() and unit_of_work().
    """
    if db.is_postgresql():
        with db.unit_of_work():
            db.connection().exec_driver_sql(_ONE_PICTURE)
            yield
        return
    with db.reading():
        # A unit of work would take the writers' turn (BEGIN IMMEDIATE); a reader in WAL mode keeps nobody waiting.
        connection = db.connection()
        connection.exec_driver_sql("BEGIN")
        try:
            yield
        finally:
            connection.exec_driver_sql("ROLLBACK")
