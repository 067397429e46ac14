"""What other packages see of an erasure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Erasure:
    """A client that is being erased, or was: `counts` is what went, by table, `receipt` the signed document on it."""

    client_id: UUID
    slug: str
    requested_by: dict[str, str]
    counts: dict[str, int]
    files: list[str]
    started_at: datetime
    finished_at: datetime | None
    swept_at: datetime | None
    receipt: str | None

    @property
    def is_finished(self) -> bool:
        """Whether nothing of the client is left, and the receipt is signed."""
        return self.finished_at is not None
