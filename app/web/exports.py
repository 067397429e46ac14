"""Streams lists of any length as NDJSON or CSV; holds one item at a time."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from flask import Response

from app.web import places
from app.web.places import Places
from app.web.schemas import Schema

MEDIA = {"ndjson": "application/x-ndjson", "csv": "text/csv"}
_places = Places("Other exports are being read at this moment.")


def streamed(items: Iterable[Any], schema: Schema, *, form: str, name: str) -> Response:
    """Return an answer that streams items as a schema shows them; `name` is what the file is called.

    Raises TemporarilyUnavailable where as many are being read as may be.
    """
    lines = lines_of(items, schema, form=form)
    with _places.take() as held:  # whoever reads slowly holds a thread for as long
        begun = next(lines, "")  # what fails by now is still answered as a problem
        answer = places.streamed(chain([begun], lines), MEDIA[form], held.pop_all())
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def lines_of(items: Iterable[Any], schema: Schema, *, form: str) -> Iterator[str]:
    """Yield items as lines of text."""
    return _csv(items, schema) if form == "csv" else (json.dumps(schema.dump(item)) + "\n" for item in items)


def _csv(items: Iterable[Any], schema: Schema) -> Iterator[str]:
    columns, line = list(schema.fields), io.StringIO()
    writer = csv.writer(line)
    writer.writerow(columns)
    for item in items:
        row = schema.dump(item)
        writer.writerow([_inert(_cell(row[column])) for column in columns])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _inert(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    # Some trim a cell before they look at it.
    return f"'{text}" if text[:1] in ("\t", "\r") or text.lstrip()[:1] in ("=", "+", "-", "@") else text
