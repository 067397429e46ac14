"""Spans of time as people write them: `90` (seconds), `90s`, `30m`, `24h`, `7d`."""

import re
from datetime import timedelta

_SPAN = re.compile(r"([0-9]{1,9})([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
LONGEST = timedelta(days=3_650)


def parse(text: str) -> timedelta | None:
    """Return the span that a text spells; None for anything else and for more than ten years."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        return None
    span = timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    return span if span <= LONGEST else None
