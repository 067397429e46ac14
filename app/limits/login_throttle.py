"""The throttle of failed logins: 5 tries are free, then each waits twice as long as the one before.

It counts per client and canonical e-mail (as an HMAC), for unknown users too, and lives in the database, so it is
exact over workers and restarts. An attempt is reserved and committed before its password is looked at: of fifty
parallel tries five are evaluated. It decays 15 minutes after the last attempt, and live sessions are not touched.
"""

from uuid import UUID

from app.core import clock, crypto, db, isolation
from app.core.isolation import Crossing
from app.limits import store
from app.limits.errors import AccountLocked

FREE = 5
DECAY_MS = 15 * 60 * 1000
_DELAYS = [0] * (FREE - 1) + [min(1000 * 2**step, DECAY_MS) for step in range(11)]


def reserve(client_id: UUID, email: str) -> None:
    """Count an attempt in the unit of work in force; raises AccountLocked, which keeps nothing."""
    now, subject = _now(), _subject(email)
    if store.reserve(client_id, subject, now=now, forgotten=now - DECAY_MS, delays=_DELAYS):
        return
    until = store.blocked_until(client_id, subject) or now
    raise AccountLocked(retry_after=(until - now) / 1000)


def seconds_locked(client_id: UUID, email: str) -> float:
    """Return how long an account takes no login yet, without counting an attempt; 0 for one that is not locked."""
    return max(0, (store.blocked_until(client_id, _subject(email)) or 0) - _now()) / 1000


def clear(client_id: UUID, email: str) -> None:
    """Forget the failures after a success, in the unit of work in force."""
    store.clear(client_id, _subject(email))


@isolation.across(Crossing.WORKER)
def purge(*, limit: int) -> int:
    """Delete some attempts that are void by now, of all clients, in a unit of its own; return how many rows."""
    with db.unit_of_work():
        return store.purge(before=_now() - DECAY_MS, limit=limit)


def hand_back(client_id: UUID, email: str) -> None:
    """Take back an attempt that was never evaluated (the hashing queue was full)."""
    with db.unit_of_work():
        store.hand_back(client_id, _subject(email), free=FREE)


def _subject(email: str) -> bytes:
    return crypto.mac("login throttle", email.encode())


def _now() -> int:
    return int(clock.now().timestamp() * 1000)
