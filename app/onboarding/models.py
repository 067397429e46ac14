"""What registration hands out, and how a client is shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Registered:
    """A new client; the access key is shown this once."""

    client_id: UUID
    client_name: str
    slug: str
    tier: str
    access_key: str
    access_key_id: UUID
    documentation_url: str
    created_at: datetime
    admin_user_id: UUID | None


@dataclass(frozen=True, slots=True)
class ClientDetails:
    """A client with each setting and limit and the level it comes from."""

    client_id: UUID
    client_name: str
    slug: str
    domain: str | None
    industry: str | None
    contact_email: str | None
    status: str
    tier: str
    settings: dict[str, dict[str, Any]]
    limits: dict[str, dict[str, Any]]
    created_at: datetime
    storage_bytes: int = 0
    """As last measured, in lists sorted by it."""
