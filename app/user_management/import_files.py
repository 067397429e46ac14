"""Reads files of users, NDJSON or CSV, one bounded row after the other; what is no row is told and passed over."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from app.core.errors import InvalidRequest, ValidationFailed
from app.user_management.import_models import CSV, Errors
from app.web import bodies
from app.web.requests import MAX_BODY

LONGEST_ROW = MAX_BODY
_BOM = b"\xef\xbb\xbf"
_ROW = "row"
_OBJECTS = ("custom_fields", "password_hash")


@dataclass(frozen=True, slots=True)
class Record:
    """A row as it stands in the file; `line` is the one that it begins on."""

    line: int
    fields: dict[str, Any] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)


def records(file: BinaryIO, form: str, *, known: frozenset[str], skip: int = 0) -> Iterator[Record]:
    """Return the rows of a file but the first `skip`; raises ValidationFailed for a CSV without a proper header."""
    if form == CSV:
        lines = _Lines(file)
        return _of_csv(lines, _header(lines, known), skip)
    return _of_ndjson(file, skip)


def _of_ndjson(file: BinaryIO, skip: int) -> Iterator[Record]:
    number = 0
    while line := file.readline(LONGEST_ROW + 1):
        number += 1
        whole = len(line) <= LONGEST_ROW or line.endswith(b"\n")
        if not whole:
            _pass_over(file)
        bare = line.removeprefix(_BOM).strip(b" \t\r\n") if number == 1 else line.strip(b" \t\r\n")
        if not bare:
            continue
        if skip:
            skip -= 1
        else:
            yield _from_json(number, bare) if whole else _too_long(number)


def _from_json(number: int, line: bytes) -> Record:
    try:
        return Record(number, bodies.parsed_object(line))
    except ValidationFailed as wrong:
        return Record(number, errors=wrong.errors)
    except InvalidRequest:
        return Record(number, errors={_ROW: ["This is not one JSON object."]})


def _of_csv(lines: "_Lines", header: list[str], skip: int) -> Iterator[Record]:
    reader = csv.reader(lines, strict=True)
    while True:
        number = lines.number + 1
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _RowTooLong:
            record = _too_long(number)
        except csv.Error:
            record = Record(number, errors={_ROW: ["The quotes of this row do not match."]})
        else:
            if not cells:
                continue
            record = _from_cells(number, header, cells)
        if skip:
            skip -= 1
        else:
            yield record


def _from_cells(number: int, header: list[str], cells: list[str]) -> Record:
    if len(cells) != len(header):
        return Record(number, errors={_ROW: ["This row has another number of cells than the header."]})
    given = {name: cell for name, cell in zip(header, cells, strict=True) if cell}
    try:
        bodies.check_texts(given)
        return Record(number, {name: _value(name, cell) for name, cell in given.items()})
    except ValidationFailed as wrong:
        return Record(number, errors=wrong.errors)


def _value(name: str, cell: str) -> Any:
    """Return what a cell means: text, but for true and false, and for JSON where an object may stand."""
    if name == "email_verified":
        return {"true": True, "false": False}.get(cell.lower(), cell)
    if name in _OBJECTS and cell.startswith("{"):
        try:
            return bodies.parsed_object(cell.encode())
        except InvalidRequest as wrong:
            raise ValidationFailed({name: ["This is not one JSON object."]}) from wrong
    return cell


def _header(lines: "_Lines", known: frozenset[str]) -> list[str]:
    """Return the names in the first row; what else stands there may be a row of users, and is not repeated."""
    try:
        names = [name.strip() for name in next(csv.reader(lines, strict=True), [])]
    except (csv.Error, _RowTooLong):
        names = []
    if "email" not in names or len(set(names)) < len(names) or not known.issuperset(names):
        told = f"The first row names the columns, each once: email, and any of {', '.join(sorted(known - {'email'}))}."
        raise ValidationFailed({"header": [told]})
    return names


class _RowTooLong(Exception):
    """A row of a CSV goes on for more than LONGEST_ROW bytes."""


class _Lines:
    """The lines of a CSV as text, counted; what is no UTF-8 comes as lone surrogates, which no row may hold."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._room, self.number = file, LONGEST_ROW, 0

    def __iter__(self) -> "_Lines":
        return self

    def begin_row(self) -> None:
        """Let the next lines be a row of their own."""
        self._room = LONGEST_ROW

    def __next__(self) -> str:
        line = self._file.readline(self._room + 1)
        if not line:
            raise StopIteration
        self._room -= len(line)
        self.number += 1
        if self._room < 0:
            if not line.endswith(b"\n"):
                _pass_over(self._file)
            raise _RowTooLong
        bare = line.removeprefix(_BOM) if self.number == 1 else line
        return bare.decode("utf-8", "surrogateescape")


def _pass_over(file: BinaryIO) -> None:
    """Go on to the end of the line."""
    while (part := file.readline(LONGEST_ROW)) and not part.endswith(b"\n"):
        pass


def _too_long(number: int) -> Record:
    return Record(number, errors={_ROW: [f"A row has at most {LONGEST_ROW // 1024} KiB."]})
