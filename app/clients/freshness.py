"""How a process may remember what it read of a client's keys, and never believe it for a moment too long (ADR 0007).

Each change moves the client's version in the database. Redis keeps the version for a lease of two seconds, and a
process believes what it remembers only if Redis names the same version in the very trip that counts the call.

Who changes something holds a lock in the database from before it takes the version out of Redis until its commit; who
puts a version there has taken a ticket from Redis first, then seen in the database that nobody holds that lock, then
read. A change gives out a new ticket, so what was read before it can no longer be put there. Nothing has to happen
after the commit, so a crash there does no harm. A process that cannot reach Redis to take the version out waits after
its commit until the lease has run out; one that cannot reach it to ask believes nothing. Tickets and versions carry
the name of the run of Redis that keeps them, so a Redis that comes back with an older state brings nothing back.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from app.clients import store
from app.core import db
from app.core.redis_link import OutOfReach, Script, link
from app.core.settings import settings

LEASE_MS = 2_000
TICKET_LIFE_US = 500_000
_OUTLASTS_ALL = (LEASE_MS / 1_000 + TICKET_LIFE_US / 1_000_000) * 1.05
TICKET_KEY = "rowlock:ticket"
_AT_ONCE = 500
_kept_elsewhere: Callable[[], bool] = bool

_TAKE_TICKET = Script("""
local time = redis.call('TIME')
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return {redis.call('GET', KEYS[1]) .. '@' .. ARGV[#ARGV], time[1] * 1000000 + time[2]}
""")
_FORGET = Script("""
redis.call('SET', KEYS[1], ARGV[1])
for number = 2, #KEYS do redis.call('DEL', KEYS[number]) end
return 1
""")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What allows a version to be put into Redis: the name of the ticket, its run of Redis in it, and Redis's time in
    microseconds.
    """

    name: bytes
    time: int


def version_key(client_id: str) -> str:
    """Return where Redis keeps a client's version."""
    return f"rowlock:v:{client_id}"


def is_kept() -> bool:
    """Whether versions are kept in Redis: on PostgreSQL, if there is one. SQLite tells of changes by itself."""
    current = settings()
    return current.redis_url is not None and not current.is_sqlite


def take_ticket() -> Ticket | None:
    """Return a ticket, to be taken before the database is read; None while Redis is out of reach."""
    url = settings().redis_url
    if url is None:
        return None
    try:
        name, moment = link(url).run(_TAKE_TICKET, (TICKET_KEY,), (secrets.token_hex(16),))
    except OutOfReach:
        return None
    return Ticket(name, moment)


def ask_elsewhere(kept_elsewhere: Callable[[], bool]) -> None:
    """Take over how to find out, in the unit in force, whether other processes keep versions in a Redis."""
    global _kept_elsewhere
    _kept_elsewhere = kept_elsewhere


def changing_all() -> None:
    """Let no version be put into Redis until the unit of work ends; for a change that must find its clients first.

    Whoever becomes one of them meanwhile, unseen by the change, is then not remembered as it was before.
    """
    if is_kept():
        store.hold_changing(None)


def changing(client_ids: Iterable[UUID]) -> None:
    """Let nobody believe what it remembers of these clients; called in the unit of work that changes them.

    Their rows must have been changed before, so that two changes of one client follow each other.
    """
    listed = sorted(client_ids)
    if settings().is_sqlite or not listed:
        return
    url = settings().redis_url
    if url is None:
        # A command run without REDIS_URL, beside servers that have one, cannot take anything out.
        if _kept_elsewhere():
            db.after_commit(_wait_for_leases)
        return
    store.hold_changing(listed[0] if len(listed) == 1 else None)
    try:
        for start in range(0, len(listed), _AT_ONCE):
            keys = [version_key(str(client_id)) for client_id in listed[start : start + _AT_ONCE]]
            link(url).run(_FORGET, (TICKET_KEY, *keys), (secrets.token_hex(16),))
    except OutOfReach:
        db.after_commit(_wait_for_leases)


def _wait_for_leases() -> None:
    time.sleep(_OUTLASTS_ALL)
