"""Writes a client's bundle into a file that only its owner reads, and that is there only once it is whole."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from app.audit import service as audit
from app.core import db, isolation
from app.core.actors import Actor
from app.core.errors import StorageFull, ValidationFailed
from app.transfer import bundles, queries, sealing
from app.transfer.models import BundleSummary, Progress, nobody

EXPORTED, FETCHED = "client.export", "client.export_download"


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle in a file."""

    path: Path
    size: int
    summary: BundleSummary
    encrypted: bool


def export(
    actor: Actor, client_id: UUID, path: Path, *, passphrase: str | None = None, progress: Progress = nobody
) -> Exported:
    """Write a bundle to a path where nothing is yet; raises ValidationFailed (`to`) and StorageFull."""
    if path.exists():
        raise ValidationFailed({"to": [f"{path} is there already."]})
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise ValidationFailed({"to": [f"{path.parent} is no folder that can be written to."]})
    lock = sealing.new_lock(passphrase) if passphrase else None
    with new_file(path) as file:
        summary = bundles.write_bundle(client_id, file, lock=lock, progress=progress)
        size = file.tell()
        with isolation.within(client_id), db.unit_of_work():
            audit.record(actor, EXPORTED, client_id=client_id, detail=told(summary, encrypted=lock is not None))
    return Exported(path, size, summary, lock is not None)


def rows_of(client_id: UUID) -> int:
    """Return how many rows a bundle of a client has by now."""
    with isolation.within(client_id), db.reading():
        return 1 + sum(queries.counts(client_id).values())


def told(summary: BundleSummary, *, encrypted: bool) -> dict[str, object]:
    """Return what the audit log says of an export."""
    rows = dict(summary.counts)
    return {"bundle_id": str(summary.header.bundle_id), "sha256": summary.digest, "rows": rows, "encrypted": encrypted}


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file (0600) that gets its name at the end, and none at all if something goes wrong; raises StorageFull."""
    waiting = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(waiting, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
            except OSError as full:
                raise StorageFull() from full
        waiting.replace(path)
    finally:
        waiting.unlink(missing_ok=True)
