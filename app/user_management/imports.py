"""Importing users in batches: each commits with its audit row and with where the next one begins.

Whatever ends a run, a killed server included, the same file sent again goes on after the last batch. One run of a
client goes on at a time: it holds the import for some seconds, and renews that with each batch.
"""

from collections.abc import Generator, Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from itertools import islice
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.core import clock, db
from app.core.actors import Actor
from app.core.errors import AppError, InsufficientScope
from app.core.ids import new_id
from app.user_management import import_outcomes, import_store
from app.user_management.import_errors import ImportInProgress
from app.user_management.import_models import BadRow, Batch, Counts, Row, Run, Summary
from app.user_management.import_outcomes import Judged, Rehearsal
from app.users import bulk

IMPORTED = "user.import"
BATCH = 500
HELD_FOR = timedelta(seconds=10)
REMEMBERED_FOR = timedelta(hours=24)
"""How long a file that went in without a bad row answers with its summary, and is not read again."""
_KEPT_FOR = timedelta(days=7)


def client_of(client_id: UUID) -> Client:
    """Return the client that users are imported into; raises InsufficientScope for the platform."""
    with db.reading():
        client = clients.require(client_id)
    if client.is_platform:
        raise InsufficientScope("Only `flask operators create` makes users of the platform.")
    return client


def begin(client_id: UUID, *, digest: bytes, form: str) -> Run:
    """Begin the import of a file, or go on with one that was cut off; raises ImportInProgress.

    A file that went in without a bad row is not read again for a day: its run has finished already.
    """
    now, holder = clock.now(), new_id()
    with db.unit_of_work():
        clients.lock(client_id)
        import_store.forget(client_id, before=now - _KEPT_FOR)
        alive = import_store.held_until(client_id, now=now)
        if alive is not None:
            raise ImportInProgress(retry_after=(alive - now).total_seconds())
        found = import_store.newest(client_id, digest, form)
        if found is None or (found.finished_at and (found.failed or found.finished_at < now - REMEMBERED_FOR)):
            return _added(client_id, holder, digest=digest, form=form)
        if found.finished_at is None:
            import_store.take_over(found.import_id, holder=holder, until=now + HELD_FOR)
        counts = Counts(found.rows_done, found.added, found.skipped, found.failed)
        return Run(found.import_id, client_id, holder, counts, finished=found.finished_at is not None)


def carry_out(actor: Actor, run: Run, rows: Iterator[Row]) -> Generator[Batch | Summary]:
    """Import rows from where a run stands; yields what became of each batch, and at the end the summary.

    What goes wrong on the way ends the run with a summary that says so: the answer has begun by then.
    """
    counts, finished, error = run.counts, run.finished, None
    try:
        while not finished:
            batch = list(islice(rows, BATCH))
            done = _stored(actor, replace(run, counts=counts), batch)
            counts, finished = done.counts, len(batch) < BATCH
            yield done
    except AppError as wrong:
        error = wrong
    finally:
        if not finished:
            _let_go(run)
    yield _summary(counts, run.import_id, error)


def rehearse(actor: Actor, client_id: UUID, rows: Iterator[Row]) -> Generator[Batch | Summary]:
    """Check rows as an import would, and write nothing."""
    counts, finished, error = Counts(), False, None
    try:
        with import_outcomes.Rehearsal() as earlier:
            while not finished:
                batch = list(islice(rows, BATCH))
                done = _rehearsed(actor, client_id, counts, batch, earlier)
                counts, finished = done.counts, len(batch) < BATCH
                yield done
    except AppError as wrong:
        error = wrong
    yield _summary(counts, None, error)


def _summary(counts: Counts, import_id: UUID | None, error: AppError | None) -> Summary:
    why = (error.code, error.detail) if error else (None, None)
    return Summary(counts, import_id is None, import_id, error is None, *why)


def _added(client_id: UUID, holder: UUID, *, digest: bytes, form: str) -> Run:
    now, import_id = clock.now(), new_id()
    import_store.add(
        {
            "import_id": import_id,
            "client_id": client_id,
            "digest": digest,
            "form": form,
            "rows_done": 0,
            "added": 0,
            "skipped": 0,
            "failed": 0,
            "holder": holder,
            "held_until": now + HELD_FOR,
            "started_at": now,
            "updated_at": now,
            "finished_at": None,
        }
    )
    return Run(import_id, client_id, holder, Counts())


def _stored(actor: Actor, run: Run, batch: list[Row]) -> Batch:
    """Add the users of a batch, note where the import stands, and write the batch's audit row, in one unit."""
    now, client_id, last = clock.now(), run.client_id, len(batch) < BATCH
    with db.unit_of_work():
        clients.lock(client_id)
        judged = import_outcomes.judged(actor, client_id, batch)
        went_in = bulk.add_many(client_id, [row.values for row in judged.good if row.values])
        left_out = [row.values for row, went in zip(judged.good, went_in, strict=True) if not went and row.values]
        emails = bulk.taken(client_id, left_out)[0] if left_out else set()
        done = _outcome(run.counts, judged, went_in, emails)
        if not import_store.move_on(run, done.counts, now=now, until=None if last else now + HELD_FOR):
            raise ImportInProgress(retry_after=HELD_FOR.total_seconds())
        audit.record(actor, IMPORTED, client_id=client_id, detail=_told(run, done.counts, last=last))
    return done


def _rehearsed(actor: Actor, client_id: UUID, before: Counts, batch: list[Row], earlier: Rehearsal) -> Batch:
    with db.reading():
        judged = import_outcomes.judged(actor, client_id, batch)
        emails, usernames = bulk.taken(client_id, [row.values for row in judged.good if row.values])
    went_in = earlier.would_add(judged.good, emails, usernames)
    return _outcome(before, judged, went_in, earlier.emails_of(judged.good, emails))


def _outcome(before: Counts, judged: Judged, went_in: list[bool], taken_emails: set[str]) -> Batch:
    added_at = {row.email: row.line for row, went in zip(judged.good, went_in, strict=True) if went}
    left_out = [row for row, went in zip(judged.good, went_in, strict=True) if not went]
    # An e-mail that only a later row of the batch has brought was free: it is the username that is not.
    conflicts = [
        import_outcomes.conflict(row, taken=row.email in taken_emails and added_at.get(row.email, 0) < row.line)
        for row in left_out
    ]
    skipped = sum(1 for bad in conflicts if bad.code == import_outcomes.EMAIL_TAKEN)
    bad_rows = sorted([*judged.bad, *conflicts], key=_line)
    counts = Counts(
        total=before.total + len(judged.good) + len(judged.bad),
        added=before.added + sum(went_in),
        skipped=before.skipped + skipped,
        failed=before.failed + len(bad_rows) - skipped,
    )
    return Batch(bad_rows, counts)


def _line(bad: BadRow) -> int:
    return bad.line


def _told(run: Run, after: Counts, *, last: bool) -> dict[str, object]:
    """Return what the audit log says of a batch: how many of its rows did what, and whether it was the last."""
    before = asdict(run.counts)
    changes = {name: value - before[name] for name, value in asdict(after).items()}
    return {"import_id": str(run.import_id), "rows": changes.pop("total"), **changes, "finished": last}


def _let_go(run: Run) -> None:
    """Let the next run begin at once; where even that fails, this one counts as dead in a while."""
    try:
        with db.unit_of_work():
            import_store.let_go(run)
    except AppError:
        return
