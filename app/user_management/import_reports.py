"""The reports of an import as lines of NDJSON."""

import json
from dataclasses import asdict
from typing import Any

from app.user_management.import_models import BadRow, Batch, Summary


def lines_of(report: Batch | Summary) -> str:
    """Return a batch as a line for each bad row and one of progress, a summary as one line."""
    if isinstance(report, Summary):
        return _line(_of_summary(report))
    return "".join([*map(_line, map(_of_bad_row, report.bad_rows)), _line({"progress": asdict(report.counts)})])


def _of_summary(summary: Summary) -> dict[str, Any]:
    import_id = None if summary.import_id is None else str(summary.import_id)
    why = {} if summary.code is None else {"code": summary.code, "detail": summary.detail}
    how = {"dry_run": summary.dry_run, "import_id": import_id, "finished": summary.finished}
    return asdict(summary.counts) | how | why


def _of_bad_row(bad: BadRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(bad).items() if value is not None}


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value) + "\n"
