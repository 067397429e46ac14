"""The mails of all clients as the operator sees them: what waits, what was given up, and trying again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.audit import service as audit
from app.core import db, isolation
from app.core.actors import Actor
from app.core.errors import NotFound
from app.core.isolation import Crossing
from app.core.settings import settings
from app.mail import service as mail
from app.mail.models import OutboxEntry, OutboxFilter

RETRIED = "mail.retry"


@dataclass(frozen=True, slots=True)
class Outbox:
    """A page of mails, one more than asked for if there are more, and how many there are of each status in all.

    `delivery` is `smtp`, or `folder` while mails become files.
    """

    entries: list[OutboxEntry]
    counts: dict[str, int]
    delivery: str


@isolation.across(Crossing.OPERATOR)
def page(wanted: OutboxFilter, *, before: tuple[datetime, UUID] | None, limit: int) -> Outbox:
    """Return mails, newest first."""
    delivery = "smtp" if settings().mail_url else "folder"
    return Outbox(mail.page(wanted, before=before, limit=limit), mail.count_by_status(), delivery)


@isolation.across(Crossing.OPERATOR)
def retry(actor: Actor, message_id: UUID | None) -> OutboxEntry:
    """Have a dead or waiting mail sent now, with all attempts before it; raises NotFound and NotWaiting."""
    if message_id is None:
        raise NotFound()
    with db.unit_of_work():
        entry = mail.retry(message_id)
        detail = {"message_id": str(message_id), "kind": entry.kind}
        audit.record(actor, RETRIED, client_id=entry.client_id, detail=detail)
    return entry
