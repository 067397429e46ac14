"""Exports that clients ask for over HTTP: a request notes one, a chore writes it into a file, which lies for a day.

A runner that is killed leaves its job `running`; as one runner at a time does this chore, the next one takes it up
again. The file is in the instance folder, which processes that serve the same clients share, and its name begins with
the client's id: what erases a client finds it by that.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import structlog

from app.audit import service as audit
from app.clients import service as clients
from app.core import chores, clock, crypto, db, isolation
from app.core.actors import Actor
from app.core.errors import AppError, NotFound, StorageFull, TemporarilyUnavailable
from app.core.ids import new_id
from app.core.settings import settings
from app.erasure import service as erasure
from app.transfer import bundles, job_store, sealing
from app.transfer.errors import ExportRunning, NotMovable, TooManyExports
from app.transfer.exporting import EXPORTED, FETCHED, new_file
from app.transfer.models import DONE, FAILED, PENDING, RUNNING, Job
from app.transfer.sealing import Lock
from app.users import hashing

CHORE = "exports"
KEPT_FOR = timedelta(hours=24)
MOST_A_DAY = 10
RETRY_SECONDS = 2
_MOST_ATTEMPTS = 3
_LABEL = "export locks"
_BATCH = 200
_SALT = 16
_PIECE = 1024 * 1024
_log = structlog.get_logger()


def begin(actor: Actor, client_id: UUID, *, passphrase: str | None) -> Job:
    """Note an export, which a chore carries out.

    Raises ExportRunning, TooManyExports and, for the platform, NotMovable. The passphrase is kept nowhere: of the key
    that it makes, a sealed copy stays until the bundle is written.
    """
    lock = hashing.queue().run(lambda: sealing.new_lock(passphrase), dear=True) if passphrase else None
    now, job_id = clock.now(), new_id()
    with db.unit_of_work():
        if clients.lock(client_id).is_platform:
            raise NotMovable()
        _check_pace(client_id)
        sealed = None if lock is None else crypto.seal(_LABEL, lock.salt + lock.key, bound_to=f"{client_id}/{job_id}")
        job = Job(job_id, client_id, PENDING, lock is not None, sealed, 0, None, None, None, now, None, now + KEPT_FOR)
        job_store.add(job)
        detail = {"job_id": str(job_id), "encrypted": lock is not None}
        audit.record(actor, EXPORTED, client_id=client_id, detail=detail)
        chores.wake_after_commit(CHORE)
    return job


def require(client_id: UUID, job_id: UUID) -> Job:
    """Return a job of a client; raises NotFound."""
    with db.reading():
        job = job_store.find(client_id, job_id)
    if job is None:
        raise NotFound()
    return job


def fetched(actor: Actor, job: Job) -> BinaryIO:
    """Return the bundle of a job, and note who fetches it.

    Raises ExportRunning until it is there, and NotFound where it is no more.
    """
    with contextlib.ExitStack() as held:
        file = held.enter_context(_opened(job))
        with db.unit_of_work():
            detail = {"job_id": str(job.job_id), "sha256": job.sha256, "encrypted": job.encrypted}
            audit.record(actor, FETCHED, client_id=job.client_id, detail=detail)
        held.pop_all()
    return file


def _opened(job: Job) -> BinaryIO:
    if job.status in (PENDING, RUNNING):
        raise _running(job)
    if job.status != DONE:
        raise NotFound("This export has failed; ask for another.")
    try:
        return _path(job.client_id, job.job_id).open("rb")
    except FileNotFoundError as gone:
        raise NotFound("This bundle is gone: a later one took its place. Ask for another.") from gone


@chores.chore(CHORE, every=600.0, lane="exports")
def carry_out() -> Iterator[int]:
    """Write the bundles that are waiting, one after the other, and delete those of yesterday."""
    yield _tidied()
    while (job := _taken()) is not None:
        yield from _done(job)


@erasure.on_erase
def files_of(client_id: UUID) -> list[Path]:
    """Return a client's bundles, whole or not."""
    folder = _folder()
    return [*folder.glob(f"{client_id.hex}.*"), *folder.glob(f".{client_id.hex}.*")]


def _check_pace(client_id: UUID) -> None:
    """Raise where a client exports itself at this moment, or has done so too often."""
    running = job_store.open_job(client_id)
    if running is not None:
        raise _running(running)
    day = timedelta(days=1)
    begun, first = job_store.begun_since(client_id, clock.now() - day)
    if begun >= MOST_A_DAY and first is not None:
        raise TooManyExports(retry_after=(first + day - clock.now()).total_seconds())


def _running(job: Job) -> ExportRunning:
    return ExportRunning(retry_after=RETRY_SECONDS, job_id=str(job.job_id))


def _taken() -> Job | None:
    """Take up the job that waits longest; one that was cut off too often has failed."""
    while True:
        with db.unit_of_work():
            job = job_store.oldest_open()
            if job is None:
                return None
            if job.attempts < _MOST_ATTEMPTS:
                job_store.change(job, status=RUNNING, attempts=job.attempts + 1)
                return job_store.find(job.client_id, job.job_id)
            _fail(job, "It was cut off several times.")


def _done(job: Job) -> Iterator[int]:
    """Write a bundle in steps; what cannot be mended by waiting makes the job fail."""
    path = _path(job.client_id, job.job_id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with new_file(path) as file:
            with contextlib.closing(bundles.writing(job.client_id, file, lock=_lock(job))) as steps:
                for _table, rows in steps:
                    yield rows
            size, digest = file.seek(0, os.SEEK_END), _digest(file)
    except TemporarilyUnavailable:
        raise
    except (AppError, crypto.WrongKey) as wrong:
        _log.warning("an export failed", job_id=str(job.job_id), error=wrong)
        with db.unit_of_work():
            _fail(job, wrong.detail if isinstance(wrong, StorageFull) else "It could not be written.")
        return
    _finish(job, size=size, digest=digest)


def _digest(file: BinaryIO) -> bytes:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.digest()


def _finish(job: Job, *, size: int, digest: bytes) -> None:
    """Note that a bundle is there; it takes the place of the client's earlier ones."""
    now = clock.now()
    values = {"size": size, "digest": digest, "finished_at": now, "expires_at": now + KEPT_FOR, "lock": None}
    with isolation.within(job.client_id), db.unit_of_work():
        earlier = job_store.others_done(job)
        stands = job_store.change(job, status=DONE, **values)
    for job_id in earlier if stands else [job.job_id]:  # else the client was erased meanwhile
        _path(job.client_id, job_id).unlink(missing_ok=True)


def _fail(job: Job, why: str) -> None:
    job_store.change(job, status=FAILED, error=why, lock=None, finished_at=clock.now())


def _tidied() -> int:
    """Delete the jobs and files of yesterday, and what kills have left of files."""
    with db.unit_of_work():
        gone = job_store.forget(expired_by=clock.now(), limit=_BATCH)
    for client_id, job_id in gone:
        _path(client_id, job_id).unlink(missing_ok=True)
    before = time.time() - 2 * KEPT_FOR.total_seconds()
    for file in _folder().glob("*") if _folder().is_dir() else ():
        if file.stat().st_mtime < before:
            file.unlink(missing_ok=True)
    return len(gone)


def _lock(job: Job) -> Lock | None:
    if job.lock is None:
        return None
    made = crypto.unseal(_LABEL, bytes(job.lock), bound_to=f"{job.client_id}/{job.job_id}")
    return Lock(made[:_SALT], made[_SALT:])


def _folder() -> Path:
    return settings().instance_path / "exports"


def _path(client_id: UUID, job_id: UUID) -> Path:
    return _folder() / f"{client_id.hex}.{job_id.hex}.rowlock"
