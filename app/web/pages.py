"""Lists: bounded pages with an opaque, signed cursor that says where the next one begins (no OFFSET)."""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import marshmallow as ma

from app.core import crypto, errors
from app.web.schemas import Schema, Text

DEFAULT_LIMIT, MAX_LIMIT = 25, 100
_LONGEST_CURSOR = 2048
"""Holds the longest name there may be: 120 code points of 12 bytes each (JSON escapes), in Base64."""
_LABEL = "cursor"
_SIGNATURE = 16


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list and the cursor of the next, if there is one."""

    items: Sequence[Any]
    next_cursor: str | None


class Limit(ma.fields.Integer):
    """How many items a page holds; more than 100 are never given."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12):
            raise self.make_error("invalid", input=value)
        if int(value) < 1:
            raise ma.ValidationError("Must be at least 1.")
        return min(int(value), MAX_LIMIT)


class PageQuery(Schema):
    """The query of every list."""

    limit = Limit(
        load_default=DEFAULT_LIMIT,
        metadata={"description": f"1 to {MAX_LIMIT}; more is taken for {MAX_LIMIT}.", "minimum": 1},
    )
    cursor = Text(
        load_default=None, max_length=_LONGEST_CURSOR, metadata={"description": "`next_cursor` of the page before."}
    )


def page_of(item: type[Schema]) -> type[Schema]:
    """Return the schema of a page of items."""
    fields = {
        "items": ma.fields.List(ma.fields.Nested(item), required=True),
        "next_cursor": ma.fields.String(required=True, allow_none=True),
    }
    told = "One page of a list; `next_cursor` asks for the next one, and is null on the last."
    return type(f"{item.__name__}Page", (Schema,), {"__doc__": told, **fields})


def cut(rows: Sequence[Any], limit: int, list_name: str, position: Callable[[Any], list[Any]]) -> Page:
    """Make a page of `limit` + 1 rows read; `position` gives the sort values of a row (texts and numbers)."""
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], write_cursor(list_name, position(rows[limit - 1])))


def cut_whole(rows: Sequence[Any], query: dict[str, Any], list_name: str, position: Callable[[Any], list[Any]]) -> Page:
    """Make the page that a PageQuery asks for of a list so short that it is read whole; `position` is its order."""
    after = read_cursor(list_name, query["cursor"])
    following = [row for row in sorted(rows, key=position) if after is None or position(row) > after]
    return cut(following, query["limit"], list_name, position)


def write_cursor(list_name: str, values: list[Any]) -> str:
    """Return a cursor bound to one list, such as `audit-logs:<client id>`."""
    body = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(list_name, body) + body).decode().rstrip("=")


def read_cursor(list_name: str, cursor: str | None) -> list[Any] | None:
    """Return the values in a cursor; raises InvalidRequest for one that this service did not make for this list."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise errors.InvalidRequest("The cursor is not one of ours.") from wrong
    sent, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(sent, _signature(list_name, body)):
        raise errors.InvalidRequest("The cursor is not one of ours.")
    values: list[Any] = json.loads(body)
    return values


def _signature(list_name: str, body: bytes) -> bytes:
    return crypto.mac(_LABEL, list_name.encode() + b"\n" + body)[:_SIGNATURE]
