"""Who acts: one frozen type per kind of caller. Every service takes its actor as the first argument."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from app.core import clock
from app.core.metrics import UNKNOWN

FRESH_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a call came from, for the audit log: address, user agent and request id."""

    ip_address: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """What every kind of caller has; by itself it is somebody unknown."""

    origin: Origin = field(default_factory=Origin)
    tier: str = field(default=UNKNOWN, kw_only=True, compare=False)
    """The tier of the client, for the metrics, where the credential has told it."""

    @property
    def client_id(self) -> UUID | None:
        """The client whose data this caller may touch; None for nobody's."""
        return None

    @property
    def user_id(self) -> UUID | None:
        """The user who acts, if one does."""
        return None

    @property
    def key_id(self) -> UUID | None:
        """The key through which the call is made, if one is."""
        return None

    @property
    def is_backend(self) -> bool:
        """Whether this is a client's own server, which may speak for its end users."""
        return False

    @property
    def principal(self) -> str:
        """A name for this caller within its client, for scoping idempotency keys."""
        return f"address:{self.origin.ip_address}"


@dataclass(frozen=True, slots=True)
class AnonymousActor(Actor):
    """Somebody without a credential."""


@dataclass(frozen=True, slots=True)
class SystemActor(Actor):
    """The operator's shell: the flask commands and migrations."""

    @property
    def principal(self) -> str:
        """The shell is one principal."""
        return "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientActor(Actor):
    """A backend with its client's access key: everything within that client."""

    client: UUID
    key: UUID

    @property
    def client_id(self) -> UUID:
        """The key's client."""
        return self.client

    @property
    def key_id(self) -> UUID:
        """The access key."""
        return self.key

    @property
    def is_backend(self) -> bool:
        """An access key is held by servers alone."""
        return True

    @property
    def principal(self) -> str:
        """All access keys of a client are the same principal, so a rotation between two tries is harmless."""
        return "access_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyActor(Actor):
    """A holder of an API key, secret or publishable."""

    client: UUID
    key: UUID
    publishable: bool
    scopes: frozenset[str]
    owner: UUID | None = None
    allowed_origins: tuple[str, ...] = ()

    @property
    def client_id(self) -> UUID:
        """The key's client."""
        return self.client

    @property
    def key_id(self) -> UUID:
        """The API key."""
        return self.key

    @property
    def is_backend(self) -> bool:
        """A secret key of the client is; one of a user speaks for that user."""
        return not self.publishable and self.owner is None

    @property
    def principal(self) -> str:
        """A publishable key is public: behind it, the address is the principal."""
        suffix = f":{self.origin.ip_address}" if self.publishable else ""
        return f"key:{self.key}{suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleActor(Actor):
    """Somebody at the console's own pages, on the way to a session: what a publishable key lets them do, without one.

    The session's tokens go into cookies.
    """

    client: UUID

    @property
    def client_id(self) -> UUID:
        """The client that the login names."""
        return self.client

    @property
    def principal(self) -> str:
        """The page is open to everybody: the address is the principal."""
        return f"console:{self.origin.ip_address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonActor(Actor):
    """A user of a client in person, whatever proves it."""

    client: UUID
    user: UUID

    @property
    def client_id(self) -> UUID:
        """The user's client."""
        return self.client

    @property
    def user_id(self) -> UUID:
        """The user."""
        return self.user

    @property
    def principal(self) -> str:
        """The user."""
        return f"user:{self.user}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserActor(PersonActor):
    """A user with an access token of a live session."""

    session_id: UUID
    role: str
    scopes: frozenset[str]
    authenticated_at: datetime
    through_key: UUID | None = None
    impersonator_id: UUID | None = None
    """The admin who acts for the user, if one does: such a token only reads."""
    in_console: bool = False
    """Whether the token came in the console's cookies: no proof makes such a session fresh, each begins another."""

    @property
    def key_id(self) -> UUID | None:
        """The API key sent beside the token, if one was."""
        return self.through_key

    @property
    def is_fresh(self) -> bool:
        """Whether the user's last proof of identity is at most five minutes old; who acts for it has given none."""
        return self.impersonator_id is None and clock.now() - self.authenticated_at <= FRESH_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorActor(UserActor):
    """A user of the platform client with the role super_admin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolleeActor(PersonActor):
    """A user who has no session yet, because a second factor must be set up first: good for that alone."""

    token: str = field(repr=False)
    """The one-time code that this is proved by; whoever sets the factor up spends it."""
    allowed_origins: tuple[str, ...] = ()
