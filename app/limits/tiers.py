"""The tiers: how many calls a client may make in each window; None means that there is no such window."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tier:
    """The limits of one tier: a client's own windows and those of each of its users."""

    requests_per_minute: int | None
    requests_per_hour: int | None
    requests_per_day: int | None
    user_requests_per_minute: int | None = 60
    user_requests_per_hour: int | None = 1_000


TIERS: dict[str, Tier] = {
    "free": Tier(10, 100, 1_000),
    "pro": Tier(50, 1_000, 10_000),
    "enterprise": Tier(100, None, None),
}
LIMIT_NAMES = tuple(Tier.__slots__)


def effective_limits(tier: str, own: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each limit with the level it comes from: `{"requests_per_minute": {"value": 10, "source": "tier"}}`."""
    limits = {name: {"value": value, "source": "tier"} for name, value in asdict(TIERS[tier]).items()}
    return limits | {name: {"value": value, "source": "client"} for name, value in own.items()}
