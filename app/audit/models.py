"""What other packages see of the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of a client's audit log."""

    audit_id: UUID
    client_id: UUID
    user_id: UUID | None
    key_id: UUID | None
    action: str
    status: str
    ip_address: str | None
    user_agent: str | None
    request_id: str | None
    detail: dict[str, Any]
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to read; None means any."""

    action: str | None = None
    status: str | None = None
    user_id: UUID | None = None
    key_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
