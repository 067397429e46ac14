"""What the flows hand around."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.clients.models import ClientSettings, chosen, effective_settings
from app.core.actors import OperatorActor, UserActor
from app.limits.tiers import Tier
from app.mfa import policy
from app.mfa.models import MFA
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
    impersonator_id: UUID | None
    client_status: str
    client_version: int
    is_platform: bool
    own_settings: dict[str, Any]
    tier: str
    limits: Tier
    limits_epoch: int
    user: User
    scopes: frozenset[str]
    """What its user's role holds now; of that only what reads, where somebody acts for the user."""

    @property
    def settings(self) -> ClientSettings:
        """The settings of its client in force."""
        return effective_settings(self.own_settings, is_platform=self.is_platform)

    @property
    def lacks_factor(self) -> bool:
        """Whether its client's policy wants a second factor that it was begun without.

        Who acts for a user is measured by their own proof (app.sessions.impersonation).
        """
        if MFA in self.amr:
            return False
        return policy.demands(chosen("mfa_policy", self.own_settings), role=self.user.role, scopes=self.scopes)

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The pages that its client lets users call from; () if it names none."""
        origins: tuple[str, ...] = chosen("allowed_origins", self.own_settings)
        return origins


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
