"""Which JSON Schemas (2020-12) a client may give its users' custom_fields: small, whole in themselves, without loops.

What could make a check slow or reach beyond the document is not taken: patternProperties, unevaluated*, references
other than `#/$defs/name`, references in a circle, and patterns that may be read in more than one way.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from app.clients import patterns

MOST_BYTES = 16 * 1024
DEEPEST = 12
MOST_SCHEMAS = 300
MOST_WRITTEN_OUT = 1_000
DEEPEST_WRITTEN_OUT = 48
"""How much a schema may be, and how deep, with each reference replaced by what it leads to."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/"
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_ONE = frozenset({"items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"})
_LISTED = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"properties", "dependentSchemas", "$defs"})
_ASSERTIONS = frozenset({"type", "enum", "const", "required", "dependentRequired", "pattern", "format", "$ref"})
_BOUNDS = frozenset(
    {"minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems"}
    | {"maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties"}
)
_NOTES = frozenset(
    {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$schema", "$comment"}
)
_AT_THE_TOP = frozenset({"$schema", "$defs"})
KEYWORDS = _ONE | _LISTED | _NAMED | _ASSERTIONS | _BOUNDS | _NOTES


class SchemaRefused(ValueError):
    """A schema that is none, or more than is taken; the message says what and where."""


def check(schema: dict[str, Any]) -> None:
    """Raise SchemaRefused unless a schema can be used for custom_fields."""
    if len(json.dumps(schema, ensure_ascii=False, separators=(",", ":")).encode()) > MOST_BYTES:
        raise SchemaRefused(f"At most {MOST_BYTES // 1024} KiB of JSON")
    walk = _Walk()
    walk.over(schema, "#", "", 1)
    _check_references(schema.get("$defs"), walk.references)
    _check_written_out(schema)
    if "object" not in _listed(schema.get("type", "object")):
        raise SchemaRefused('#/type: custom_fields is an object, so must be its type: "object"')
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as wrong:
        place = "/".join(["#", *map(str, wrong.absolute_path)])
        raise SchemaRefused(f"{_short(place)}: {_short(wrong.message)}") from wrong


class _Walk:
    """Goes through the schemas of a document; `references` says to which definitions each definition leads."""

    def __init__(self) -> None:
        self.references: dict[str, set[str]] = {"": set()}
        self.schemas = 0

    def over(self, schema: Any, place: str, owner: str, depth: int) -> None:
        """Check the keywords of a schema and of those in it."""
        self.schemas += 1
        if depth > DEEPEST or self.schemas > MOST_SCHEMAS:
            raise SchemaRefused(f"At most {MOST_SCHEMAS} schemas, {DEEPEST} deep in each other")
        for keyword, value in schema.items() if isinstance(schema, dict) else ():
            here = f"{place}/{keyword}"
            _check_keyword(keyword, value, here)
            if keyword == "$ref":
                self.references[owner].add(value.removeprefix(_REF))
            for name, inner in _inner(keyword, value):
                owned_by = name if keyword == "$defs" else owner
                self.references.setdefault(owned_by, set())
                self.over(inner, f"{here}/{name}".rstrip("/"), owned_by, depth + 1)


def _check_keyword(keyword: str, value: Any, here: str) -> None:
    if keyword not in KEYWORDS:
        raise SchemaRefused(f"{_short(here)}: this keyword is not taken")
    if keyword == "$schema" and value != DIALECT:
        raise SchemaRefused(f"#/$schema: must be {DIALECT}")
    # Within a schema, $schema would have the library check that part by a dialect of its own, without bounds.
    if keyword in _AT_THE_TOP and here != f"#/{keyword}":
        raise SchemaRefused(f"{_short(here)}: {keyword} stands at the top")
    if keyword == "$ref" and not (isinstance(value, str) and value.startswith(_REF)):
        raise SchemaRefused(f"{_short(here)}: must lead to a definition in this schema, as {_REF}name")
    if keyword == "pattern" and isinstance(value, str):
        try:
            patterns.compiled(value)
        except patterns.PatternRefused as refused:
            raise SchemaRefused(f"{_short(here)}: {refused}") from refused


def _inner(keyword: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the schemas that a keyword holds, each by its name."""
    if keyword in _ONE:
        yield "", value
    elif keyword in _LISTED and isinstance(value, list):
        yield from ((str(number), inner) for number, inner in enumerate(value))
    elif keyword in _NAMED and isinstance(value, dict):
        yield from value.items()


def _check_references(definitions: Any, references: dict[str, set[str]]) -> None:
    """Raise SchemaRefused for a reference that leads nowhere, or back to where it stands."""
    known = set(definitions) if isinstance(definitions, dict) else set()
    for name in sorted(set().union(*references.values()) - known):
        raise SchemaRefused(f"{_short(_REF + name)}: there is no such definition")
    if not all(map(_NAME.fullmatch, known)):
        raise SchemaRefused("#/$defs: names of definitions are of letters, digits, dots, dashes and underscores")
    open_ones = {name: set(leads) for name, leads in references.items() if name}
    while ended := {name for name, leads in open_ones.items() if not leads & open_ones.keys()}:
        open_ones = {name: leads for name, leads in open_ones.items() if name not in ended}
    if open_ones:
        raise SchemaRefused(f"{_short(_REF + min(open_ones))}: leads back to itself")


def _check_written_out(schema: dict[str, Any]) -> None:
    """Raise SchemaRefused where references without circles make much out of little: a check follows each anew."""
    to_do, schemas = [(schema, 1)], 0
    while to_do:
        (each, depth), schemas = to_do.pop(), schemas + 1
        if schemas > MOST_WRITTEN_OUT or depth > DEEPEST_WRITTEN_OUT:
            most = f"{MOST_WRITTEN_OUT} schemas, {DEEPEST_WRITTEN_OUT} deep in each other"
            raise SchemaRefused(f"At most {most}, where each $ref counts as all that it leads to")
        for keyword, value in each.items() if isinstance(each, dict) else ():
            if keyword == "$ref":
                to_do.append((schema["$defs"][value.removeprefix(_REF)], depth + 1))
            elif keyword != "$defs":
                to_do.extend((inner, depth + 1) for _, inner in _inner(keyword, value))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _short(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:160]}…"
