"""Reads by key that nearly every request makes: compiled once, then handed straight to PostgreSQL's driver.

Around a statement that costs 0.05 ms SQLAlchemy spends another 0.1 ms of a core (docs/benchmarks.md), which is a fifth
of `GET /me`. Outside a transaction nothing of that is needed; everywhere else, and whenever anything goes wrong, a
look-up takes the usual way (app.core.db.execute).
"""

from collections.abc import Callable, Mapping
from typing import Any

import psycopg2
from sqlalchemy import Dialect, Select
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.sql.dml import ReturningUpdate

from app.core import db, isolation
from app.core.errors import TemporarilyUnavailable

_DIALECT: Dialect = PGDialect_psycopg2()  # type: ignore[no-untyped-call]
_TOO_LONG = "57014"


class Lookup:
    """A statement that returns at most one row, with parameters that the driver takes as they are, bound by name.

    One that writes (`UPDATE … RETURNING`) belongs into db.alone(), and is never sent twice.
    """

    def __init__(self, statement: Select[Any] | ReturningUpdate[Any], *, ahead: str = "") -> None:
        """Compile the statement; `ahead` goes before it in the same trip, but never where SQLAlchemy sends it."""
        self._statement, self._reads = statement, isinstance(statement, Select)
        self._text = ahead + str(statement.compile(dialect=_DIALECT))
        kinds = [column.type.dialect_impl(_DIALECT) for column in statement.exported_columns]
        made = [kind.result_processor(_DIALECT, None) for kind in kinds]
        self._processors = [(place, process) for place, process in enumerate(made) if process is not None]

    def one(
        self, parameters: Mapping[str, Any], *, naming: Callable[[str], str] = str, **options: Any
    ) -> tuple[Any, ...] | None:
        """Return the row; `naming` puts names into the text where `options` has the engine's hook do so."""
        cursor = db.plain_cursor()
        if cursor is not None:
            try:
                with cursor:
                    cursor.execute(isolation.current().in_words + naming(self._text), parameters)
                    return self._processed(cursor.fetchone())
            except psycopg2.Error as wrong:
                if wrong.pgcode == _TOO_LONG:
                    raise TemporarilyUnavailable() from wrong
                if not self._reads:
                    db.discard()
                    raise TemporarilyUnavailable() from wrong
        row = db.execute(self._statement, parameters, **options).one_or_none()
        return None if row is None else tuple(row)

    def _processed(self, row: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
        if row is None:
            return None
        values = list(row)
        for place, process in self._processors:
            values[place] = process(values[place])
        return tuple(values)
