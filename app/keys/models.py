"""What other packages see of a key."""

from dataclasses import dataclass
from datetime import datetime
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
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key and its secret, which is shown this once."""

    key_id: UUID
    secret: str


@dataclass(frozen=True, slots=True)
class KnownKey:
    """What a request's key is checked against: the key and its client's status, read in one statement."""

    key: Key
    client_status: str
