"""Quotas: how often a key may be used at all. They are counted in the database, one statement each, so that they are
exact under any concurrency and none that was acknowledged is lost.
"""

from dataclasses import dataclass
from uuid import UUID

from app.core import clock, db, isolation
from app.keys import store, usage
from app.keys.models import Key


@dataclass(frozen=True, slots=True)
class Spent:
    """The outcome of spending: `remaining` uses, None where the key has no quota any more."""

    accepted: bool
    remaining: int | None


def use(key: Key, uses: int) -> Spent:
    """Count uses of a key: spent of its quota, or noted where it has none.

    A rotated key counts in its successor; on itself only the time is noted.
    """
    with isolation.within(key.client_id):
        spent = Spent(True, None) if key.usage_limit is None else spend(key.quota_id, uses)
    if spent.accepted and spent.remaining is None:
        usage.note(key.quota_id, uses)
    if spent.accepted and key.counts_as is not None:
        usage.note(key.key_id, 0)
    return spent


def spend(quota_id: UUID, uses: int) -> Spent:
    """Spend uses of a key's quota, all or none; what is accepted is durable before this returns."""
    while True:
        left = store.spend(quota_id, uses, now=clock.now())
        if left is not None:
            return Spent(True, left)
        with db.reading():
            quota = store.quota_of(quota_id)
        if quota is None:
            return Spent(False, None)
        remaining, successor = quota
        if successor is None:
            # A quota may be lowered below what is already used.
            return Spent(remaining is None, None if remaining is None else max(0, remaining))
        quota_id = successor  # rotated this very moment


def holder_of(key: Key) -> Key:
    """Return the key whose quota a key counts in, in the unit in force."""
    while key.counts_as is not None:
        successor = store.find(key.client_id, key.counts_as)
        if successor is None:
            return key
        key = successor
    return key
