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
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.core import clock, db, isolation
from app.core.actors import Actor
from app.core.errors import TemporarilyUnavailable
from app.core.ids import new_id
from app.mfa import totp
from app.sessions import service as sessions
from app.transfer import pictures, restore_ends_store, restore_store, restored_keys, snapshot_files, snapshots
from app.transfer.models import Progress, nobody
from app.transfer.restored_keys import KeyChanges, Values
from app.transfer.snapshot_errors import RestoreBroken, SnapshotRefused
from app.transfer.snapshot_models import BEFORE_RESTORE, Changes, Difference, Outcome, Plan, Snapshot

RESTORED = "client.restore"
_OF_CLIENT = ("client_name", "domain", "industry", "contact_email", "settings", "limits")
_KEYS, _ROLES = "keys", "roles"
_BATCH, _BATCH_ON_SQLITE = 1000, 500
_PAUSE_SECONDS = 0.01
"""Between two batches, so that on SQLite other writers get their turn."""
_TRIES, _TRY_AGAIN_SECONDS = 3, 1.0
_FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(slots=True)
class LaidOut:
    """A snapshot that was read, checked and laid out."""

    snapshot: Snapshot
    restore_id: UUID = field(default_factory=new_id)
    client: Values = field(default_factory=dict)
    keys: list[Values] = field(default_factory=list)
    roles: list[Values] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def client_id(self) -> UUID:
        """The client it is of."""
        return self.snapshot.client_id


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


def plan(ready: LaidOut, *, revive_keys: bool = False) -> Plan:
    """Return what a restoring would do if it came now."""
    with pictures.one_picture():
        restore_store.expect_many()
        held = restore_ends_store.keys_of(ready.client_id)
        return _plan(ready, clients.require(ready.client_id), _keys(ready, held, revive=revive_keys))


def differences(ready: LaidOut) -> list[Difference]:
    """Return the users who would come back, change and go."""
    with pictures.one_picture():
        restore_store.expect_many()
        return restore_store.differences(ready.client_id, ready.restore_id)


def carry_out(actor: Actor, ready: LaidOut, *, revive_keys: bool = False, progress: Progress = nobody) -> Outcome:
    """Put a client back to what is laid out.

    `revive_keys`: keys that ended since live again. Raises TemporarilyUnavailable where calls to this client held its
    rows for too long, RestoreBroken, and what snapshots.take raises; the client is as it was then.
    """
    undo = snapshots.take(actor, ready.client_id, kind=BEFORE_RESTORE, progress=progress)
    for _ in range(_TRIES - 1):
        with contextlib.suppress(TemporarilyUnavailable):
            return _put_in_place(actor, ready, undo, revive_keys=revive_keys)
        time.sleep(_TRY_AGAIN_SECONDS)
    return _put_in_place(actor, ready, undo, revive_keys=revive_keys)


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
        ready.client = {field: row[field] for field in _OF_CLIENT}
    elif name == _KEYS:
        ready.keys.append(row | {"client_id": ready.client_id})
    elif name == _ROLES:
        ready.roles.append(row | {"client_id": ready.client_id})


def _put_in_place(actor: Actor, ready: LaidOut, undo: Snapshot, *, revive_keys: bool) -> Outcome:
    client_id = ready.client_id
    with db.unit_of_work():
        before = clients.lock(client_id)
        restore_store.hold_users(client_id)
        restore_store.expect_many()
        if restore_store.laid_out(ready.restore_id) != {name: ready.counts[name] for name in restore_store.NAMES}:
            raise RestoreBroken()
        restore_ends_store.delete_codes(client_id)
        keys = _keys(ready, restore_ends_store.keys_of(client_id, held=True), revive=revive_keys)
        done = _plan(ready, before, keys)
        restore_store.put_in_place(client_id, ready.restore_id)
        left_out = restore_ends_store.replace_keys(keys.gone, keys.rows)
        restore_ends_store.replace_roles(client_id, ready.roles)
        ended = sessions.revoke_everyones(client_id, reason=RESTORED)
        restore_ends_store.delete_of_nobody(client_id)
        restore_ends_store.delete_imports(client_id)
        clients.change(client_id, **ready.client)
        outcome = Outcome(done, undo, sessions=ended, keys_left_out=left_out)
        audit.record(actor, RESTORED, client_id=client_id, detail=_detail(outcome, revive_keys=revive_keys))
    return outcome


def _plan(ready: LaidOut, client: Client, keys: KeyChanges) -> Plan:
    changes = restore_store.compare(ready.client_id, ready.restore_id)
    changes[_ROLES] = _role_changes(restore_ends_store.roles_of(ready.client_id), ready.roles)
    changes[_KEYS] = keys.changes
    return Plan(
        snapshot=ready.snapshot,
        changes=changes,
        passwords=restore_store.passwords_changed(ready.client_id, ready.restore_id),
        kept_revoked=keys.kept_revoked,
        kept_keys=keys.kept,
        settings=_settings_changed(client, ready.client),
    )


def _keys(ready: LaidOut, held: list[Values], *, revive: bool) -> KeyChanges:
    undo = ready.snapshot.kind == BEFORE_RESTORE
    return restored_keys.merged(held, ready.keys, at=clock.now(), revive=revive, undo=undo)


def _role_changes(now: list[Values], then: list[Values]) -> Changes:
    held, wanted = ({row["name"]: set(row["permissions"]) for row in rows} for rows in (now, then))
    both = held.keys() & wanted.keys()
    same = sum(held[name] == wanted[name] for name in both)
    return Changes(len(wanted) - len(both), len(both) - same, len(held) - len(both), same)


def _settings_changed(client: Client, then: Values) -> tuple[str, ...]:
    now = {name: getattr(client, name) for name in _OF_CLIENT[:4]} | client.own_settings | client.own_limits
    wanted = {name: then[name] for name in _OF_CLIENT[:4]} | then["settings"] | then["limits"]
    return tuple(sorted(name for name in {*now, *wanted} if now.get(name) != wanted.get(name)))


def _detail(outcome: Outcome, *, revive_keys: bool) -> dict[str, Any]:
    done = outcome.plan
    return {
        "snapshot_id": str(done.snapshot.snapshot_id),
        "taken_at": clock.rfc3339(done.snapshot.taken_at),
        "before": str(outcome.undo.snapshot_id),
        **{name: asdict(changes) for name, changes in done.changes.items()},
        "passwords": done.passwords,
        "sessions": outcome.sessions,
        "settings": list(done.settings),
        "keys_revived": revive_keys,
    }


def _clear(restore_id: UUID) -> None:
    while True:
        with db.unit_of_work():
            if not restore_store.clear(restore_id, limit=_batch()):
                return
        time.sleep(0 if db.is_postgresql() else _PAUSE_SECONDS)


def _batch() -> int:
    return _BATCH if db.is_postgresql() else _BATCH_ON_SQLITE
