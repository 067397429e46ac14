"""What other packages see of sessions and tokens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom tokens are made for, and how long they live (seconds)."""

    client_id: UUID
    client_version: int
    user_id: UUID
    email: str
    role: str
    scopes: frozenset[str]
    access_token_ttl: int
    session_idle_ttl: int
    session_absolute_ttl: int


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """A fresh pair; `expires_in` is the access token's life in seconds, `ended` how many older sessions made room."""

    session_id: UUID
    access_token: str
    refresh_token: str
    expires_in: int
    ended: int = 0


@dataclass(frozen=True, slots=True)
class Impersonation:
    """An access token with which an admin acts for a user; there is none to refresh it by."""

    session_id: UUID
    access_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class Session:
    """One login of a user, as its list shows it."""

    session_id: UUID
    user_id: UUID
    ip_address: str | None
    user_agent: str | None
    created_at: datetime
    last_seen_at: datetime
    impersonator_id: UUID | None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One link of a session's chain."""

    token_id: UUID
    session_id: UUID
    user_id: UUID
    seq: int
    expires_at: datetime
    spent_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a genuine access token says. Times are Unix seconds."""

    client_id: UUID
    user_id: UUID
    session_id: UUID
    kid: UUID
    not_before: int
    expires: int
    impersonator_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A client's key pair for ES256."""

    kid: UUID
    client_id: UUID
    private_key: EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """The public half."""

    kid: UUID
    client_id: UUID
    public_key: EllipticCurvePublicKey
