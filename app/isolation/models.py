"""What an isolation report is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

PASSED, FAILED, ABSENT = "passed", "failed", "absent"
"""`absent`: nothing stands behind this question on this database; the report says what does instead."""
MOST_FAILURES = 50
"""How many failures of one check are written down; the rest is counted."""


@dataclass(slots=True)
class Check:
    """One question, how much was looked at, and where the answer was wrong (nowhere: it passed).

    `private`: its figures tell of other clients, so clients are told no more than how it ended.
    """

    name: str
    says: str
    counts: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    absent: bool = False
    private: bool = False

    @property
    def status(self) -> str:
        """How it ended."""
        if self.failures:
            return FAILED
        return ABSENT if self.absent else PASSED

    def count(self, what: str, number: int = 1) -> None:
        """Count something that was looked at."""
        self.counts[what] = self.counts.get(what, 0) + number

    def fail(self, where: str) -> None:
        """Note where something is wrong, once."""
        if where not in self.failures:
            self.failures.append(where)

    def told(self) -> dict[str, Any]:
        """Return it as a report holds it."""
        more = len(self.failures) - MOST_FAILURES
        listed = self.failures[:MOST_FAILURES] + ([f"and {more} more"] if more > 0 else [])
        return self._told(self.counts, listed)

    def told_to_clients(self) -> dict[str, Any]:
        """Return it as every client may read it: where something leaks is for the operator alone."""
        return self._told({} if self.private else self.counts, [])

    def _told(self, counts: dict[str, int], failures: list[str]) -> dict[str, Any]:
        shown = {"name": self.name, "says": self.says, "status": self.status}
        return {**shown, "counts": counts, "failures": failures}


@dataclass(frozen=True, slots=True)
class Report:
    """A report and the document that proves it."""

    client_id: UUID
    measured_at: datetime
    report: dict[str, Any]
    document: str

    @property
    def passed(self) -> bool:
        """Whether nothing was found wrong."""
        return bool(self.report["passed"])


@dataclass(frozen=True, slots=True)
class Probe:
    """A throw-away client: what opens it, the ids of what it has, and the values that nobody else may ever see."""

    client_id: UUID
    credentials: Mapping[str, Mapping[str, str]]
    user_token: str
    ids: Mapping[str, str]
    canaries: tuple[str, ...]

    @property
    def key_header(self) -> dict[str, str]:
        """Its access key in the header that leaves room for a token beside it."""
        return dict(self.credentials["access key in X-API-Key"])


@dataclass(frozen=True, slots=True)
class Target:
    """A client that probes are tried against: a probe whose rows are watched, or a real client that is left alone."""

    client_id: UUID
    ids: Mapping[str, str]
    canaries: tuple[str, ...] = ()
    user_token: str | None = None
    watched: bool = False


def summed_up(checks: list[Check]) -> bool:
    """Return whether nothing was found wrong."""
    return all(check.status != FAILED for check in checks)
