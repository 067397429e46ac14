"""What other packages see of a key."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

ACCESS, SECRET, PUBLISHABLE = "access", "secret", "publishable"
PREFIX_OF = {ACCESS: "ak", SECRET: "sk", PUBLISHABLE: "pk"}


@dataclass(frozen=True, slots=True)
class Key:
    """A key as lists show it; the secret itself is nowhere."""

    key_id: UUID
    client_id: UUID
    user_id: UUID | None
    kind: str
    name: str
    prefix: str
    last4: str
    scopes: list[str]
    usage_limit: int | None
    usage_count: int
    last_used_at: datetime | None
    rate_limit: dict[str, int]
    allowed_ips: list[str]
    allowed_origins: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    counts_as: UUID | None
    family_id: UUID | None

    @property
    def quota_id(self) -> UUID:
        """The key in whose quota this one counts: its own, until it is rotated."""
        return self.counts_as or self.key_id

    @property
    def window_id(self) -> UUID:
        """The key in whose windows this one counts: those of a key and its successors are the same."""
        return self.family_id or self.key_id

    def status_at(self, moment: datetime) -> str:
        """Return `active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= moment else "active"

    def shown_at(self, moment: datetime) -> dict[str, Any]:
        """Return what a list says of the key at a moment: its fields and its `status`."""
        return asdict(self) | {"status": self.status_at(moment)}


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key and its secret, which is shown this once."""

    key: Key
    secret: str

    @property
    def key_id(self) -> UUID:
        """The new key's id."""
        return self.key.key_id


@dataclass(frozen=True, slots=True)
class Owner:
    """What a user's key is bound by: whether the user is active, the scopes of its role, and its client's policy."""

    is_active: bool
    scopes: frozenset[str]
    lacks_factor: bool
    """Whether the client asks a second factor of the user, who has none."""

    def lent(self, scopes: Iterable[str]) -> frozenset[str]:
        """Return which of a key's scopes its owner's role holds too; none while the owner may use none."""
        return self.scopes & frozenset(scopes) if self.is_active and not self.lacks_factor else frozenset()


@dataclass(frozen=True, slots=True)
class KeysClient:
    """What a key is checked against besides itself; `stored_tier` is the tier's row, if there is one."""

    status: str
    tier: str
    own_limits: dict[str, Any]
    stored_tier: dict[str, Any] | None
    version: int
    limits_epoch: int
