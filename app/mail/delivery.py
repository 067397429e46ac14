"""Sending what waits in the outbox: at least once, with the same Message-ID each time.

Each mail is taken up in a transaction of its own when it is its turn, sent with no connection to the database held,
and marked as soon as it has left: nobody ever holds more than the mail at hand. Who dies over it leaves a claim that
ends by itself.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from app.core import clock, db, isolation, metrics
from app.core.crypto import WrongKey
from app.core.isolation import Crossing
from app.mail import service, store
from app.mail.models import Claimed
from app.mail.transport import Link, NotSent

LEASE = timedelta(minutes=5)
"""For so long a mail that was taken up is this process's; the mail server gets half of it at the very most."""
_DISCARDED_AT_ONCE = 500
_FIRST_WAIT, _GROWTH, _LONGEST_WAIT = timedelta(seconds=30), 4, timedelta(hours=24)
MOST_ATTEMPTS = 9
"""The last is made after about three days: 30 s, 2 min, 8 min, 32 min, 2 h, 8.5 h and then 24 h lie between them."""
_MOST_LOST = 2
"""So many connections lost running, each with its mail, are the server's fault; a single one may be its mail's."""
_OVERDUE = timedelta(minutes=10)
_log = structlog.get_logger()


@isolation.across(Crossing.WORKER)
def deliver_due(going_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due until nothing is left, the mail server fails or it is told to stop; return how many it tried."""
    tried = lost = 0
    with Link() as link:
        while lost < _MOST_LOST and going_on() and (mail := _taken_up()):
            failure = _attempted(link, mail)
            _note(mail, failure)
            tried += 1
            lost = lost + 1 if failure is not None and failure.whole else 0
    return tried


@isolation.across(Crossing.WORKER)
def overdue_since() -> datetime | None:
    """Return when the mail that waits the longest was to be sent, if for ten minutes nobody has taken it up."""
    with db.reading():
        return store.first_due(clock.now() - _OVERDUE)


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts, give or take a fifth: not all come back at once."""
    grown = _FIRST_WAIT * float(_GROWTH ** min(attempts - 1, MOST_ATTEMPTS))
    return min(grown * random.uniform(0.8, 1.2), _LONGEST_WAIT)  # noqa: S311 - no secret


def _taken_up() -> Claimed | None:
    now = clock.now()
    with db.reading():
        due, discarded = store.pending(now)
    if discarded:
        with db.unit_of_work():
            store.delete_discarded(limit=_DISCARDED_AT_ONCE)
    if not due:
        return None
    with db.unit_of_work():
        return store.claim(now=now, until=now + LEASE)


def _attempted(link: Link, mail: Claimed) -> NotSent | None:
    """Send one mail; return why it did not leave. Whatever goes wrong is this mail's failure: others wait behind it."""
    if mail.attempts > MOST_ATTEMPTS:  # nobody lived to mark the last one
        return NotSent("no attempt came to an end", permanent=True)
    try:
        content = service.unsealed(mail.sealed, client_id=mail.client_id, message_id=mail.message_id)
        link.send(mail.message_id, mail.created_at, content)
    except NotSent as failure:
        return failure
    except WrongKey:
        return NotSent("sealed under another SECRET_KEY")
    except Exception as wrong:  # its text may quote the mail
        return NotSent(f"unexpected: {type(wrong).__name__}")
    return None


def _note(mail: Claimed, failure: NotSent | None) -> None:
    if failure is not None:
        _note_failure(mail, failure)
        return
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
