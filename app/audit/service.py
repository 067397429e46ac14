"""Recording and reading the audit log."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from app.audit import store
from app.audit.models import AuditEntry, AuditFilter
from app.core import clock, db, isolation
from app.core.actors import Actor, ConsoleActor, OperatorActor, Origin, UserActor
from app.core.errors import Named
from app.core.ids import new_id

_EXPORT_BATCH = 500


def record(
    actor: Actor,
    action: str,
    *,
    client_id: UUID | None = None,
    user_id: UUID | None = None,
    key_id: UUID | None = None,
    failed: bool = False,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write one row in the unit of work in force.

    `client_id`, `user_id` and `key_id` say whom it is about where that is not the actor. `detail` holds no secrets.
    """
    told = {**(detail or {}), **_by_whom(actor, client_id)}
    if key_id is not None and actor.key_id not in (None, key_id):
        told["by_key"] = str(actor.key_id)
    if _is_to_be_named(actor, user_id) and "by" not in told:
        told["by_user"] = str(actor.user_id)
    row = _row(actor.origin, client_id or actor.client_id, action, failed=failed, detail=told)
    row |= {"user_id": user_id or actor.user_id, "key_id": key_id or actor.key_id}
    store.add(row)


def record_refusal(named: Named, origin: Origin, *, code: str) -> None:
    """Sum up a refused credential that names a real client: one row per credential, code and minute."""
    subject = named.key_id or named.user_id or "-"
    told = {"code": code} | _impersonation(named.impersonator_id)
    row = _row(origin, named.client_id, "credential.refuse", failed=True, detail=told)
    row |= {"user_id": named.user_id, "key_id": named.key_id}
    minute = f"{row['timestamp']:%Y-%m-%dT%H:%M}"
    by = f":{named.impersonator_id}" if named.impersonator_id else ""
    row["summed_up_as"] = f"{named.client_id}:{subject}{by}:{code}:{minute}"
    with isolation.within(named.client_id), db.unit_of_work():
        store.add_or_count(row)


def page(client_id: UUID, wanted: AuditFilter, *, before: tuple[Any, UUID] | None, limit: int) -> list[AuditEntry]:
    """Return up to `limit` + 1 of a client's entries, newest first; the one too many says that there are more."""
    with db.reading():
        return list(store.page(client_id, wanted, before=before, limit=limit + 1))


def export(client_id: UUID, wanted: AuditFilter) -> Iterator[AuditEntry]:
    """Yield all of a client's entries that match, newest first, in batches; holds no connection in between."""
    before = None
    while True:
        with db.reading():
            entries = store.page(client_id, wanted, before=before, limit=_EXPORT_BATCH)
        yield from entries
        if len(entries) < _EXPORT_BATCH:
            return
        before = (entries[-1].timestamp, entries[-1].audit_id)


def _is_to_be_named(actor: Actor, user_id: UUID | None) -> bool:
    """Whether the row's own user leaves it open who acted: it is another one, or might be whom a key acted upon."""
    if actor.user_id is None:
        return False
    return actor.key_id is not None or user_id not in (None, actor.user_id)


def _by_whom(actor: Actor, client_id: UUID | None) -> dict[str, Any]:
    """Return a word on an operator at another client, whose people cannot look its id up, on whoever acts in the
    console, and on who impersonates.
    """
    at_another = isinstance(actor, OperatorActor) and client_id not in (None, actor.client_id)
    told: dict[str, Any] = {"by": "operator"} if at_another else {}
    if not isinstance(actor, UserActor):
        return told | ({"via": "console"} if isinstance(actor, ConsoleActor) else {})
    told |= {"via": "console"} if actor.in_console else {}
    return told | _impersonation(actor.impersonator_id)


def _impersonation(impersonator_id: UUID | None) -> dict[str, Any]:
    return {"impersonated_by": str(impersonator_id)} if impersonator_id else {}


def _row(
    origin: Origin, client_id: UUID | None, action: str, *, failed: bool, detail: dict[str, Any]
) -> dict[str, Any]:
    if client_id is None:
        raise ValueError("an audit row belongs to a client")
    return {
        "audit_id": new_id(),
        "client_id": client_id,
        "action": action,
        "status": "failed" if failed else "success",
        "ip_address": origin.ip_address,
        "user_agent": origin.user_agent,
        "request_id": origin.request_id,
        "detail": detail,
        "timestamp": clock.now(),
        "summed_up_as": None,
        "times": 1,
    }
