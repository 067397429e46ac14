"""How rows stand in a bundle: each value as JSON by the type of its column, and back, checked by shape.

A bundle is input: whatever does not fit its column is refused, on SQLite too, which would store it.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, String, Table, Uuid
from sqlalchemy import BigInteger as Big
from sqlalchemy.types import TypeEngine

from app.core import clock
from app.core.db import UtcDateTime
from app.core.ids import parse_id

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_DIGEST = 32
Values = dict[str, Any]


class Misfit(ValueError):
    """A value that its column cannot hold; the text names the column, never the value."""


class Form:
    """The columns of a table as a bundle has them: all but its client's id."""

    def __init__(self, table: Table) -> None:
        """Look at the types of the columns once."""
        columns = [column for column in table.c if column.name != "client_id"]
        self.names = tuple(column.name for column in columns)
        self._columns: dict[str, Column[Any]] = {column.name: column for column in columns}
        self._writers = {column.name: _writer(column.type) for column in columns}
        self._readers = {column.name: _reader(column.type) for column in columns}

    def written(self, row: Mapping[str, Any]) -> Values:
        """Return a row's values as JSON has them."""
        return {name: None if row[name] is None else write(row[name]) for name, write in self._writers.items()}

    def read(self, given: Mapping[str, Any], *, missing: Mapping[str, Any]) -> Values:
        """Return a row's values as columns have them; `missing` are those of columns that an older form lacks.

        Raises Misfit.
        """
        unknown = given.keys() - self._readers.keys()
        if unknown:
            raise Misfit("there is a column that is not known")
        return {name: self._value(name, given, missing) for name in self.names}

    def _value(self, name: str, given: Mapping[str, Any], missing: Mapping[str, Any]) -> Any:
        if name not in given:
            if name in missing:
                return missing[name]
            raise Misfit(f"{name} is missing")
        value = given[name]
        if value is None:
            if not self._columns[name].nullable:
                raise Misfit(f"{name} is empty")
            return None
        try:
            return self._readers[name](value)
        except (ValueError, TypeError, OverflowError) as wrong:
            raise Misfit(f"{name} does not fit its column") from wrong


def _writer(kind: TypeEngine[Any]) -> Callable[[Any], Any]:
    if isinstance(kind, Uuid):
        return str
    if isinstance(kind, UtcDateTime):
        return clock.rfc3339
    if isinstance(kind, LargeBinary):
        return lambda value: base64.b64encode(bytes(value)).decode()
    return lambda value: value


def _reader(kind: TypeEngine[Any]) -> Callable[[Any], Any]:
    if isinstance(kind, Uuid):
        return _id
    if isinstance(kind, UtcDateTime):
        return moment
    if isinstance(kind, LargeBinary):
        return _bytes_of(kind.length)
    if isinstance(kind, Boolean):
        return _exactly(bool)
    if isinstance(kind, Integer):
        return _whole(63 if isinstance(kind, Big) else 31)
    if isinstance(kind, JSON):
        return _json
    if isinstance(kind, String):
        return _text_of(kind.length)
    raise TypeError(f"no form for {kind!r}")


def _id(value: Any) -> Any:
    found = parse_id(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError
    return found


def moment(value: Any) -> datetime:
    """Return the moment that a text of clock.rfc3339() says; raises ValueError."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError
    return datetime.fromisoformat(value)


def _bytes_of(length: int | None) -> Callable[[Any], bytes]:
    def read(value: Any) -> bytes:
        if not isinstance(value, str):
            raise TypeError
        try:
            found = base64.b64decode(value, validate=True)
        except binascii.Error as wrong:
            raise ValueError from wrong
        if length is not None and (len(found) > length or (length == _DIGEST and len(found) < length)):
            raise ValueError
        return found

    return read


def _exactly(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError
        return value

    return read


def _whole(bits: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not -(2**bits) <= value < 2**bits:
            raise ValueError
        return value

    return read


def _text_of(length: int | None) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or (length is not None and len(value) > length):
            raise ValueError
        return value

    return read


def _json(value: Any) -> Any:
    if not isinstance(value, dict | list):
        raise TypeError
    return value
