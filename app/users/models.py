"""What other packages see of a user."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

ACTIVE, DISABLED, INVITED = "active", "disabled", "invited"


@dataclass(frozen=True, slots=True)
class User:
    """One person of one client; the password's hash stays in the store."""

    user_id: UUID
    email: str
    email_verified: bool
    full_name: str | None
    username: str | None
    avatar_url: str | None
    role: str
    status: str
    custom_fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None


@dataclass(frozen=True, slots=True)
class Login:
    """What a password is checked against."""

    user: User
    password_hash: str | None
    password_version: int
