"""Reads docs/contract.yaml, the HTTP contract as data."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.contracts.notation import Fields, read_fields

DOCS = Path(__file__).parents[2] / "docs"
ANY = "ANY"
UNSTRUCTURED = "unstructured"


@dataclass(frozen=True)
class Row:
    """One call that is built: what it takes and answers, as it stands today and in the end (`later`).

    `sparse` is what may be missing from its answer: a field, or with `.*` every field of an object. `scheme` is how it
    is documented to be called where that is by no credential of the service's own.
    """

    method: str
    path: str
    credentials: frozenset[str]
    statuses: frozenset[int] = frozenset()
    errors: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    request: Fields = field(default_factory=dict)
    query: Fields = field(default_factory=dict)
    response: Fields | None = None
    other_responses: dict[int, Fields] = field(default_factory=dict)
    sparse: frozenset[str] = frozenset()
    media: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    values: dict[str, frozenset[str]] = field(default_factory=dict)
    whole_request: Fields = field(default_factory=dict)
    later_values: dict[str, frozenset[str]] = field(default_factory=dict)
    waits_for: frozenset[str] = frozenset()
    scheme: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def response_of(self, status: int) -> Fields | None:
        """Return the fields of the answer with a status of success."""
        return self.other_responses.get(status, self.response)

    def answers_always(self, name: str) -> bool:
        """Whether a field is in every answer, or at least in every answer that has the object around it."""
        return name not in self.sparse and f"{name.rpartition('.')[0]}.*" not in self.sparse


@dataclass(frozen=True)
class Contract:
    """The whole contract. `shapes` are those of docs/API.md, without additions."""

    errors: dict[str, int]
    later_errors: dict[str, str]
    general_errors: dict[str, frozenset[str]]
    shapes: dict[str, Fields]
    built: tuple[Row, ...]
    additions: tuple[Row, ...]
    not_yet_built: dict[str, tuple[tuple[str, str], ...]]

    def general_codes(self) -> frozenset[str]:
        """Return every general code, whatever brings it."""
        return frozenset().union(*self.general_errors.values())

    def general_codes_of(self, row: Row) -> frozenset[str]:
        """Return the general codes that a call must name, by what it takes."""
        takes = {
            "always": True,
            "credential": row.credentials != {"anyone"},
            "query": bool(row.query),
            "body": bool(row.request or row.takes),
        }
        return frozenset().union(*(self.general_errors[what] for what, taken in takes.items() if taken))

    def waiting(self) -> tuple[tuple[str, str], ...]:
        """Return method and path of every call that is not built."""
        return tuple(call for calls in self.not_yet_built.values() for call in calls)


def load() -> Contract:
    """Read the file; raises where it contradicts itself."""
    raw: dict[str, Any] = yaml.safe_load((DOCS / "contract.yaml").read_text("utf-8"))
    shapes = _shapes(raw["shapes"], {})
    added = raw["additions"]["fields"]
    enriched = _shapes(raw["shapes"], {one["of"]: one["fields"] for one in _joined(added) if "fields" in one})
    routes = raw["additions"]["routes"]
    assert all(one["reason"].strip() for one in [*added, *routes]), "an addition without a reason"
    return Contract(
        errors=raw["errors"],
        later_errors=raw["later_errors"],
        general_errors={what: frozenset(codes) for what, codes in raw["general_errors"].items()},
        shapes=shapes,
        built=tuple(_row(one, enriched, added) for one in raw["built"]),
        additions=tuple(Row(one["method"], one["path"], frozenset(one["credentials"])) for one in routes),
        not_yet_built={part: tuple(map(_call, calls)) for part, calls in raw["not_yet_built"].items()},
    )


def _call(text: str) -> tuple[str, str]:
    method, path = text.split()
    return method, path


def _joined(added: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the additions with those to one shape made one."""
    texts: dict[str, list[str]] = {}
    for one in added:
        if "fields" in one:
            texts.setdefault(one["of"], []).append(one["fields"].strip()[1:-1])
    return [{"of": name, "fields": "{" + ", ".join(inner) + "}"} for name, inner in texts.items()]


def _shapes(texts: dict[str, str], additions: dict[str, str]) -> dict[str, Fields]:
    """Return the shapes; one may name those above it and `level`."""
    found: dict[str, Fields] = {"level": read_fields(texts["level"], {})}
    for name, text in texts.items():
        found[name] = read_fields(text, found)
        if name in additions:
            found[name] |= read_fields(additions[name], found)
    return found


def _row(raw: dict[str, Any], shapes: dict[str, Fields], added: list[dict[str, Any]]) -> Row:
    later: list[dict[str, Any]] = raw.get("later", [])
    own = [one for one in added if one["of"] == f"{raw['method']} {raw['path']}"]
    media = raw.get("media", ["application/json"] if "response" in raw else [])
    whole = _fields(raw.get("request"), shapes)
    request = dict(whole)
    for part in [shapes_of.get("request") for shapes_of in own]:
        request |= _fields(part, shapes)
    return Row(
        method=raw["method"],
        path=raw["path"],
        credentials=frozenset(raw["credentials"]),
        statuses=frozenset(raw["statuses"]) - _all(later, "statuses"),
        errors=frozenset(raw["errors"]) - _all(later, "errors"),
        headers=frozenset(raw.get("headers", [])),
        request=request,
        query=_fields(raw.get("query"), shapes),
        response=_response(raw, shapes, own),
        other_responses={code: read_fields(text, shapes) for code, text in raw.get("other_responses", {}).items()},
        sparse=frozenset(raw.get("sparse", [])),
        media=frozenset(media),
        takes=frozenset(raw.get("takes", [])),
        values={
            name: frozenset(values) - _all([one.get("values", {}) for one in later], name)
            for name, values in raw.get("values", {}).items()
        },
        whole_request=whole,
        later_values={name: frozenset(found) for one in later for name, found in one.get("values", {}).items()},
        waits_for=frozenset(one["part"] for one in later),
        scheme=raw.get("scheme"),
    )


def _response(raw: dict[str, Any], shapes: dict[str, Fields], own: list[dict[str, Any]]) -> Fields | None:
    """Return the fields of the answer; None where it has no body or one without fields."""
    text = raw.get("response")
    if text is None or text == UNSTRUCTURED:
        return None
    fields = read_fields(text, shapes)
    for one in own:
        fields |= _fields(one.get("response"), shapes)
    return fields


def _fields(text: str | None, shapes: dict[str, Fields]) -> Fields:
    return {} if text is None else read_fields(text, shapes)


def _all(later: Iterable[dict[str, Any]], name: str) -> frozenset[Any]:
    return frozenset(value for one in later for value in one.get(name, []))


CONTRACT = load()
