"""Moments as people name them to a command: `2026-01-31T03:00:00Z`, `2026-01-31 03:00`, `2h ago`, `2 hours ago`, `now`.

Times without an offset are UTC.
"""

import re
from datetime import UTC, datetime, timedelta

_AGO = re.compile(r"([0-9]{1,6}) ?(s|m|h|d|seconds?|minutes?|hours?|days?|weeks?) ago")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse(text: str, *, now: datetime) -> datetime | None:
    """Return the moment that a text names, of the last ten years or so; None for anything else."""
    plain = text.strip().lower()
    if plain == "now":
        return now
    ago = _AGO.fullmatch(plain)
    if ago is not None:
        span = timedelta(**{_UNITS[ago[2][0]]: int(ago[1])})
        return now - span if span < timedelta(days=5_000) else None
    try:
        named = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return named.replace(tzinfo=UTC) if named.tzinfo is None else named.astimezone(UTC)
