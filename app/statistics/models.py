"""What statistics say: of a client's days, of its room, and of all clients together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.core.windows import WindowState

DAYS = 30
"""How many days are told of, today among them."""
USERS = "users"
"""The part of a client's storage that is a table of its own."""


class Activity(NamedTuple):
    """What happened on a day: failed attempts are those at signing up or logging in."""

    signups: int = 0
    logins: int = 0
    failures: int = 0
    active_users: int = 0


class Size(NamedTuple):
    """How much of something there is. `estimated`: its bytes are its rows times what such a row usually takes."""

    rows: int
    bytes: int
    estimated: bool


class Kept(NamedTuple):
    """How far a client is counted, and which day is its last whose figures are final."""

    client_id: UUID
    counted_until: datetime
    settled_to: str


class Beginning(NamedTuple):
    """How far a client is counted at first: not at all, save how many rows are older than all days that are told of."""

    client_id: UUID
    counted_until: datetime
    settled_to: str
    audit_rows: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of a client at one moment; its audit log is counted apart, as it grows."""

    users_by_role: dict[str, int]
    sessions: int
    secret_keys: int
    publishable_keys: int
    parts: dict[str, Size]


@dataclass(frozen=True, slots=True)
class RollUp:
    """What is kept of a client."""

    client_id: UUID
    counted_until: datetime
    settled_to: str
    not_before: datetime
    measured_at: datetime | None
    users: int
    sessions: int
    secret_keys: int
    publishable_keys: int
    users_by_role: dict[str, int]
    parts: dict[str, Size]


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC): people from the audit log, calls from the usage series."""

    started_at: datetime
    signups: int
    logins: int
    failures: int
    active_users: int
    requests: int
    refusals: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Days are oldest first, the last is today; `sessions` are those in force, `keys` those in use by kind."""

    per_day: list[Day]
    users: int
    users_by_role: dict[str, int]
    sessions: int
    keys: dict[str, int]
    windows: tuple[WindowState, ...]
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of what a client has."""

    name: str
    rows: int
    bytes: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class Storage:
    """The room that a client takes, the largest part first."""

    bytes: int
    parts: list[Part]
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class Installation:
    """What is kept of all clients together."""

    figures: dict[str, Any]
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class DayOfAll:
    """One day (UTC) of all clients."""

    started_at: datetime
    signups: int
    logins: int
    failures: int


@dataclass(frozen=True, slots=True)
class AllClients:
    """All clients together, as an operator reads them."""

    clients: int
    clients_by_status: dict[str, int]
    clients_by_tier: dict[str, int]
    users: int
    users_by_role: dict[str, int]
    sessions: int
    keys: dict[str, int]
    storage_bytes: int
    largest_clients: list[dict[str, Any]]
    per_day: list[DayOfAll]
    measured_at: datetime
