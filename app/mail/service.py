"""Mails wait in the outbox from the unit of work that asks for them until they are sent."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from app.core import clock, crypto, db, isolation, resealing
from app.core.errors import NotFound
from app.core.ids import new_id
from app.core.isolation import Crossing
from app.mail import rendering, store
from app.mail.errors import NotWaiting
from app.mail.models import (
    DISCARDED,
    PASSWORD_RESET,
    STATUSES,
    WAITING,
    Content,
    Message,
    OutboxEntry,
    OutboxFilter,
)
from app.mail.waking import wake

MOST = 5
"""Mails of one kind that a client has sent to one address within an hour; more are an attack on the mailbox."""
_WINDOW, _WINDOW_OF = timedelta(hours=1), {PASSWORD_RESET: timedelta(minutes=15)}
"""No longer than the code in the mail works: else five calls of a stranger would leave a time without a way in."""
SENT_KEPT, DEAD_KEPT = timedelta(days=7), timedelta(days=30)
"""How long a mail is told of after it was sent, or given up."""
_RESEALED_AT_ONCE = 500
_LABEL, _RECIPIENT = "outbox", "mail recipient"


def has_room(client_id: UUID, kind: str, recipient: str) -> bool:
    """Whether an address may get another mail of a kind now, in the unit of work in force.

    Nobody else adds one until that unit ends. Whoever makes a code for a mail asks first: one that voids the code
    before it and then never arrives would leave its user with none.
    """
    since = clock.now() - _WINDOW_OF.get(kind, _WINDOW)
    return store.has_room(_recipient_mac(client_id, recipient), kind, most=MOST, since=since)


def enqueue(message: Message) -> None:
    """Put a mail into the outbox, in the unit of work in force; it is sent after the commit.

    What cannot be delivered, and what is too much for one address, costs the same work and is never sent.
    """
    now, message_id = clock.now(), new_id()
    content = json.dumps(asdict(rendering.render(message))).encode()
    row = {
        "message_id": message_id,
        "client_id": message.client_id,
        "kind": message.kind,
        "recipient_mac": _recipient_mac(message.client_id, message.recipient),
        "sealed": crypto.seal(_LABEL, content, bound_to=_bound_to(message.client_id, message_id)),
        "status": WAITING if message.deliverable else DISCARDED,
        "attempts": 0,
        "next_attempt_at": now,
        "claimed_until": None,
        "last_error": None,
        "created_at": now,
        "sent_at": None,
    }
    store.add(row, most=MOST, since=now - _WINDOW_OF.get(message.kind, _WINDOW))
    db.after_commit(wake)


def unsealed(sealed: bytes, *, client_id: UUID, message_id: UUID) -> Content:
    """Return what a mail holds; raises WrongKey."""
    return Content(**json.loads(crypto.unseal(_LABEL, sealed, bound_to=_bound_to(client_id, message_id))))


def page(wanted: OutboxFilter, *, before: tuple[datetime, UUID] | None, limit: int) -> list[OutboxEntry]:
    """Return up to `limit` + 1 mails, newest first; the one too many says that there are more."""
    with db.reading():
        return store.page(wanted, before=before, limit=limit + 1)


def count_by_status() -> dict[str, int]:
    """Return how many mails of each status there are, none included."""
    with db.reading():
        return dict.fromkeys(STATUSES, 0) | store.count_by_status()


def retry(message_id: UUID) -> OutboxEntry:
    """Make a dead or waiting mail due now, in the unit of work in force; raises NotFound and NotWaiting."""
    found = store.retry(message_id, now=clock.now())
    if found is None:
        raise NotWaiting() if store.find(message_id) else NotFound()
    db.after_commit(wake)
    return found


@isolation.across(Crossing.WORKER)
def prune(*, limit: int) -> int:
    """Delete some mails that nobody needs any more, in a unit of its own; return how many."""
    now = clock.now()
    with db.unit_of_work():
        return store.delete_old(sent_before=now - SENT_KEPT, dead_before=now - DEAD_KEPT, limit=limit)


def reseal() -> Iterator[int]:
    """Seal under SECRET_KEY what only a fallback opens; yield each batch's number. What nothing opens stays."""
    return resealing.in_batches(
        lambda last: store.sealed_after(last, limit=_RESEALED_AT_ONCE),
        key_of=lambda row: row.message_id,
        renew=_resealed,
        replace=store.replace_sealed,
    )


def _recipient_mac(client_id: UUID, recipient: str) -> bytes:
    return crypto.mac(_RECIPIENT, f"{client_id}:{recipient.lower()}".encode())


def _resealed(row: db.AnyRow) -> bytes | None:
    try:
        return crypto.resealed(_LABEL, bytes(row.sealed), bound_to=_bound_to(row.client_id, row.message_id))
    except crypto.WrongKey:
        return None


def _bound_to(client_id: UUID, message_id: UUID) -> str:
    return f"{client_id}/{message_id}"
