"""How often and when keys without a quota were used: noted in memory, written together every few seconds."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core import clock
from app.core.sums import Sums
from app.keys import store

_AT_ONCE = 500


@dataclass(slots=True)
class _Uses:
    """How often a key was used, and when last."""

    count: int
    last: datetime


def note(key_id: UUID, uses: int = 1) -> None:
    """Note that a key has just been used."""
    _sums.add(key_id, _Uses(uses, clock.now()))


def flush() -> None:
    """Write what this process has noted; outside any unit of work."""
    _sums.flush()


def flush_if_possible() -> None:
    """Write what is noted before somebody reads it; where nothing can be written, the read goes on without it."""
    _sums.flush_if_possible()


def _merge(held: _Uses, more: _Uses) -> None:
    held.count += more.count
    held.last = max(held.last, more.last)


def _write(noted: dict[UUID, _Uses]) -> None:
    rows = sorted((key_id, uses.count, uses.last) for key_id, uses in noted.items())
    for start in range(0, len(rows), _AT_ONCE):
        store.add_uses(rows[start : start + _AT_ONCE])


_sums: Sums[UUID, _Uses] = Sums("uses of keys", merge=_merge, write=_write)
