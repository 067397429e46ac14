"""Which keys a client has after a restoring: a rule over two lists of rows, without a database.

A restoring undoes damage, but a key that was ended may have been ended because it leaked. So an end is never taken
back unless somebody asks for it: what was revoked since stays revoked, what was to end sooner ends sooner, and what is
gone, with its owner, comes back revoked. Uses never count down. Access keys made since stay, and so do the successors
of keys of then, which rotation has put in their place: without them the client's own servers could not call any more.
Other keys made since go.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.keys.models import ACCESS
from app.transfer.snapshot_models import Changes

Values = dict[str, Any]
_RIGHTS = ("name", "scopes", "usage_limit", "rate_limit", "allowed_ips", "allowed_origins")
_TIES = ("counts_as", "family_id")


@dataclass(frozen=True, slots=True)
class KeyChanges:
    """What is to be written, and how to tell of it."""

    rows: tuple[Values, ...]
    """Rows that are new or differ."""
    gone: tuple[UUID, ...]
    """Keys whose row goes or gives way to one of `rows`."""
    changes: Changes
    kept_revoked: int
    kept: int


def merged(now: Iterable[Values], then: Iterable[Values], *, at: datetime, revive: bool, undo: bool) -> KeyChanges:
    """Return what a restoring at a moment makes of the keys of now and then.

    `revive` takes ends back too. `undo`: the keys of then went with the restoring that is being undone.
    """
    held, wanted = {row["key_id"]: row for row in now}, {row["key_id"]: row for row in then}
    after: dict[UUID, Values] = {}
    for key_id, row in wanted.items():
        current = held.get(key_id)
        if current is not None:
            after[key_id] = _of_both(current, row, revive=revive)
        else:
            after[key_id] = row if revive or undo else row | {"revoked_at": row["revoked_at"] or at}
    successors = _successors(held, wanted)
    for key_id, row in held.items():
        if key_id in successors:
            after[key_id] = row | {name: wanted[successors[key_id]][name] for name in _RIGHTS}
        elif row["kind"] == ACCESS and key_id not in wanted:
            after[key_id] = row
    _cut_ties(after)
    return _told(held, wanted, after, at)


def _of_both(now: Values, then: Values, *, revive: bool) -> Values:
    kept = {name: now[name] for name in _TIES}
    kept["usage_count"] = max(now["usage_count"], then["usage_count"])
    kept["last_used_at"] = max((at for at in (now["last_used_at"], then["last_used_at"]) if at), default=None)
    if not revive:
        kept["revoked_at"] = now["revoked_at"] or then["revoked_at"]
        kept["expires_at"] = min((at for at in (now["expires_at"], then["expires_at"]) if at), default=None)
    return then | kept


def _successors(held: dict[UUID, Values], wanted: dict[UUID, Values]) -> dict[UUID, UUID]:
    """Return the keys made since by rotation of a key of then, and of which: each rotated key names its successor."""
    found: dict[UUID, UUID] = {}
    for key_id in wanted:
        successor = held[key_id]["counts_as"] if key_id in held else None
        while successor in held and successor not in wanted and successor not in found:
            found[successor] = key_id
            successor = held[successor]["counts_as"]
    return found


def _cut_ties(after: dict[UUID, Values]) -> None:
    """Let no key count in the quota of one that is not there."""
    for key_id, row in after.items():
        if row["counts_as"] is not None and row["counts_as"] not in after:
            after[key_id] = row | {"counts_as": None}


def _told(held: dict[UUID, Values], wanted: dict[UUID, Values], after: dict[UUID, Values], at: datetime) -> KeyChanges:
    differing = {key_id for key_id, row in after.items() if held.get(key_id) != row}
    changed, gone = differing & held.keys(), held.keys() - after.keys()
    return KeyChanges(
        rows=tuple(after[key_id] for key_id in sorted(differing)),
        gone=tuple(sorted(gone | changed)),
        changes=Changes(
            added=len(differing - held.keys()),
            changed=len(changed),
            removed=len(gone),
            same=len(after) - len(differing),
        ),
        kept_revoked=sum(_is_live(row, at) and not _is_live(after[key_id], at) for key_id, row in wanted.items()),
        kept=len(after.keys() - wanted.keys()),
    )


def _is_live(row: Values, at: datetime) -> bool:
    return row["revoked_at"] is None and (row["expires_at"] is None or row["expires_at"] > at)
