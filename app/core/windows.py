"""What a rate limit is made of: at most so many calls in any window of a length (a sliding window)."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Window:
    """One limit on one subject. `subject` says who is counted, `name` is the limit's name, such as
    `requests_per_minute`; at most `limit` calls pass in any `seconds`.
    """

    subject: str
    name: str
    limit: int
    seconds: int


@dataclass(frozen=True, slots=True)
class WindowState:
    """What is left of a window: `remaining` calls now, and one more at `reset_at` (Unix time in seconds)."""

    name: str
    limit: int
    seconds: int
    remaining: int
    reset_at: float

    @property
    def reset_moment(self) -> datetime:
        """The moment `reset_at`, in UTC."""
        return datetime.fromtimestamp(self.reset_at, UTC)
