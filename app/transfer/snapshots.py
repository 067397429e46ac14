"""Snapshots: one client as it was at a moment, in a sealed file, to be put back in place by app.transfer.restoring.

A snapshot counts from the moment its row is there, which comes last: a file that a kill has cut off has none. The key
that opens a file lies sealed in its row: without it the file is noise, and a change of SECRET_KEY renews rows only.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.core import clock, crypto, db, isolation, resealing
from app.core.actors import Actor
from app.core.ids import new_id
from app.core.settings import settings
from app.erasure import files
from app.transfer import bundles, snapshot_store
from app.transfer.models import SNAPSHOT, BundleSummary, Progress, nobody
from app.transfer.sealing import Lock
from app.transfer.snapshot_errors import SnapshotRefused
from app.transfer.snapshot_models import BEFORE_RESTORE, MANUAL, SCHEDULED, Snapshot

TAKEN = "client.snapshot"
_LABEL = "snapshot"
_SALT, _KEY = 16, 32
_PIECE = 1 << 20
_AT_ONCE = 100
_FINISHED_WITHIN = timedelta(hours=6)
"""A file that has no row by then was cut off."""


def take(actor: Actor, client_id: UUID, *, kind: str, progress: Progress = nobody) -> Snapshot:
    """Keep a client as it is now, outside any unit of work; raises ClientNotFound and NotMovable for the platform.

    An operator's own is told in the audit log; of those taken by themselves the table itself tells.
    """
    taken_at, snapshot_id = clock.now(), new_id()
    lock = Lock(secrets.token_bytes(_SALT), secrets.token_bytes(_KEY))
    path = _folder(client_id) / f"{snapshot_id}.snapshot"
    summary, digest, size = _written(path, client_id, lock, progress)
    made = Snapshot(
        snapshot_id=snapshot_id,
        client_id=client_id,
        kind=kind,
        taken_at=taken_at,
        file=str(path.relative_to(settings().snapshot_dir)),
        size=size,
        sha256=digest,
        sealed_key=crypto.seal(_LABEL, lock.key, bound_to=_bound_to(client_id, snapshot_id)),
        counts=dict(summary.counts),
    )
    with isolation.within(client_id), db.unit_of_work():
        clients.lock(client_id)  # one that is erased meanwhile takes no snapshot along
        snapshot_store.add(made)
        if kind == MANUAL:
            detail = {"snapshot_id": str(snapshot_id), "users": made.counts.get("users", 0)}
            audit.record(actor, TAKEN, client_id=client_id, detail=detail)
    return made


def listed(client_id: UUID, *, limit: int) -> list[Snapshot]:
    """Return up to `limit` + 1 of a client's snapshots, newest first."""
    with db.reading():
        return snapshot_store.page(client_id, limit=limit + 1)


def of_moment(client_id: UUID, moment: datetime) -> Snapshot:
    """Return a client's newest snapshot that is not later than a moment; raises SnapshotRefused where there is none."""
    with db.reading():
        found = snapshot_store.newest(client_id, not_after=moment)
    if found is None:
        raise SnapshotRefused(f"There is no snapshot of this client from {clock.rfc3339(moment)} or before.")
    return found


def named(client_id: UUID, snapshot_id: UUID) -> Snapshot:
    """Return a snapshot of a client by its id; raises SnapshotRefused where there is none."""
    with db.reading():
        found = snapshot_store.find(client_id, snapshot_id)
    if found is None:
        raise SnapshotRefused("This client has no snapshot with that id.")
    return found


def lock_of(snapshot: Snapshot) -> Lock:
    """Return what opens a snapshot's file; raises SnapshotRefused where no SECRET_KEY does."""
    try:
        key = crypto.unseal(
            _LABEL, bytes(snapshot.sealed_key), bound_to=_bound_to(snapshot.client_id, snapshot.snapshot_id)
        )
    except crypto.WrongKey as wrong:
        raise SnapshotRefused("Neither SECRET_KEY nor a fallback opens this snapshot.") from wrong
    return Lock(b"", key)


def checked_file(snapshot: Snapshot) -> Path:
    """Return a snapshot's file; raises SnapshotRefused where it is not the one that was written."""
    path = settings().snapshot_dir / snapshot.file
    try:
        whole = path.stat().st_size == snapshot.size and _digest(path) == bytes(snapshot.sha256)
    except OSError as wrong:
        raise SnapshotRefused(f"The file of this snapshot cannot be read: {path} ({wrong.strerror}).") from wrong
    if not whole:
        raise SnapshotRefused(f"The file of this snapshot was cut off or altered: {path}")
    return path


def prune() -> Iterator[int]:
    """Delete by SNAPSHOT_KEEP what was taken by itself or before a restoring; yield how many each batch had.

    What an operator took by hand stays until it is deleted by hand.
    """
    for kind in (SCHEDULED, BEFORE_RESTORE):
        while old := _beyond(kind):
            delete(old)
            yield len(old)


def delete(unwanted: list[Snapshot]) -> None:
    """Delete snapshots: rows first, so that no row is without its file."""
    with db.unit_of_work():
        snapshot_store.remove([one.snapshot_id for one in unwanted])
    for one in unwanted:
        (settings().snapshot_dir / one.file).unlink(missing_ok=True)


@files.on_erase
def files_of(client_id: UUID) -> list[Path]:
    """Return the files of a client's snapshots, whole or not; their rows go with all others of the client."""
    return _files(settings().snapshot_dir / client_id.hex)


def sweep() -> Iterator[int]:
    """Delete files that belong to no snapshot, left by a process that was killed; yield how many each folder had."""
    root, before = settings().snapshot_dir, (clock.now() - _FINISHED_WITHIN).timestamp()
    for folder in root.iterdir() if root.is_dir() else ():
        old = [path for path in _files(folder) if path.stat().st_mtime < before]
        with db.reading():
            known = snapshot_store.known_files([str(path.relative_to(root)) for path in old]) if old else set()
        strangers = [path for path in old if str(path.relative_to(root)) not in known]
        for path in strangers:
            path.unlink(missing_ok=True)
        yield len(strangers)


def reseal() -> Iterator[int]:
    """Seal under SECRET_KEY what only a fallback opens; yield each batch's number. What nothing opens stays."""
    return resealing.in_batches(
        lambda last: snapshot_store.keys_after(last, limit=_AT_ONCE),
        key_of=lambda row: row.snapshot_id,
        renew=_resealed,
        replace=snapshot_store.replace_keys,
    )


def _resealed(row: db.AnyRow) -> bytes | None:
    try:
        return crypto.resealed(_LABEL, bytes(row.sealed_key), bound_to=_bound_to(row.client_id, row.snapshot_id))
    except crypto.WrongKey:
        return None


def _beyond(kind: str) -> list[Snapshot]:
    kept = settings().snapshot_keep
    with db.reading():
        if isinstance(kept, int):
            return snapshot_store.beyond_number(kind, kept=kept, limit=_AT_ONCE)
        return snapshot_store.beyond_age(kind, before=clock.now() - kept, limit=_AT_ONCE)


def _written(path: Path, client_id: UUID, lock: Lock, progress: Progress) -> tuple[BundleSummary, bytes, int]:
    """Write a client into a file that has its name only once it is whole; return its SHA-256 and size too."""
    unfinished = path.with_suffix(".part")
    try:
        with _made(unfinished) as file:
            summary = bundles.write_bundle(client_id, file, kind=SNAPSHOT, lock=lock, progress=progress)
            file.flush()
            os.fsync(file.fileno())
        digest, size = _digest(unfinished), unfinished.stat().st_size
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _settle(path.parent)
    return summary, digest, size


def _folder(client_id: UUID) -> Path:
    folder = settings().snapshot_dir / client_id.hex
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix in (".part", ".snapshot")] if folder.is_dir() else []


def _made(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.digest()


def _settle(folder: Path) -> None:
    """Let a renaming outlive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _bound_to(client_id: UUID, snapshot_id: UUID) -> str:
    return f"{client_id}/{snapshot_id}"
