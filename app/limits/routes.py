"""Tiers, and how a client stands against its limits."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.core.actors import Actor
from app.core.errors import ValidationFailed
from app.core.settings_rules import TIER_NAME
from app.limits import status, tiers
from app.limits.schemas import LimitStatusView, NewTierLimits, Tiers, TierView
from app.limits.tiers import NamedTier
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import admin, client_key, fresh, guard, operator, path_client, publishable_key, user

bp = Blueprint("limits", __name__, url_prefix="/api/v1", description="Tiers, windows and what is left of them.")
_CLIENT = CLIENT.removeprefix("/api/v1")


@bp.route("/tiers")
@guard(client_key(), publishable_key, user, operator)
@bp.response(200, Tiers)
def list_tiers() -> dict[str, list[NamedTier]]:
    """List the tiers and their limits."""
    return {"items": tiers.every()}


@bp.route("/tiers/<name>", methods=["PUT"])
@guard(operator)
@bp.arguments(NewTierLimits)
@bp.response(200, TierView)
def put_tier(data: dict[str, Any], name: str, actor: Actor) -> NamedTier:
    """Set all limits of a tier, new or not; they bind from the next call on."""
    if not TIER_NAME.fullmatch(name):
        raise ValidationFailed({"name": ["Lower-case letters, digits, dashes and underscores; at most 32."]})
    return tiers.put(actor, name, data)


@bp.route(f"{_CLIENT}/rate-limit-status")
@guard(client_key(), admin(), operator)
@bp.response(200, LimitStatusView)
def show_rate_limit_status(client_id: UUID | None) -> dict[str, Any]:
    """Read what is left of each window, where the limits come from, and what was refused in the last 24 hours."""
    found = status.show(path_client(client_id))
    windows = [asdict(state) | {"reset_at": datetime.fromtimestamp(state.reset_at, UTC)} for state in found.windows]
    return {name: getattr(found, name) for name in found.__slots__} | {"windows": windows}


@bp.route(f"/clients{_CLIENT}/limits/reset", methods=["POST"])
@guard(fresh(operator))
@bp.response(204)
def reset_limits(client_id: UUID | None, actor: Actor) -> None:
    """Give a client, its keys and its users fresh windows."""
    status.reset(actor, path_client(client_id))
