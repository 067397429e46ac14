"""Reads docs/API.md, the contract as people read it: its calls, error codes and shapes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.contracts.contract import ANY

_PREFIXES = {"## Platform calls": "", "## Client calls": "/api/v1/{client_id}"}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CALL = re.compile(rf"(?:({'|'.join(_METHODS)}) )?([/…][^\s?]*)(?:\?\S*)?")
_OPTIONAL_ITEM = re.compile(r"\[(/\{\w+\})\]")
# Of `GET`/`POST`/`PATCH`/`DELETE /things[/{id}]`, the collection takes the first two, the item all but POST.
_OF_COLLECTION, _OF_ITEM = {"GET", "POST"}, {"GET", "PUT", "PATCH", "DELETE"}
# A body beside several methods is of those that usually take one.
_WITH_BODY = {"POST", "PUT", "PATCH"}


@dataclass(frozen=True)
class Call:
    """One method and path of the page, the text of its body if it shows one, and the text of its answer."""

    method: str
    path: str
    body: str | None
    answer: str


def calls(page: str) -> list[Call]:
    """Return every call of the page's tables, and the public keys that a line of prose names."""
    found: list[Call] = []
    prefix: str | None = None
    for line in page.splitlines():
        if line.startswith("## "):
            prefix = next((own for title, own in _PREFIXES.items() if line.startswith(title)), None)
        if prefix is None:
            continue
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            found += _calls_of(cells[0], cells[-1], prefix)
        elif line.startswith("Public keys:"):
            found += _calls_of(line, "", prefix)
    return found


def error_codes(page: str) -> dict[str, int]:
    """Return each error code with the status that follows it."""
    listed = re.search(r"Codes: (.*?)\. 401 carries", page, re.DOTALL)
    assert listed is not None
    codes: dict[str, int] = {}
    before: list[str] = []
    for code, status in re.findall(r"`(\w+)`|\b([45]\d\d)\b", listed[1]):
        if code:
            before.append(code)
        else:
            codes |= dict.fromkeys(before, int(status))
            before = []
    assert not before
    return codes


def shapes(page: str) -> dict[str, str]:
    """Return the bodies that the page names (`user`, `session`, `client`, `audit`) in its notation for fields."""
    found = {}
    for name, names in re.findall(r"`(\w+)`: `([^`]*)`", page.partition("## Bodies")[2]):
        found[name] = "{" + re.sub(r"\s*\([^)]*\)", "", names) + "}"
    row = re.search(r"Every row: (.*?`timestamp`)", page, re.DOTALL)
    assert row is not None
    names_of_row = re.findall(r"`(\w+\??)`", re.sub(r"\([^)]*\)", "", row[1]))
    found["audit"] = "{" + ", ".join(names_of_row) + "}"
    return found


def _calls_of(cell: str, answer: str, prefix: str) -> Iterator[Call]:
    """Yield the calls of a table's first cell; a body belongs to the call before it."""
    pending: list[str] = []
    last: list[str] = []
    path = ""
    spans = re.findall(r"`([^`]*)`", cell)
    for span, after in pairwise([*spans, ""]):
        if span in _METHODS:
            pending.append(span)
            continue
        call = _CALL.fullmatch(span)
        if call is None:
            continue
        own = [*pending, *([call[1]] if call[1] else [])]
        last = own or (last if call[2].startswith("…") else [ANY])
        path, pending = _whole(call[2], path), []
        body = after if after.startswith("{") else None
        for method in last:
            for each in _variants(method, path):
                takes_body = method in _WITH_BODY or len(last) == 1
                yield Call(method, prefix + each, body if takes_body else None, answer)


def _whole(path: str, before: str) -> str:
    """Return a path that `…` shortens: it goes on from the last parameter of the one before, or from its parent."""
    if not path.startswith("…"):
        return path
    base = before[: before.rindex("}") + 1] if "}" in before else before.rpartition("/")[0]
    return base + path.removeprefix("…")


def _variants(method: str, path: str) -> list[str]:
    """Return the paths that `/things[/{id}]` means for a method."""
    if not _OPTIONAL_ITEM.search(path):
        return [path]
    collection = [_OPTIONAL_ITEM.sub("", path)] if method in _OF_COLLECTION else []
    item = [_OPTIONAL_ITEM.sub(r"\1", path)] if method in _OF_ITEM else []
    return collection + item
