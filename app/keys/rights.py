"""Who may do what with keys: what a creator may grant, and whose keys a caller sees."""

from uuid import UUID

from app.core.actors import Actor, KeyActor, UserActor
from app.core.errors import InsufficientScope, MfaRequired
from app.roles import service as roles

READ, WRITE, VERIFY = "keys:read", "keys:write", "keys:verify"


class ScopeNotHeld(InsufficientScope):
    """A key would hold more than its creator does."""

    title = "A key cannot hold scopes that its creator lacks."
    advice = "Ask for fewer scopes, or use a credential that holds them."


class OwnerLacksFactor(MfaRequired):
    """A user's own key, of whom the client asks a second factor that the user has not."""

    title = "The owner of this key must set up a second factor first."
    advice = "Log in as the owner, set up a second factor as the login says, and make a new key."


def owner_seen(actor: Actor, scope: str) -> UUID | None:
    """Return the user whose keys alone a caller may handle; None for who handles all of its client's.

    A user without the scope handles its own keys; so does the key of a user.
    """
    if isinstance(actor, UserActor):
        return None if scope in actor.scopes else actor.user
    return actor.owner if isinstance(actor, KeyActor) else None


def check_grant(actor: Actor, scopes: frozenset[str]) -> None:
    """Raise ScopeNotHeld where a caller would grant more than it has."""
    missing = roles.lacking(actor, scopes)
    if missing:
        raise ScopeNotHeld(f"You do not hold {', '.join(sorted(missing))}.", missing=sorted(missing))
