"""Puts one client back to a snapshot, while every other one keeps working; all of it or nothing.

First the snapshot is read, checked, and laid out beside the client's tables, in short transactions that nobody feels.
Then the client is kept as it is (so that a restoring can be undone), and one transaction puts the rows in place: a kill
before its commit leaves the client as it was. It holds the client's row, then its users, then its keys, as everybody.

What is put back: users with their passwords, roles, keys (app.transfer.restored_keys), second factors, name, settings
and limits. What stays as it is: id, slug, status, tier, signing keys, the audit log, uses that were counted, waits
after wrong passwords. Sessions, tokens and one-time codes end; imports that were cut off begin anew.
"""

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.core import clock, db, isolation
from app.core.actors import Actor
from app.core.errors import TemporarilyUnavailable
from app.mfa import totp
from app.sessions import service as sessions
from app.transfer import (
    restore_ends_store,
    restore_queries,
    restore_store,
    restored_keys,
    snapshot_files,
    snapshots,
)
from app.transfer.models import Progress, nobody
from app.transfer.restore_plans import KEYS, OF_CLIENT, ROLES, LaidOut, planned, revives_users
from app.transfer.restored_keys import KeyChanges, Values
from app.transfer.snapshot_errors import RestoreBroken, SnapshotRefused
from app.transfer.snapshot_models import BEFORE_RESTORE, NOTHING, Difference, Outcome, Plan, Revived, Snapshot

RESTORED = "client.restore"
_BATCH, _BATCH_ON_SQLITE = 1000, 500
_PAUSE_SECONDS = 0.01
"""Between two batches, so that on SQLite other writers get their turn."""
_TRIES, _TRY_AGAIN_SECONDS = 3, 1.0
_FORGOTTEN_AFTER = timedelta(days=1)


@contextlib.contextmanager
def laid_out(snapshot: Snapshot, *, progress: Progress = nobody) -> Iterator[LaidOut]:
    """Lay a snapshot out until the block ends, outside any unit of work.

    Raises SnapshotRefused and BundleRefused for a file that is not the one that was written; nothing is changed then.
    """
    with isolation.within(snapshot.client_id):
        ready = LaidOut(snapshot)
        try:
            _lay_out(ready, progress)
            yield ready
        finally:
            _clear(ready.restore_id)


def plan(ready: LaidOut, revived: Revived = NOTHING) -> Plan:
    """Return what a restoring would do if it came now."""
    with db.one_picture():
        restore_store.expect_many()
        held = restore_ends_store.keys_of(ready.client_id)
        return planned(ready, clients.require(ready.client_id), _keys(ready, held, revived), revived)


def differences(ready: LaidOut, revived: Revived = NOTHING) -> list[Difference]:
    """Return the users who would come back, change and go."""
    with db.one_picture():
        restore_store.expect_many()
        revive = revives_users(ready, revived)
        return restore_queries.differences(ready.client_id, ready.restore_id, revive=revive)


def carry_out(actor: Actor, ready: LaidOut, revived: Revived = NOTHING, *, progress: Progress = nobody) -> Outcome:
    """Put a client back to what is laid out.

    Raises TemporarilyUnavailable where calls to this client held its rows for too long, RestoreBroken, and what
    snapshots.take raises; the client is as it was then.
    """
    undo = snapshots.take(actor, ready.client_id, kind=BEFORE_RESTORE, progress=progress)
    for _ in range(_TRIES - 1):
        with contextlib.suppress(TemporarilyUnavailable):
            return _put_in_place(actor, ready, undo, revived)
        time.sleep(_TRY_AGAIN_SECONDS)
    return _put_in_place(actor, ready, undo, revived)


def forget_old() -> Iterator[int]:
    """Delete rows that were laid out by processes that were killed; yield how many each batch had."""
    before = (clock.now() - _FORGOTTEN_AFTER).timestamp()
    oldest = UUID(int=int(before * 1000) << 80)  # ids begin with the milliseconds at which they were made (UUIDv7)
    while True:
        with db.unit_of_work():
            deleted = restore_store.clear_before(oldest, limit=_batch())
        if not deleted:
            return
        yield deleted


def _lay_out(ready: LaidOut, progress: Progress) -> None:
    with snapshot_files.opened(ready.snapshot) as bundle:
        if bundle.header.client_id != ready.client_id:
            raise SnapshotRefused("This is a snapshot of another client.")
        waiting: list[Values] = []
        at = ""
        for name, row in bundle.rows():
            if waiting and (name != at or len(waiting) == _batch()):
                _lay_out_batch(at, waiting, progress)
                waiting = []
            at = name
            if name in restore_store.NAMES:
                waiting.append({**_own(ready, name, row), "restore_id": ready.restore_id})
                ready.counts[name] += 1
            else:
                _keep(ready, name, row)
        if waiting:
            _lay_out_batch(at, waiting, progress)
    if not ready.client:
        raise SnapshotRefused("This snapshot names no client.")


def _lay_out_batch(name: str, rows: Sequence[Values], progress: Progress) -> None:
    with db.unit_of_work():
        restore_store.lay_out(name, rows)
    progress(name, len(rows))
    time.sleep(0 if db.is_postgresql() else _PAUSE_SECONDS)


def _own(ready: LaidOut, name: str, row: Values) -> Values:
    """Return a row as the client's own table has it."""
    own = row | {"client_id": ready.client_id}
    if name == "totp_factors":
        seeds = {each: row[each] for each in ("seed", "pending_seed") if row[each] is not None}
        own |= {each: totp.sealed(ready.client_id, row["user_id"], seed) for each, seed in seeds.items()}
    if name == "recovery_codes" and row["made_for"] == ready.client_id:
        own["made_for"] = None
    return own


def _keep(ready: LaidOut, name: str, row: Values) -> None:
    if name == "clients":
        ready.client = {field: row[field] for field in OF_CLIENT}
    elif name == KEYS:
        ready.keys.append(row | {"client_id": ready.client_id})
    elif name == ROLES:
        ready.roles.append(row | {"client_id": ready.client_id})


def _put_in_place(actor: Actor, ready: LaidOut, undo: Snapshot, revived: Revived) -> Outcome:
    client_id = ready.client_id
    with db.unit_of_work():
        before = clients.lock(client_id)
        restore_store.hold_users(client_id)
        restore_store.expect_many()
        if restore_store.laid_out(ready.restore_id) != {name: ready.counts[name] for name in restore_store.NAMES}:
            raise RestoreBroken()
        restore_ends_store.delete_codes(client_id)
        keys = _keys(ready, restore_ends_store.keys_of(client_id, held=True), revived)
        done = planned(ready, before, keys, revived)
        restore_store.put_in_place(client_id, ready.restore_id, revive=revives_users(ready, revived))
        left_out = restore_ends_store.replace_keys(keys.gone, keys.rows)
        restore_ends_store.replace_roles(client_id, ready.roles)
        ended = sessions.revoke_everyones(client_id, reason=RESTORED)
        restore_ends_store.delete_of_nobody(client_id)
        restore_ends_store.delete_imports(client_id)
        clients.change(client_id, **ready.client)
        outcome = Outcome(done, undo, sessions=ended, keys_left_out=left_out)
        audit.record(actor, RESTORED, client_id=client_id, detail=_detail(outcome, revived))
    return outcome


def _keys(ready: LaidOut, held: list[Values], revived: Revived) -> KeyChanges:
    return restored_keys.merged(held, ready.keys, at=clock.now(), revive=revived.keys, undo=ready.is_undo)


def _detail(outcome: Outcome, revived: Revived) -> dict[str, Any]:
    done = outcome.plan
    return {
        "snapshot_id": str(done.snapshot.snapshot_id),
        "taken_at": clock.rfc3339(done.snapshot.taken_at),
        "before": str(outcome.undo.snapshot_id),
        **{name: asdict(changes) for name, changes in done.changes.items()},
        "passwords": done.passwords,
        "active_again": done.active_again,
        "roles_raised": done.roles_raised,
        "factors_lost": done.factors_lost,
        "sessions": outcome.sessions,
        "settings": list(done.settings),
        "keys_revived": revived.keys,
    }


def _clear(restore_id: UUID) -> None:
    while True:
        with db.unit_of_work():
            if not restore_store.clear(restore_id, limit=_batch()):
                return
        time.sleep(0 if db.is_postgresql() else _PAUSE_SECONDS)


def _batch() -> int:
    return _BATCH if db.is_postgresql() else _BATCH_ON_SQLITE
