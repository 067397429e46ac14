"""What a snapshot is, and what a restoring changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

SCHEDULED, MANUAL, BEFORE_RESTORE = "scheduled", "manual", "before-restore"
"""Kinds: taken by itself, by an operator's word, and before a restoring, so that it can be undone."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A client as it was at a moment, in a sealed file below SNAPSHOT_DIR."""

    snapshot_id: UUID
    client_id: UUID
    kind: str
    taken_at: datetime
    file: str
    size: int
    sha256: bytes = field(repr=False)
    sealed_key: bytes = field(repr=False)
    counts: Mapping[str, int]


class Revived(NamedTuple):
    """Which ends a restoring takes back, as it was asked: keys that ended since, users who were disabled since."""

    keys: bool = False
    users: bool = False


NOTHING = Revived()


@dataclass(frozen=True, slots=True)
class Changes:
    """How many rows of a kind a restoring adds, changes, removes, and leaves as they are."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a restoring does, or did."""

    snapshot: Snapshot
    changes: Mapping[str, Changes]
    """By table: users, totp_factors, recovery_codes, passkeys, roles, keys."""
    passwords: int
    """Users whose password becomes the one of then."""
    active_again: int
    """Users who are disabled and become what they were then."""
    kept_disabled: int
    """Users who were disabled since and stay so."""
    roles_raised: int
    """Users who come to hold what their role does not hold now."""
    factors_lost: int
    """Users who have a second factor now and none then: their password alone lets them in."""
    kept_revoked: int
    """Keys that the snapshot holds as live and that stay, or come back, revoked."""
    kept_keys: int
    """Keys made since that stay: access keys, and successors of keys of then."""
    settings: tuple[str, ...]
    """Settings and limits of the client that become those of then, by name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A restoring that was carried out."""

    plan: Plan
    undo: Snapshot
    """The client as it was right before."""
    sessions: int
    """Sessions that were live, and ended."""
    keys_left_out: int
    """Keys that another client of this installation has by now."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A user whom a restoring changes, for the report."""

    change: str
    user_id: UUID
    email: str
