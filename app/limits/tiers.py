"""The tiers and what they mean for a client: how many calls it, each of its users and its verifications may make.

A limit is an operator's own (the table tiers), else the setting TIERS', else built in; a client's override stands over
its tier. None means that there is no such window.
"""

import functools
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.clients import freshness
from app.clients import service as clients
from app.clients.models import Client
from app.core import clock, db, isolation
from app.core.actors import Actor
from app.core.isolation import Crossing
from app.core.settings import settings
from app.core.windows import Window
from app.limits import store

CHANGED = "tier.update"


@dataclass(frozen=True, slots=True)
class Tier:
    """The limits of one tier: a client's own windows, those of each of its users, and one for POST /keys/verify."""

    requests_per_minute: int | None = None
    requests_per_hour: int | None = None
    requests_per_day: int | None = None
    user_requests_per_minute: int | None = 60
    user_requests_per_hour: int | None = 1_000
    verify_requests_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class NamedTier:
    """A tier, its name and where it is set: `built_in`, `setting` or `operator`."""

    name: str
    source: str
    limits: Tier


BUILT_IN: dict[str, Tier] = {
    "free": Tier(10, 100, 1_000),
    "pro": Tier(50, 1_000, 10_000),
    "enterprise": Tier(100, None, None),
}
LIMIT_NAMES = tuple(Tier.__slots__)
SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
CLIENT_LIMITS = ("requests_per_minute", "requests_per_hour", "requests_per_day")
_USER = ("user_requests_per_minute", "user_requests_per_hour")
_VERIFY = ("verify_requests_per_minute",)


def limits_of(tier: str, *, stored: Mapping[str, Any] | None, own: Mapping[str, Any]) -> Tier:
    """Return the limits in force: `stored` is the tier's row if an operator has set it, `own` the client's overrides.

    A tier that is no longer known counts as the DEFAULT_TIER.
    """
    base = _kept(stored) if stored is not None else _configured(tier) or _configured(settings().default_tier)
    return replace(base or Tier(), **_known(own))


def of_client(client: Client) -> Tier:
    """Return a client's limits in force, in the unit in force."""
    return limits_of(client.tier, stored=store.tiers().get(client.tier), own=client.own_limits)


def client_windows(client_id: UUID, epoch: int, limits: Tier) -> tuple[Window, ...]:
    """Return the windows in which a client's calls by access key and secret keys count."""
    return _windows(f"{client_id}.{epoch}", limits, CLIENT_LIMITS)


def verify_windows(client_id: UUID, epoch: int, limits: Tier) -> tuple[Window, ...]:
    """Return the window in which a client's calls of POST /keys/verify count."""
    return _windows(f"{client_id}.{epoch}:v", limits, _VERIFY)


def user_windows(client_id: UUID, epoch: int, limits: Tier, user_id: UUID) -> tuple[Window, ...]:
    """Return the windows in which a user's calls count."""
    return _windows(f"{client_id}.{epoch}:u:{user_id}", limits, _USER)


def key_windows(client_id: UUID, epoch: int, key_id: UUID, own: Mapping[str, Any]) -> tuple[Window, ...]:
    """Return a key's own windows, under names such as `key_requests_per_minute`."""
    subject = f"{client_id}.{epoch}:k:{key_id}"
    named = [name for name in CLIENT_LIMITS if own.get(name)]
    return tuple(Window(subject, f"key_{name}", own[name], _seconds(name)) for name in named)


def names() -> set[str]:
    """Return the names of all tiers, in the unit in force."""
    return {*BUILT_IN, *settings().tiers, *store.tiers()}


def every() -> list[NamedTier]:
    """Return all tiers, the built-in ones first."""
    with db.reading():
        stored = store.tiers()
    return [_named(name, stored.get(name)) for name in dict.fromkeys([*BUILT_IN, *settings().tiers, *sorted(stored)])]


def put(actor: Actor, name: str, limits: dict[str, int | None]) -> NamedTier:
    """Set all limits of a tier; they bind from the next call on."""
    tier = Tier(**limits)
    with isolation.across(Crossing.OPERATOR), db.unit_of_work():
        store.put_tier(name, asdict(tier), now=clock.now())
        freshness.changing_all()
        clients.touch_tier(name)
        audit.record(actor, CHANGED, detail={"tier": name, **asdict(tier)})
    return NamedTier(name, "operator", tier)


def effective_limits(limits: Tier, own: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each limit with the level it comes from: `{"requests_per_minute": {"value": 10, "source": "tier"}}`."""
    return {
        name: {"value": value, "source": "client" if name in own else "tier"} for name, value in asdict(limits).items()
    }


def stored() -> dict[str, dict[str, Any]]:
    """Return the tiers that operators have set, in the unit in force."""
    return store.tiers()


def _named(name: str, stored: Mapping[str, Any] | None) -> NamedTier:
    if stored is not None:
        return NamedTier(name, "operator", _kept(stored))
    found = _configured(name)
    return NamedTier(name, "setting" if name in settings().tiers else "built_in", found or Tier())


def _kept(stored: Mapping[str, Any]) -> Tier:
    return Tier(**_known(stored))


def _known(limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits that this version knows; a newer one beside it may have stored others."""
    return {name: value for name, value in limits.items() if name in LIMIT_NAMES}


def _configured(name: str) -> Tier | None:
    own = settings().tiers.get(name)
    return BUILT_IN.get(name) if own is None else Tier(**own)


@functools.lru_cache(maxsize=4096)
def _windows(subject: str, limits: Tier, wanted: tuple[str, ...]) -> tuple[Window, ...]:
    found = []
    for name in wanted:
        amount = getattr(limits, name)
        if amount is not None:
            found.append(Window(subject, name, amount, _seconds(name)))
    return tuple(found)


def _seconds(name: str) -> int:
    """Return the length of the window that a limit's name ends with."""
    return SECONDS[name.rpartition("_")[2]]
