"""Erasing a client: it is gone for everybody with the first transaction, and its rows in the batches that follow."""

import contextlib
import time
from datetime import datetime
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.core import chores, clock, db, isolation
from app.core.actors import Actor, ClientActor, OperatorActor
from app.core.errors import ClientNotFound, TemporarilyUnavailable
from app.core.isolation import Crossing
from app.erasure import carrying_out, files, store
from app.erasure.errors import NotConfirmed
from app.erasure.models import Erasure
from app.onboarding import platform

BEGUN = "client.erase"
AT_ONCE_SECONDS = 5.0
"""A call answers after this at the latest; what is left then is done in the background."""
on_erase = files.on_erase


def erase(actor: Actor, client_id: UUID, *, confirm: str) -> Erasure:
    """Erase a client, or go on with it, and return how far that came within five seconds; the rest is a chore's.

    Raises what begin() raises.
    """
    until = time.monotonic() + AT_ONCE_SECONDS
    if not begin(actor, client_id, confirm=confirm).is_finished:
        _carry_on(client_id, until)
    erasure = require(client_id)
    if not erasure.is_finished:
        with contextlib.suppress(TemporarilyUnavailable):  # else it begins at its usual time
            chores.wake(carrying_out.CHORE)
    return erasure


def begin(actor: Actor, client_id: UUID, *, confirm: str) -> Erasure:
    """Let a client be gone for everybody from here on; one that was begun, or is done, is returned as it stands.

    `confirm` is its slug. Raises ClientNotFound, NotConfirmed and, for the platform, Conflict.
    """
    with isolation.across(Crossing.ERASURE), db.unit_of_work():
        client, earlier = clients.lock_even_erasing(client_id), store.find(client_id)
        if client is not None and not client.is_erasing:
            _check(confirm, client.slug)
            _begin(actor, client)
        elif earlier is not None:
            _check(confirm, earlier.slug)
        return require(client_id)


def erased(client_id: UUID) -> Erasure | None:
    """Return the erasure of a client of which nothing is left, or None; across clients, in the unit in force if any."""
    with db.reading():
        found = store.find(client_id)
    return found if found is not None and found.is_finished else None


def revive(client_id: UUID) -> dict[UUID, datetime | None]:
    """Let an erased client come back under its id, in the unit of work in force and before anything of it is written.

    What calls that were under way have written since goes now: later nobody could tell it from what is new. Returns
    when each key ends that was not revoked by then.
    """
    for table in store.tables():
        store.delete_some(table, client_id, limit=None)
    store.delete_calls(client_id, limit=None)
    store.change(client_id, swept_at=clock.now())
    kept = store.kept_keys(client_id)
    return {UUID(key_id): datetime.fromisoformat(ends) if ends else None for key_id, ends in kept.items()}


def require(client_id: UUID) -> Erasure:
    """Return the erasure of a client, done or not; raises ClientNotFound."""
    with isolation.across(Crossing.ERASURE), db.reading():
        found = store.find(client_id)
    if found is None:
        raise ClientNotFound()
    return found


def _carry_on(client_id: UUID, until: float) -> None:
    """Go on until a moment; where somebody holds what is to go, or a file cannot be deleted, the chore tries again."""
    with contextlib.suppress(TemporarilyUnavailable, OSError):
        for _ in carrying_out.carry_on(client_id):
            if time.monotonic() >= until:
                return


def _begin(actor: Actor, client: Client) -> None:
    clients.begin_erasing(client.client_id)
    by = _told(actor)
    store.add(
        {
            "erased_client_id": client.client_id,
            "slug": client.slug,
            "requested_by": by,
            "counts": {},
            "living_keys": store.living_keys(client.client_id),
            "files": [],
            "started_at": clock.now(),
            "finished_at": None,
            "swept_at": None,
            "receipt": None,
        }
    )
    detail = {"client_id": str(client.client_id), "slug": client.slug, "requested_by": by}
    audit.record(actor, BEGUN, client_id=platform.require().client_id, detail=detail)


def _check(confirm: str, slug: str) -> None:
    if confirm != slug:
        raise NotConfirmed(slug)


def _told(actor: Actor) -> dict[str, str]:
    """Return who asks for an erasure, as the receipt says it."""
    if isinstance(actor, OperatorActor):
        return {"kind": "operator", "user_id": str(actor.user)}
    if isinstance(actor, ClientActor):
        return {"kind": "access_key", "key_id": str(actor.key)}
    return {"kind": "shell"}
