"""What binds a user's own keys to the user: who may come to have one, how many, and how much each may do."""

from typing import Any
from uuid import UUID

from app.clients import service as clients
from app.core import clock, errors
from app.core.actors import Actor, KeyActor, UserActor
from app.core.errors import ValidationFailed
from app.keys import queries, records, store
from app.keys.models import Key
from app.limits import tiers
from app.sessions import service as sessions
from app.users import service as users

MOST_OF_A_USER = 50


def hold(actor: Actor, client_id: UUID, owner: UUID | None) -> None:
    """Let nobody delete the owner of a key to be, or end its keys, before the unit ends.

    Raises TokenRevoked for one who is gone, and where the session or key of the caller has just been ended: a key made
    by it would outlive it.
    """
    if owner is None:
        return
    clients.lock(client_id)
    if users.find(client_id, owner) is None or _has_ended(actor, client_id):
        raise errors.TokenRevoked()


def check_number(client_id: UUID, owner: UUID | None) -> None:
    """Raise Conflict for a user who has as many keys as a user may have."""
    if owner is not None and store.count_of_user(client_id, owner, at=clock.now()) >= MOST_OF_A_USER:
        raise errors.Conflict(f"You have {MOST_OF_A_USER} keys in use; revoke one first.")


def check_scopes(key: Key, scopes: frozenset[str]) -> None:
    """Raise ValidationFailed for scopes that the owner of a key does not hold: they would have no effect."""
    owner = None if key.user_id is None else queries.find_owner(key.client_id, key.user_id)
    lacking = scopes - owner.scopes if owner is not None else frozenset()
    if lacking:
        raise ValidationFailed({"scopes": [f"Its owner does not hold {', '.join(sorted(lacking))}."]})


def check_bounds(client_id: UUID, owner: UUID | None, given: dict[str, Any]) -> None:
    """Raise ValidationFailed where a user's own key would be let do more than the client lets each user."""
    if owner is None or not given.get("rate_limit"):
        return
    most = records.user_bounds(tiers.of_client(clients.require(client_id)))
    wrong = {
        f"rate_limit.{name}": [f"At most {most[name]} for a key of your own."]
        for name, amount in given["rate_limit"].items()
        if most[name] is not None and amount > (most[name] or 0)
    }
    if wrong:
        raise ValidationFailed(wrong)


def _has_ended(actor: Actor, client_id: UUID) -> bool:
    if isinstance(actor, UserActor):
        return sessions.was_revoked(client_id, actor.session_id)
    if isinstance(actor, KeyActor):
        key = store.find(client_id, actor.key)
        return key is None or key.revoked_at is not None
    return False
