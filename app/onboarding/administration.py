"""Reading, listing and changing clients."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client, effective_settings
from app.core import db
from app.core.actors import Actor, OperatorActor, SystemActor
from app.core.errors import InsufficientScope, Named, ValidationFailed
from app.limits.tiers import effective_limits
from app.onboarding.models import ClientDetails

CHANGED = "client.update"
_OPERATORS_ONLY = ("tier", "status", "limits")
_SHOWN = ("client_id", "client_name", "slug", "domain", "industry", "contact_email", "status", "tier", "created_at")


def show(client_id: UUID) -> ClientDetails:
    """Return a client; raises ClientNotFound."""
    with db.reading():
        return details_of(clients.require(client_id))


def page(*, limit: int, position: list[Any] | None, **filters: Any) -> list[ClientDetails]:
    """Return up to `limit` + 1 clients."""
    with db.reading():
        return [details_of(client) for client in clients.page(limit=limit, position=position, **filters)]


def change(actor: Actor, client_id: UUID, changes: dict[str, Any]) -> ClientDetails:
    """Change a client.

    Raises InsufficientScope where a client touches what is the operator's, SlugTaken, and ValidationFailed for settings
    that contradict each other.
    """
    reserved = [name for name in _OPERATORS_ONLY if name in changes]
    if reserved and not isinstance(actor, OperatorActor | SystemActor):
        audit.record_refusal(
            Named(client_id, user_id=actor.user_id, key_id=actor.key_id), actor.origin, code=InsufficientScope.code
        )
        raise InsufficientScope(f"Only an operator changes {', '.join(reserved)}.")
    if not changes:
        return show(client_id)
    with db.unit_of_work():
        before = clients.lock(client_id)
        values = dict(changes)
        if "settings" in changes:
            values["settings"] = _merged(before.own_settings, changes["settings"])
            _check(values["settings"])
        after = clients.change(client_id, **values)
        audit.record(actor, CHANGED, client_id=client_id, detail={"fields": sorted(changes), **_told(changes)})
    return details_of(after)


def details_of(client: Client) -> ClientDetails:
    """Return a client with each setting and limit and the level it comes from."""
    settings = {
        name: {"value": value, "source": "client" if name in client.own_settings else "default"}
        for name, value in asdict(client.settings).items()
    }
    shown = {name: getattr(client, name) for name in _SHOWN}
    return ClientDetails(**shown, settings=settings, limits=effective_limits(client.tier, client.own_limits))


def _merged(own: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a client's own settings after a change; null takes one back to the default."""
    return {name: value for name, value in {**own, **changes}.items() if value is not None}


def _check(own: dict[str, Any]) -> None:
    """Raise ValidationFailed where a client's settings contradict each other; a default gives way in silence."""
    absolute = effective_settings(own).session_absolute_ttl
    if own.get("session_idle_ttl", 0) > absolute:
        raise ValidationFailed({"settings.session_idle_ttl": [f"At most session_absolute_ttl, which is {absolute}."]})


def _told(changes: dict[str, Any]) -> dict[str, Any]:
    """Return what of a change the audit log repeats: status and tier."""
    return {name: changes[name] for name in ("status", "tier") if name in changes}
