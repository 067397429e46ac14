"""Reading, listing and changing clients."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import BY_STORAGE, Client
from app.core import db, isolation
from app.core.actors import Actor, OperatorActor, SystemActor
from app.core.errors import InsufficientScope, Named, ValidationFailed
from app.core.isolation import Crossing
from app.limits import tiers
from app.onboarding import settings_changes, settings_levels
from app.onboarding.models import ClientDetails

CHANGED = "client.update"
_OPERATORS_ONLY = ("tier", "status", "limits")
_SHOWN = ("client_id", "client_name", "slug", "domain", "industry", "contact_email", "status", "tier", "created_at")


def show(client_id: UUID) -> ClientDetails:
    """Return a client; raises ClientNotFound."""
    with db.reading():
        client = clients.require(client_id)
        return _details(client, tiers.stored().get(client.tier))


def page(*, limit: int, position: list[Any] | None, **filters: Any) -> list[ClientDetails]:
    """Return up to `limit` + 1 clients."""
    with isolation.across(Crossing.OPERATOR), db.reading():
        found, stored = clients.page(limit=limit, position=position, **filters), tiers.stored()
        sizes = clients.sizes({client.client_id for client in found}) if filters["sort"] == BY_STORAGE else {}
    listed = [_details(client, stored.get(client.tier)) for client in found]
    return [replace(details, storage_bytes=sizes.get(details.client_id, 0)) for details in listed]


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
            _check_rights(actor, before, changes["settings"])
            values["settings"] = settings_changes.merged(before, changes["settings"])
        _check_tier(changes.get("tier"))
        after = clients.change(client_id, **values)
        stored = tiers.stored().get(after.tier)
        audit.record(actor, CHANGED, client_id=client_id, detail=_detail(before, after, changes))
    return _details(after, stored)


def _check_tier(tier: str | None) -> None:
    if tier is not None and tier not in tiers.names():
        raise ValidationFailed({"tier": [f"There is no such tier; there are {', '.join(sorted(tiers.names()))}."]})


def _details(client: Client, stored_tier: dict[str, Any] | None) -> ClientDetails:
    """Return a client with each setting and limit and the level it comes from."""
    shown = {name: getattr(client, name) for name in _SHOWN}
    limits = tiers.limits_of(client.tier, stored=stored_tier, own=client.own_limits)
    settings = settings_levels.of_client(client)
    return ClientDetails(**shown, settings=settings, limits=tiers.effective_limits(limits, client.own_limits))


def _check_rights(actor: Actor, client: Client, changes: dict[str, Any]) -> None:
    """Raise InsufficientScope where somebody else than an operator changes how operators prove who they are."""
    reserved = settings_changes.OPERATORS_OWN & changes.keys()
    if client.is_platform and reserved and not isinstance(actor, OperatorActor | SystemActor):
        raise InsufficientScope(f"Only an operator changes {', '.join(sorted(reserved))} of the platform.")


def _detail(before: Client, after: Client, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what of a change the audit log repeats: status, tier, and settings as far as they are short."""
    told: dict[str, Any] = {name: changes[name] for name in ("status", "tier") if name in changes}
    if "settings" in changes:
        told["settings"] = settings_changes.told(before.own_settings, after.own_settings, changes["settings"])
    return {"fields": sorted(changes), **told}
