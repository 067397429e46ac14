"""Measuring what clients have: users, sessions, keys, and the room of all of it.

The size of a client's users table is the database's own word; of the tables that all clients share, a client's part is
its rows times what such a row usually takes, the same for every client: how wide rows are on average is partly what
others have in them, and nobody is told of that. A client that takes long to measure is measured seldom.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from app.clients import service as clients
from app.core import clock, db
from app.core.errors import AppError
from app.keys.models import PUBLISHABLE, SECRET
from app.statistics import queries, store
from app.statistics.models import USERS, Figures, Size

_AT_ONCE = 50
_NOT_WITHIN = timedelta(seconds=50)
_RESTS = 200
"""So many times as long as measuring took, nothing is measured again: half a percent of a core at the most."""
_AT_LEAST_EVERY = timedelta(days=1)
_AGAIN_AFTER_FAILURE = timedelta(hours=1)
_PARTS = {
    "sessions": ("sessions", 300),
    "tokens": ("tokens", 370),
    "keys": ("keys", 450),
    "signing_keys": ("keys", 440),
    "audit_logs": ("audit_logs", 420),
    "rate_limit_usage": ("usage", 220),
    "outbox": ("mails", 2400),
    "one_time_codes": ("codes", 420),
    "totp_factors": ("factors", 220),
    "recovery_codes": ("factors", 180),
    "passkeys": ("factors", 500),
    "mfa_guesses": ("factors", 140),
}
"""What an answer calls the rows of central tables, and the bytes that one takes, indexes included (on PostgreSQL)."""
_OTHER = ("other", 300)
PARTS = (USERS, *dict.fromkeys(part for part, _ in (*_PARTS.values(), _OTHER)))
_log = structlog.get_logger()


def measure_some() -> int:
    """Measure clients that have changed, or were measured long ago; return how many."""
    with db.reading():
        due = store.to_measure(now=clock.now(), limit=_AT_ONCE)
    if due:
        measure(due)
    return len(due)


def measure(client_ids: Sequence[UUID]) -> None:
    """Measure clients and keep what was found; outside any unit of work."""
    began, now = time.monotonic(), clock.now()
    with db.reading():
        found = _found(client_ids)
    took = timedelta(seconds=time.monotonic() - began)
    sizes = {client_id: sum(size.bytes for size in figures.parts.values()) for client_id, figures in found.items()}
    with db.unit_of_work():
        held = {row.client_id for row in store.hold(list(found))}  # the others were erased meanwhile
        if held:
            kept = {client_id: figures for client_id, figures in found.items() if client_id in held}
            rest = max(_NOT_WITHIN, took * _RESTS)
            store.note_figures(kept, now=now, measure_at=now + max(rest, _AT_LEAST_EVERY), not_before=now + rest)
            clients.note_sizes({client_id: sizes[client_id] for client_id in sorted(held)})
        for client_id in set(client_ids) - found.keys():
            store.put_off(client_id, until=now + _AGAIN_AFTER_FAILURE)


def _found(client_ids: Sequence[UUID]) -> dict[UUID, Figures]:
    roles = _roles(client_ids)
    known = list(roles)
    if not known:
        return {}
    now = clock.now()
    sessions, keys = queries.sessions_in_force(known, now=now), queries.keys_in_use(known, now=now)
    rows, tables = queries.rows_of(known), queries.sizes_of_users_tables(known)
    return {
        client_id: Figures(
            users_by_role=of_client,
            sessions=sessions.get(client_id, 0),
            secret_keys=keys[client_id].get(SECRET, 0),
            publishable_keys=keys[client_id].get(PUBLISHABLE, 0),
            parts=_parts(sum(of_client.values()), tables.get(client_id), rows[client_id]),
        )
        for client_id, of_client in roles.items()
    }


def _roles(client_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Return the users of clients by role; a statement for each, as each has a table of its own."""
    found = {}
    for client_id in client_ids:
        try:
            found[client_id] = queries.users_by_role(client_id)
        except AppError as wrong:  # it is being erased, or its table is missing: `flask doctor` says so
            _log.warning("a client could not be measured", client_id=str(client_id), error=wrong)
    return found


def _parts(users: int, table: int | None, rows: dict[str, int]) -> dict[str, Size]:
    parts = dict.fromkeys(PARTS, Size(0, 0, estimated=True))
    parts[USERS] = queries.usual_size(users) if table is None else Size(users, table, estimated=False)
    for name, number in rows.items():
        part, width = _PARTS.get(name, _OTHER)
        before = parts[part]
        parts[part] = Size(before.rows + number, before.bytes + number * width, estimated=True)
    return parts
