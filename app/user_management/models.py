"""Which users to list."""

from dataclasses import dataclass
from uuid import UUID

CREATED_AT, EMAIL = "created_at", "email"
SORTS = (CREATED_AT, EMAIL)
"""What a list may be sorted by: neither moves while somebody pages. `last_login_at` would: a user who logs in between
two pages would be on none of them."""


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users to list; None means any. `q` begins the e-mail, the username or a word of the full name,
    `user_id` names them.
    """

    q: str | None = None
    email: str | None = None
    role: str | None = None
    status: str | None = None
    user_id: tuple[UUID, ...] | None = None
