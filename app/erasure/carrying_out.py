"""The work of an erasure, in short batches: each counts what it deletes in its own transaction, so none counts twice.

Whoever is killed in the middle leaves a client that is gone for everybody, and a row that says how far it came; the
next to carry on goes on from there. Two at once are no harm: they take turns by that row.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog

from app.audit import service as audit
from app.clients import service as clients
from app.core import chores, clock, db, isolation
from app.core.actors import SystemActor
from app.core.errors import AppError
from app.core.isolation import Crossing
from app.erasure import files, store
from app.erasure.models import Erasure
from app.limits import windows
from app.onboarding import documents, platform
from app.sessions import access_tokens, signing
from app.users import service as users

CHORE = "erasures"
ERASED = "client.erased"
USERS, FILES = "users", "files"
SWEPT_AFTER = timedelta(minutes=5)
"""Calls that were under way when a client went have surely ended by then."""
_EVERY_SECONDS = 30.0
_AT_ONCE, _AT_ONCE_ON_SQLITE = 1000, 200
"""On SQLite everybody who writes waits for each batch: it takes a tenth of a second at the most."""
_log = structlog.get_logger()


def carry_on(client_id: UUID) -> Iterator[int]:
    """Erase a client that is gone for everybody, a batch at each step; yield how much each had, to the very end."""
    yield _delete_files(client_id)
    for table in store.tables():
        some = partial(store.delete_some, table, client_id, limit=_limit())
        while deleted := _counted(client_id, table.name, some):
            yield deleted
    some = partial(store.delete_calls, client_id, limit=_limit())
    while deleted := _counted(client_id, store.IDEMPOTENCY, some):
        yield deleted
    if not db.is_postgresql():  # there the table goes at once, however many are in it
        some = partial(_delete_users, client_id)
        while deleted := _counted(client_id, USERS, some):
            yield deleted
    yield from windows.forget(client_id)
    yield _delete_files(client_id)  # once more: somebody may just have been writing one
    yield _finish(client_id)


@chores.chore(CHORE, every=_EVERY_SECONDS)
def carry_on_all() -> Iterator[int]:
    """Go on with every erasure that was begun and not ended, then look for stragglers of those that were."""
    with isolation.across(Crossing.ERASURE), db.reading():
        begun = store.begun()
    for client_id in begun:
        try:
            yield from carry_on(client_id)
        except (AppError, OSError) as wrong:  # a file that cannot be deleted keeps nobody else's erasure waiting
            _log.warning("an erasure did not go on and is tried again", client_id=str(client_id), error=wrong)
    yield from sweep()


def sweep(*, after: timedelta = SWEPT_AFTER) -> Iterator[int]:
    """Delete what calls that were under way have written of clients erased so long ago; yield how much of each."""
    with isolation.across(Crossing.ERASURE), db.reading():
        waiting = store.unswept(finished_before=clock.now() - after)
    for client_id in waiting:
        try:
            yield _sweep(client_id)
        except OSError as wrong:
            _log.warning("a file of an erased client is left", client_id=str(client_id), error=wrong)


def _limit() -> int:
    return _AT_ONCE if db.is_postgresql() else _AT_ONCE_ON_SQLITE


def _counted(client_id: UUID, name: str, delete: Callable[[], int]) -> int:
    """Delete a batch and count it, in one transaction; return how much it was, 0 once the erasure is done."""
    with isolation.across(Crossing.ERASURE), db.unit_of_work():
        erasure = store.find(client_id, held=True)
        if erasure is None or erasure.is_finished:
            return 0
        deleted = delete()
        if deleted:
            store.change(client_id, counts=_sum(erasure.counts, {name: deleted}))
        return deleted


def _delete_files(client_id: UUID) -> int:
    """Delete the files of a client; their names are kept until the end, so that none is counted twice."""
    found = files.of(client_id)
    with isolation.across(Crossing.ERASURE), db.unit_of_work():
        erasure = store.find(client_id, held=True)
        if erasure is None or erasure.is_finished:
            return 0
        names = sorted({*erasure.files, *(f"{path.parent.name}/{path.name}" for path in found)})
        if names != erasure.files:
            store.change(client_id, files=names)
    files.delete(client_id, found)
    return len(found)


def _delete_users(client_id: UUID) -> int:
    return users.delete_some(client_id, limit=_limit()) if store.has_users_table(client_id) else 0


def _finish(client_id: UUID) -> int:
    """Let the last of a client go, its users table and its row, and sign the receipt; all in one transaction."""
    with isolation.across(Crossing.ERASURE), db.unit_of_work():
        client, erasure = clients.lock_even_erasing(client_id), store.find(client_id, held=True)
        if client is None or erasure is None or erasure.is_finished:
            return 0
        last = {table.name: store.delete_some(table, client_id, limit=None) for table in store.tables()}
        last[store.IDEMPOTENCY] = store.delete_calls(client_id, limit=None)
        last[USERS] = users.count(client_id) if store.has_users_table(client_id) else 0
        users.drop_table(client_id)
        clients.remove(client_id)
        counts = {USERS: 0, **_sum(erasure.counts, last), FILES: len(erasure.files)}
        _receipt(erasure, counts)
    _forget_here()
    return sum(last.values()) + 1


def _receipt(erasure: Erasure, counts: dict[str, int]) -> None:
    """Sign the receipt of an erasure, and keep it in its row and in the platform's audit log."""
    now = clock.now()
    told = {
        "client_id": str(erasure.client_id),
        "slug": erasure.slug,
        "requested_by": erasure.requested_by,
        "started_at": clock.rfc3339(erasure.started_at),
        "finished_at": clock.rfc3339(now),
        "deleted": counts,
    }
    receipt = documents.sign(documents.ERASURE_RECEIPT, told)
    store.change(erasure.client_id, counts=counts, files=[], finished_at=now, receipt=receipt)
    detail = {**told, "receipt": receipt}
    audit.record(SystemActor(), ERASED, client_id=platform.require().client_id, detail=detail)


def _sweep(client_id: UUID) -> int:
    """Delete the stragglers of a client, unless it is there again by now under its old id."""
    with isolation.across(Crossing.ERASURE):
        with db.reading():
            is_there = clients.find_even_erasing(client_id) is not None
        files.delete(client_id, [] if is_there else files.of(client_id))
        with db.unit_of_work():
            late = sum(store.delete_some(table, client_id, limit=None, unless_there=True) for table in store.tables())
            store.change(client_id, swept_at=clock.now())
    if late:
        _log.info("stragglers of an erased client were deleted", client_id=str(client_id), rows=late)
    return late


def _forget_here() -> None:
    """Empty what this process remembers of signing keys and tokens, erased ones among them."""
    signing.forget_cached()
    access_tokens.forget_cached()


def _sum(held: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    return {name: held.get(name, 0) + more.get(name, 0) for name in sorted({*held, *more})}
