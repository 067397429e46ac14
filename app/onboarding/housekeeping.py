"""What is deleted regularly because nobody needs it any more; safe to do in several processes at once."""

from collections.abc import Iterator

from app.codes import service as codes
from app.core import chores, db
from app.limits import login_throttle
from app.mail import service as mail
from app.sessions import purging

_EVERY_SECONDS = 3600.0
_AT_ONCE, _AT_ONCE_ON_SQLITE = 1000, 200
"""On SQLite everybody who writes waits for each batch: it takes a tenth of a second at the most."""


@chores.chore("tidy", every=_EVERY_SECONDS)
def tidy() -> Iterator[int]:
    """Delete old mails, codes, sessions and counts of failed logins, in batches; yield how many rows each had."""
    limit = _AT_ONCE if db.is_postgresql() else _AT_ONCE_ON_SQLITE
    for purge in (mail.prune, codes.purge, purging.purge, login_throttle.purge):
        while deleted := purge(limit=limit):
            yield deleted
