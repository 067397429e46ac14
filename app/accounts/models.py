"""What the flows hand around."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.clients.models import ClientSettings, effective_settings
from app.core.actors import OperatorActor, UserActor
from app.limits.tiers import Tier
from app.sessions.models import IssuedTokens
from app.users.models import User


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session with its user and its client, read in one statement."""

    session_id: UUID
    client_id: UUID
    authenticated_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    amr: list[str]
    client_status: str
    client_version: int
    is_platform: bool
    own_settings: dict[str, Any]
    tier: str
    limits: Tier
    limits_epoch: int
    user: User

    @property
    def settings(self) -> ClientSettings:
        """The settings of its client in force."""
        return effective_settings(self.own_settings, is_platform=self.is_platform)

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The pages that its client lets users call from; () if it names none."""
        return tuple(self.own_settings.get("allowed_origins", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInUser(UserActor):
    """The user of an access token, with the row that was read to check it."""

    profile: User
    allowed_origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInOperator(OperatorActor):
    """An operator, with the row that was read to check the token."""

    profile: User
    allowed_origins: tuple[str, ...] = ()


SignedIn = SignedInUser | SignedInOperator


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A user and the tokens of a new or refreshed session."""

    user: User
    tokens: IssuedTokens
