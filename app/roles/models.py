"""What other packages see of a role."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a client with what it holds; a built-in one that nobody has changed has no times."""

    name: str
    permissions: list[str]
    built_in: bool
    created_at: datetime | None = None
    updated_at: datetime | None = None
