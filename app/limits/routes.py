"""Tiers, and how a client stands against its limits."""

from typing import Any
from uuid import UUID

from app.core.actors import Actor
from app.core.errors import ValidationFailed
from app.core.settings_rules import TIER_NAME
from app.limits import status, tiers
from app.limits.schemas import LimitStatusView, NewTierLimits, TierPage, TierView
from app.limits.status import LimitStatus
from app.limits.tiers import NamedTier
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import admin, client_key, fresh, guard, operator, path_client, publishable_key, user
from app.web.pages import Page

bp = Blueprint("limits", __name__, url_prefix="/api/v1", description="Tiers, windows and what is left of them.")
_CLIENT = CLIENT.removeprefix("/api/v1")


@bp.route("/tiers")
@guard(client_key(), publishable_key, user, operator)
@bp.response(200, TierPage)
def list_tiers() -> Page:
    """List the tiers and their limits, all on one page."""
    return Page(tiers.every(), None)


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
def show_rate_limit_status(client_id: UUID | None) -> LimitStatus:
    """Read what is left of each window, where the limits come from, and what was refused in the last 24 hours."""
    return status.show(path_client(client_id))


@bp.route(f"/clients{_CLIENT}/limits/reset", methods=["POST"])
@guard(fresh(operator))
@bp.response(204)
def reset_limits(client_id: UUID | None, actor: Actor) -> None:
    """Give a client, its keys and its users fresh windows."""
    status.reset(actor, path_client(client_id))
