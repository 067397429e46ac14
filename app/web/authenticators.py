"""What the front door asks of whoever knows the credentials: it knows no feature itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from app.core.actors import Actor, Origin
from app.core.admission import Admitted
from app.core.errors import Named


class KeyAuthenticator(Protocol):
    """Turns a key into its actor and counts the call; raises an AppError, marked with whom the key names if anyone."""

    def __call__(self, credential: str, origin: Origin, *, counted: bool, beside: Actor | None) -> Admitted:
        """Authenticate."""


class TokenAuthenticator(Protocol):
    """Turns an access token into its actor and counts the call unless told otherwise, as a KeyAuthenticator does."""

    def __call__(self, credential: str, origin: Origin, *, counted: bool = True) -> Admitted:
        """Authenticate."""


class EnrolleeAuthenticator(Protocol):
    """Turns the token of somebody who must set up a second factor at a client into its actor, and counts the call."""

    def __call__(self, credential: str, origin: Origin, *, client_id: UUID | None) -> Admitted:
        """Authenticate."""


class Recorder(Protocol):
    """Sums up a refused credential in the audit log of the client that it names."""

    def __call__(self, named: Named, origin: Origin, *, code: str) -> None:
        """Record."""


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """What create_app() hands to this floor, which knows no feature."""

    keys: KeyAuthenticator
    confirm: Callable[[Any], Actor]
    """Makes sure of a key's holder that was not counted; raises as `keys` does."""
    used: Callable[[Actor], None]
    """Counts one use of an admitted key; raises QuotaExceeded."""
    access_tokens: TokenAuthenticator
    enrollees: EnrolleeAuthenticator
    refused: Recorder
