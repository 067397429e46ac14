"""Whether a user's custom_fields keep to the JSON Schema of its client.

The work of one check is bounded: each keyword costs what it has to look at, and there is so much to spend. A schema
that a client has made dear on purpose is told so to whoever sends the fields, and slows nobody else down.
"""

import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from app.clients import patterns
from app.clients.models import Client
from app.core.errors import ValidationFailed

FIELD = "custom_fields"
MOST_MESSAGES = 10
MOST_WORK = 20_000
FORMATS = ("date", "email", "ipv4", "ipv6", "uuid")
_LONGEST_NAME = 60
_LONGEST_RULE = 120
_left: ContextVar[int] = ContextVar("work_left")

Found = Iterator[ValidationError]
Keyword = Callable[[Any, Any, Any, Any], Found | None]


class _WorkSpent(Exception):
    """The schema asks for more work than a check may do."""


def check(client: Client, value: dict[str, Any]) -> None:
    """Raise ValidationFailed, with at most ten messages by path, unless the client's schema takes the fields."""
    schema = client.settings.custom_fields_schema
    if schema is None:
        return
    wrong: dict[str, list[str]] = {}
    before = _left.set(MOST_WORK)
    try:
        for error in islice(_found(schema, value), MOST_MESSAGES):
            said, message = wrong.setdefault(_path(error), []), _in_words(error)
            said.extend([] if message in said else [message])
    except _WorkSpent:
        wrong = {FIELD: ["There is too much to check against the client's schema; send less."]}
    except ArithmeticError:
        wrong = {FIELD: ["A number is too large for the client's schema."]}
    finally:
        _left.reset(before)
    if wrong:
        raise ValidationFailed(wrong)


def _found(schema: dict[str, Any], value: dict[str, Any]) -> Found:
    """Yield what is wrong. A validator is made in microseconds, so none is kept that could be out of date."""
    yield from _METERED(schema, registry=Registry(), format_checker=_FORMATS).iter_errors(value)


def _path(error: ValidationError) -> str:
    parts = (str(part) for part in error.absolute_path)
    return ".".join([FIELD, *(part if len(part) <= _LONGEST_NAME else f"{part[:_LONGEST_NAME]}…" for part in parts)])


def _in_words(error: ValidationError) -> str:
    """Return what is wrong, in the words of the schema: what was sent is not repeated."""
    if error.validator == "required":
        return "This field is needed."
    if error.validator in (None, "additionalProperties"):
        return "The client's schema has no such field."
    rule = json.dumps({error.validator: error.validator_value}, ensure_ascii=False)
    return f"Must keep to {rule if len(rule) <= _LONGEST_RULE else rule[:_LONGEST_RULE] + '…'}"


def _spend(*looked_at: Any) -> None:
    cost = 1 + sum(len(each) // 64 if isinstance(each, str) else len(each) for each in looked_at if _is_sized(each))
    _left.set(_left.get() - cost)
    if _left.get() < 0:
        raise _WorkSpent()


def _is_sized(value: Any) -> bool:
    return isinstance(value, str | list | dict)


def _metered(keyword: Keyword) -> Keyword:
    def check_one(validator: Any, value: Any, instance: Any, schema: Any) -> Found:
        _spend(value, instance)
        yield from keyword(validator, value, instance, schema) or ()

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


def _unique(_validator: Any, wanted: bool, instance: Any, _schema: Any) -> Found:
    if wanted and isinstance(instance, list) and len({_spelled(each) for each in instance}) < len(instance):
        yield ValidationError("")


def _spelled(value: Any) -> str:
    """Return JSON that is the same for equal values: 1.0 is 1, true is not."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return f"[{','.join(map(_spelled, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{_spelled(value[name])}' for name in sorted(value))}}}"
    return json.dumps(value)


_OWN: dict[str, Keyword] = {
    "pattern": _pattern,
    "required": _required,
    "additionalProperties": _additional,
    "uniqueItems": _unique,
}
_METERED = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {name: _metered(work) for name, work in (dict(Draft202012Validator.VALIDATORS) | _OWN).items()},
)
_FORMATS = FormatChecker(FORMATS)
