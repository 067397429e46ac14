"""What goes through an import: rows on the way in, reports on the way out."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

NDJSON, CSV = "ndjson", "csv"
FORMS = {"application/x-ndjson": NDJSON, "text/csv": CSV}
Errors = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file as it was read and checked: a user's columns, or what is wrong with it.

    `email` is there where it is a valid one.
    """

    line: int
    values: dict[str, Any] | None = None
    errors: Errors = field(default_factory=dict)
    email: str | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that made no user, and why; nothing that the row held is repeated but a valid e-mail."""

    line: int
    email: str | None
    code: str
    errors: Errors


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows so far."""

    total: int = 0
    added: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of some rows, and where the import stands after them."""

    bad_rows: list[BadRow]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Summary:
    """How an import ended; `code` and `detail` say why where it could not go on."""

    counts: Counts
    dry_run: bool
    import_id: UUID | None
    finished: bool
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an import: what it has done, and whether there is anything left to do."""

    import_id: UUID
    client_id: UUID
    holder: UUID
    counts: Counts
    finished: bool = False
