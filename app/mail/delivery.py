"""Sending what waits in the outbox: at least once, with the same Message-ID each time.

Mails are claimed in one transaction, sent with no connection to the database held, and each is marked as soon as it
has left. Who dies in between leaves a claim that ends by itself.
"""

import random
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import structlog

from app.core import clock, db, metrics
from app.core.crypto import WrongKey
from app.mail import service, store, transport
from app.mail.models import Claimed
from app.mail.transport import NotSent, Send

LEASE = timedelta(minutes=5)
"""For so long claimed mails are this process's; one mail takes the mail server half of it at the very most."""
_BATCH, _DISCARDED_AT_ONCE = 10, 1000
_FIRST_WAIT, _GROWTH, _LONGEST_WAIT = timedelta(seconds=30), 4, timedelta(hours=24)
MOST_ATTEMPTS = 9
"""The last is made after about three days: 30 s, 2 min, 8 min, 32 min, 2 h, 8.5 h and then 24 h lie between them."""
_log = structlog.get_logger()


def deliver_due(going_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due until nothing is left, the mail server fails or it is told to stop; return how many it tried."""
    tried, works = 0, True
    while works and going_on() and (mails := _claimed()):
        works = _deliver(mails, going_on)
        tried += len(mails)
    return tried


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts, give or take a fifth: not all come back at once."""
    grown = _FIRST_WAIT * float(_GROWTH ** min(attempts - 1, MOST_ATTEMPTS))
    return min(grown * random.uniform(0.8, 1.2), _LONGEST_WAIT)  # noqa: S311 - no secret


def _claimed() -> list[Claimed]:
    now = clock.now()
    with db.reading():
        due, discarded = store.pending(now)
    if discarded:
        with db.unit_of_work():
            store.delete_discarded(limit=_DISCARDED_AT_ONCE)
    if not due:
        return []
    with db.unit_of_work():
        return store.claim(now=now, until=now + LEASE, limit=_BATCH)


def _deliver(mails: list[Claimed], going_on: Callable[[], bool]) -> bool:
    """Send some mails over one connection; where the server fails, which is told, the rest shares the failure."""
    left, works = list(mails), True
    with ExitStack() as open_link:
        try:
            send = open_link.enter_context(transport.opened())
            while left and going_on() and clock.now() < left[0].claimed_until - LEASE / 2:
                _deliver_one(send, left[0])
                left.pop(0)
        except NotSent as failure:
            works = False
            while left:
                _note_failure(left.pop(0), failure)
    if left:
        with db.unit_of_work():
            store.release(left)
    return works


def _deliver_one(send: Send, mail: Claimed) -> None:
    """Send one mail and mark it; raises NotSent where no other mail would leave either."""
    try:
        content = service.unsealed(mail.sealed, client_id=mail.client_id, message_id=mail.message_id)
        send(mail.message_id, mail.created_at, content)
    except WrongKey:
        _note_failure(mail, NotSent("sealed under another SECRET_KEY"))
    except NotSent as failure:
        if failure.whole:
            raise
        _note_failure(mail, failure)
    else:
        with db.unit_of_work():
            store.mark_sent(mail, now=clock.now())
        metrics.mail_sent(mail.kind)


def _note_failure(mail: Claimed, failure: NotSent) -> None:
    dead = failure.permanent or mail.attempts >= MOST_ATTEMPTS
    again = None if dead else clock.now() + wait_after(mail.attempts)
    with db.unit_of_work():
        store.mark_failed(mail, error=failure.reason, next_attempt_at=again)
    metrics.mail_failed(mail.kind, dead=dead)
    told = {"message_id": str(mail.message_id), "kind": mail.kind, "attempts": mail.attempts, "reason": failure.reason}
    _log.warning("mail given up" if dead else "mail not sent, tried again later", **told)
