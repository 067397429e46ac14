"""Whether a user's custom_fields keep to the JSON Schema of its client.

The work of one check is bounded: each keyword costs what it has to look at, and there is so much to spend, and so much
time of a core. A schema that a client has made dear on purpose is told so to whoever sends the fields, and slows nobody
else down.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from app.clients import field_words, patterns
from app.clients.models import Client
from app.core.errors import ValidationFailed

FIELD = "custom_fields"
MOST_MESSAGES = 10
MOST_WORK = 20_000
MOST_SECONDS = 0.05
"""Time of a core; the work is counted too because how fast a core is must not decide alone."""
FORMATS = ("date", "email", "ipv4", "ipv6", "uuid")
_LONGEST_NAME = 60
# Keywords that compare whole values, or look through one for each entry of another.
_WHOLE = frozenset({"enum", "const", "contains", "dependentRequired", "uniqueItems"})
_LETTERS_A_UNIT = 64

Found = Iterator[ValidationError]
Keyword = Callable[[Any, Any, Any, Any], Found | None]


class _WorkSpent(Exception):
    """The schema asks for more work than a check may do."""


class _Meter:
    """What one check may still do, and what it knows of the values that it has looked at.

    Those are remembered by their identity, and held on to, so that no other value can take it over.
    """

    def __init__(self) -> None:
        self._left = MOST_WORK
        self._ends = time.thread_time() + MOST_SECONDS
        self._sizes: dict[int, tuple[Any, int]] = {}
        self._spellings: dict[int, tuple[Any, str]] = {}

    def spend(self, work: int) -> None:
        """Count work as done; raises _WorkSpent where that is too much, or the time is up."""
        self._left -= work
        if self._left < 0 or time.thread_time() > self._ends:
            raise _WorkSpent

    def size(self, value: Any) -> int:
        """Return how much there is to a value with all that is in it."""
        if not isinstance(value, list | dict):
            return 1 + _width(value)
        known = self._sizes.get(id(value))
        if known is None:
            inner = value.values() if isinstance(value, dict) else value
            known = (value, 1 + sum(map(_width, value)) + sum(map(self.size, inner)))
            self._sizes[id(value)] = known
        return known[1]

    def spelled(self, value: Any) -> str:
        """Return JSON that is the same for equal values: 1.0 is 1, true is not."""
        if not isinstance(value, list | dict):
            whole = isinstance(value, float) and value.is_integer()
            return json.dumps(int(value) if whole else value)
        known = self._spellings.get(id(value))
        if known is None:
            known = self._spellings[id(value)] = (value, self._spell(value))
        return known[1]

    def _spell(self, value: list[Any] | dict[str, Any]) -> str:
        if isinstance(value, list):
            return f"[{','.join(map(self.spelled, value))}]"
        return f"{{{','.join(f'{json.dumps(name)}:{self.spelled(value[name])}' for name in sorted(value))}}}"


_meter: ContextVar[_Meter] = ContextVar("meter")


def check(client: Client, value: dict[str, Any]) -> None:
    """Raise ValidationFailed, with at most ten messages by path, unless the client's schema takes the fields."""
    schema = client.settings.custom_fields_schema
    if schema is None:
        return
    wrong: dict[str, list[str]] = {}
    before = _meter.set(_Meter())
    try:
        for error in islice(_found(schema, value), MOST_MESSAGES):
            said, message = wrong.setdefault(_path(error), []), field_words.in_words(error)
            said.extend([] if message in said else [message])
    except _WorkSpent:
        wrong = {FIELD: ["There is too much to check against the client's schema; send less."]}
    except ArithmeticError:
        wrong = {FIELD: ["A number is too large for the client's schema."]}
    finally:
        _meter.reset(before)
    if wrong:
        raise ValidationFailed(wrong)


def _found(schema: dict[str, Any], value: dict[str, Any]) -> Found:
    """Yield what is wrong. A validator is made in microseconds, so none is kept that could be out of date."""
    yield from _METERED(schema, registry=Registry(), format_checker=_FORMATS).iter_errors(value)


def _path(error: ValidationError) -> str:
    parts = (str(part) for part in error.absolute_path)
    return ".".join([FIELD, *(part if len(part) <= _LONGEST_NAME else f"{part[:_LONGEST_NAME]}…" for part in parts)])


def _width(value: Any) -> int:
    """Return what a value costs beside those in it: long texts and numbers take their time."""
    if isinstance(value, str):
        return len(value) // _LETTERS_A_UNIT
    return value.bit_length() // _LETTERS_A_UNIT if isinstance(value, int) else 0


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list | dict) else _width(value)


def _metered(name: str, keyword: Keyword) -> Keyword:
    """Return a keyword that pays for what it looks at, and for the words of what it finds."""

    def check_one(validator: Any, value: Any, instance: Any, schema: Any) -> Found:
        meter = _meter.get()
        cost = meter.size if name in _WHOLE else _length
        meter.spend(1 + cost(value) + cost(instance))
        for error in keyword(validator, value, instance, schema) or ():
            if not error.schema_path:  # its own: what schemas within have found is paid for
                meter.spend(len(error.message) // _LETTERS_A_UNIT)
            yield error

    return check_one


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Found:
    if isinstance(instance, str) and not patterns.matches(pattern, instance):
        yield ValidationError("")


def _required(_validator: Any, names: list[str], instance: Any, _schema: Any) -> Found:
    for name in names if isinstance(instance, dict) else ():
        if name not in instance:
            yield ValidationError("", path=[name])


def _additional(validator: Any, allowed: Any, instance: Any, schema: Any) -> Found:
    known = schema.get("properties", {})
    for name in instance if isinstance(instance, dict) else ():
        if name not in known and allowed is False:
            yield ValidationError("", path=[name])
        elif name not in known:
            yield from validator.descend(instance[name], allowed, path=name)


def _items(validator: Any, entries: Any, instance: Any, schema: Any) -> Found:
    """Check each entry, and the time that is left: a schema without keywords would not look at it."""
    if entries is False:
        yield from Draft202012Validator.VALIDATORS["items"](validator, entries, instance, schema)
    elif isinstance(instance, list):
        for at in range(len(schema.get("prefixItems", ())), len(instance)):
            _meter.get().spend(1)
            yield from validator.descend(instance[at], entries, path=at)


def _unique(_validator: Any, wanted: bool, instance: Any, _schema: Any) -> Found:
    if wanted and isinstance(instance, list) and len(set(map(_meter.get().spelled, instance))) < len(instance):
        yield ValidationError("")


_OWN: dict[str, Keyword] = {
    "pattern": _pattern,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "uniqueItems": _unique,
}
_METERED = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {name: _metered(name, work) for name, work in (dict(Draft202012Validator.VALIDATORS) | _OWN).items()},
)
_FORMATS = FormatChecker(FORMATS)
