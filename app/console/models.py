"""What the console is told of a session, and what its cookies are made of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.clients.models import Client
from app.core.errors import AppError
from app.sessions.models import IssuedTokens
from app.users.models import User


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """Who is logged in, at which client, and what they may do; `expires_at` is the end of the session at the latest."""

    session_id: UUID
    client: Client
    user: User
    scopes: list[str]
    is_operator: bool
    fresh_until: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Entered:
    """A session just begun or refreshed, with its tokens and the seconds that its refresh token lives."""

    session: ConsoleSession
    tokens: IssuedTokens
    refresh_seconds: int


@dataclass(frozen=True, slots=True)
class HalfEntered:
    """A login that waits for a second factor, or for one to be set up: the token for it, and what the answer says."""

    client_id: UUID
    token: str
    seconds: int
    asked: AppError
