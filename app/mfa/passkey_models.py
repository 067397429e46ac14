"""What other packages see of a passkey."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

MOST = 20
"""How many passkeys a user may have."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A credential of WebAuthn that one user has registered; the public key is of no use to whoever reads it."""

    passkey_id: UUID
    client_id: UUID
    user_id: UUID
    credential_id: bytes
    name: str
    public_key: bytes
    sign_count: int
    transports: list[str]
    aaguid: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None
