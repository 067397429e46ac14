"""What a bundle is, in the words that other modules use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

BUNDLE, SNAPSHOT = "bundle", "snapshot"
"""Kinds: what a person moves, copies or keeps; what this installation takes by itself, to restore in place."""
FORMAT = 1
"""The version of the form; a bundle of another is refused."""
IN_CLEAR, OF_INSTALLATION = "in_clear", "of_installation"
"""How seeds of authenticator apps stand in a bundle: readable (in one that a passphrase encrypts), or sealed anew."""
Progress = Callable[[str, int], None]
"""Told a table's name and how many of its rows were done in a step."""
Row = tuple[str, dict[str, Any]]
"""The name of a table, and values by column."""


def nobody(_table: str, _rows: int) -> None:
    """Tell nobody how far the work is."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a bundle."""

    format: int
    kind: str
    bundle_id: UUID
    source: str
    """PUBLIC_URL of the installation that wrote it."""
    client_id: UUID
    client_name: str
    slug: str
    users_schema_version: int
    seeds: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BundleSummary:
    """A whole bundle: its header, the rows of each table, and the SHA-256 (hex) of all lines before the last."""

    header: Header
    counts: Mapping[str, int]
    digest: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a bundle's rows."""

    counts: Mapping[str, int]
    keys_left_out: int = 0
    keys_ended: int = 0
    """How many came along revoked, or end sooner, as at the erasure of the client."""
    has_access_key: bool = False
    """Whether a living access key came along."""


PENDING, RUNNING, DONE, FAILED = "pending", "running", "done", "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """An export that a client has asked for; `sha256` is that of the file."""

    job_id: UUID
    client_id: UUID
    status: str
    encrypted: bool
    lock: bytes | None
    attempts: int
    size: int | None
    digest: bytes | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime

    @property
    def sha256(self) -> str | None:
        """The digest in hexadecimal."""
        return None if self.digest is None else bytes(self.digest).hex()
