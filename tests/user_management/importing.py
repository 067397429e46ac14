"""Sends files of users as an importing client does."""

import json
from collections.abc import Iterable
from typing import Any

import httpx

from tests.factories import Person, Tenant

NDJSON, CSV = {"Content-Type": "application/x-ndjson"}, {"Content-Type": "text/csv"}


def ndjson(rows: Iterable[Any]) -> bytes:
    """Return rows as a file."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def send(
    caller: Tenant | Person, content: bytes, *, headers: dict[str, str] | None = None, dry_run: bool = False
) -> httpx.Response:
    """Send a file, NDJSON unless a header says otherwise."""
    query = {"dry_run": "true"} if dry_run else {}
    return caller.call("POST", "/users/import", content=content, params=query, headers=NDJSON | (headers or {}))


def told(answer: httpx.Response) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the reports of bad rows, and the summary without the import's id."""
    assert answer.status_code == 200, answer.text
    *reports, summary = [json.loads(line) for line in answer.text.splitlines()]
    assert (summary["import_id"] is None) is summary["dry_run"]
    del summary["import_id"]
    return [report for report in reports if "progress" not in report], summary


def imported(caller: Tenant | Person, *rows: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Import rows; return the reports of bad ones, and the summary."""
    return told(send(caller, ndjson(rows)))


def counts(total: int, *, added: int = 0, skipped: int = 0, failed: int = 0, dry_run: bool = False) -> dict[str, Any]:
    """Return the summary of an import that has finished."""
    counted = {"total": total, "added": added, "skipped": skipped, "failed": failed}
    return counted | {"dry_run": dry_run, "finished": True}
