"""What is wrong with a custom field, in words of the client's schema: nothing that was sent is repeated."""

import json
from collections.abc import Callable
from typing import Any

from jsonschema import ValidationError

_LONGEST_RULE = 120
_TYPES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_FORMATS = {
    "date": "a date, such as 2026-01-31",
    "email": "an e-mail address",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "uuid": "a UUID",
}


def in_words(error: ValidationError) -> str:
    """Return the sentence for what a validator found."""
    if error.validator in (None, "additionalProperties"):
        return "The client's schema has no such field."
    said = _SENTENCES.get(str(error.validator))
    return said(error.validator_value) if said else f"Does not fit the client's schema ({error.validator})."


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_RULE else f"{text[:_LONGEST_RULE]}…"


def _spelled(*values: Any) -> str:
    return _short(", ".join(json.dumps(value, ensure_ascii=False) for value in values))


def _type(wanted: str | list[str]) -> str:
    named = [wanted] if isinstance(wanted, str) else wanted
    return f"Must be {' or '.join(_TYPES[name] for name in named)}."


def _amount(bound: str, one: str, many: str) -> Callable[[Any], str]:
    return lambda count: f"Must have {bound} {count} {one if count == 1 else many}."


_SENTENCES: dict[str, Callable[[Any], str]] = {
    "required": lambda _names: "Is required.",
    "type": _type,
    "enum": lambda values: f"Must be one of {_spelled(*values)}.",
    "const": lambda value: f"Must be {_spelled(value)}.",
    "pattern": lambda pattern: f"Must be written as {_short(pattern)} says.",
    "format": lambda name: f"Must be {_FORMATS[name]}.",
    "minimum": lambda least: f"Must be at least {_spelled(least)}.",
    "maximum": lambda most: f"Must be at most {_spelled(most)}.",
    "exclusiveMinimum": lambda bound: f"Must be more than {_spelled(bound)}.",
    "exclusiveMaximum": lambda bound: f"Must be less than {_spelled(bound)}.",
    "multipleOf": lambda step: f"Must be a multiple of {_spelled(step)}.",
    "minLength": _amount("at least", "character", "characters"),
    "maxLength": _amount("at most", "character", "characters"),
    "minItems": _amount("at least", "entry", "entries"),
    "maxItems": _amount("at most", "entry", "entries"),
    "minProperties": _amount("at least", "field", "fields"),
    "maxProperties": _amount("at most", "field", "fields"),
    "uniqueItems": lambda _wanted: "Must not hold the same twice.",
    "dependentRequired": lambda _names: "Needs other fields beside those that it has.",
    "contains": lambda _schema: "Must hold an entry that the client's schema asks for.",
}
