"""The catalogue of error codes, read off the error classes themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.core.errors import AppError

_REQUEST_ID = "0192f0c4-9a01-7c55-8e21-5d0f7b3a6c42"


@dataclass(frozen=True, slots=True)
class Entry:
    """One code: what it means, what the caller can do, and what else is said under the same code."""

    code: str
    status: int
    title: str
    advice: str
    variants: tuple[tuple[str, str], ...] = ()


def read() -> list[Entry]:
    """Return every code of the application's errors, by status, then by name."""
    found: dict[str, list[type[AppError]]] = {}
    for kind in _below(AppError):
        if kind.__module__.startswith("app."):
            found.setdefault(kind.code, []).append(kind)
    entries = (_entry(sorted(kinds, key=lambda kind: len(kind.__mro__))) for kinds in found.values())
    return sorted(entries, key=lambda entry: (entry.status, entry.code))


def problem_example(entry: Entry) -> dict[str, Any]:
    """Return a problem document with the code."""
    example = {
        "type": f"/docs/errors#{entry.code}",
        "title": entry.title,
        "status": entry.status,
        "detail": entry.title,
        "code": entry.code,
        "request_id": _REQUEST_ID,
    }
    if entry.code == "validation_failed":
        example["errors"] = {"email": ["This is not a valid e-mail address."]}
    return example


def _below(kind: type[AppError]) -> Iterator[type[AppError]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from _below(inner)


def _entry(kinds: list[type[AppError]]) -> Entry:
    """Return the entry of a code: the class nearest to AppError owns it, the others say it more precisely."""
    owner = kinds[0]
    own = (owner.title, owner.advice)
    others = dict.fromkeys((kind.title, kind.advice) for kind in kinds)
    variants = tuple(sorted(text for text in others if text != own))
    return Entry(owner.code, owner.status, *own, variants=variants)
