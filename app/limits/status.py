"""What is left of a client's limits, and giving it fresh ones."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.core import db
from app.core.actors import Actor
from app.core.windows import WindowState
from app.limits import tiers, usage, windows
from app.limits.tiers import Tier
from app.limits.usage import Refusals

RESET = "limits.reset"


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """A client's windows as they stand, its tier, what it has of its own, and what was refused."""

    tier: str
    windows: tuple[WindowState, ...]
    limits: dict[str, dict[str, Any]]
    overrides: dict[str, Any]
    refusals_per_hour: list[Refusals]


def show(client_id: UUID) -> LimitStatus:
    """Return how a client stands, counting nothing; raises ClientNotFound."""
    with db.reading():
        client = clients.require(client_id)
        limits = tiers.of_client(client)
    return LimitStatus(
        tier=client.tier,
        windows=windows_of(client, limits),
        limits=tiers.effective_limits(limits, client.own_limits),
        overrides=client.own_limits,
        refusals_per_hour=usage.refusals_per_hour(client_id),
    )


def windows_of(client: Client, limits: Tier) -> tuple[WindowState, ...]:
    """Return what is left of a client's own windows, counting nothing; outside any unit."""
    of_client = tiers.client_windows(client.client_id, client.limits_epoch, limits)
    of_verify = tiers.verify_windows(client.client_id, client.limits_epoch, limits)
    return windows.count(of_client + of_verify, calls=0).states


def reset(actor: Actor, client_id: UUID) -> None:
    """Give a client, its keys and its users fresh windows, whatever counts them; raises ClientNotFound."""
    with db.unit_of_work():
        clients.reset_limits(client_id)
        audit.record(actor, RESET, client_id=client_id)
