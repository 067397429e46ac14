"""One-time codes, inside the unit of work in force: 256 bits, stored as a digest, bound, and good for one use.

A code is bound to its client, its purpose and, where it has one, its user (SECURITY.md, "One-time codes"). What else
it is bound to lies sealed beside it. It is redeemed by one conditional UPDATE, so of many callers exactly one wins.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.codes import store
from app.codes.errors import InvalidCode
from app.codes.models import LIVES, Code
from app.core import clock, crypto, db, isolation, resealing
from app.core.ids import new_id
from app.core.isolation import Crossing

KIND = "oc"
MOST_TRIES = 5
_LABEL = "one-time code"
_RESEALED_AT_ONCE = 200


def issue(
    client_id: UUID,
    user_id: UUID | None,
    purpose: str,
    *,
    payload: dict[str, Any] | None = None,
    secret: str | None = None,
    keep_earlier: bool = False,
) -> str:
    """Make a code and return it; the user's earlier ones of this purpose are void unless kept.

    `secret` is for codes that somebody else spells, such as a passkey's challenge.
    """
    now, code_id, spelt = clock.now(), new_id(), secret or crypto.new_secret(KIND)
    if user_id is not None and not keep_earlier:
        store.void(client_id, user_id, [purpose], now=now)
    store.add(
        {
            "code_id": code_id,
            "client_id": client_id,
            "user_id": user_id,
            "purpose": purpose,
            "digest": crypto.digest(spelt),
            "payload": _sealed(payload, client_id, code_id),
            "tries": 0,
            "created_at": now,
            "expires_at": now + LIVES[purpose],
            "spent_at": None,
        }
    )
    return spelt


def find(client_id: UUID, purpose: str, code: str) -> Code | None:
    """Return a live code without spending it."""
    return _code(store.find(client_id, purpose, crypto.digest(code), now=clock.now()))


def redeem(client_id: UUID, purpose: str, code: str) -> Code:
    """Spend a live code; raises InvalidCode. Exactly one of many callers gets it."""
    found = _code(store.spend(client_id, purpose, crypto.digest(code), now=clock.now()))
    if found is None:
        raise InvalidCode()
    return found


def count_try(client_id: UUID, purpose: str, code: str) -> Code | None:
    """Count a guess made against a live code; None where it is dead or has had its five."""
    return _code(store.count_try(client_id, purpose, crypto.digest(code), now=clock.now(), most=MOST_TRIES))


def newest(client_id: UUID, user_id: UUID, purpose: str) -> Code | None:
    """Return a user's newest live code for a purpose."""
    return _code(store.newest(client_id, user_id, purpose, now=clock.now()))


def void(client_id: UUID, user_id: UUID, *purposes: str) -> int:
    """Let a user's live codes for some purposes work no more; return how many there were."""
    return store.void(client_id, user_id, purposes, now=clock.now())


def void_everyones(client_id: UUID, *purposes: str) -> None:
    """Let the live codes of all users of a client for some purposes work no more."""
    store.void_everyones(client_id, purposes, now=clock.now())


def delete_of_user(client_id: UUID, user_id: UUID) -> int:
    """Delete a user's codes; return how many there were."""
    return store.delete_of_user(client_id, user_id)


@isolation.across(Crossing.WORKER)
def purge(*, limit: int, kept: timedelta = timedelta(days=1)) -> int:
    """Delete some codes that ended a while ago, in a unit of its own; return how many."""
    with db.unit_of_work():
        return store.purge(before=clock.now() - kept, limit=limit)


def reseal() -> Iterator[int]:
    """Seal under SECRET_KEY what only a fallback opens; yield each batch's number. What nothing opens stays."""
    return resealing.in_batches(
        lambda last: store.sealed_after(last, limit=_RESEALED_AT_ONCE),
        key_of=lambda row: row.code_id,
        renew=_resealed,
        replace=store.replace_payloads,
    )


def _resealed(row: db.AnyRow) -> bytes | None:
    try:
        return crypto.resealed(_LABEL, bytes(row.payload), bound_to=_bound_to(row.client_id, row.code_id))
    except crypto.WrongKey:
        return None


def _sealed(payload: dict[str, Any] | None, client_id: UUID, code_id: UUID) -> bytes | None:
    if payload is None:
        return None
    return crypto.seal(_LABEL, json.dumps(payload).encode(), bound_to=_bound_to(client_id, code_id))


def _code(row: db.AnyRow | None) -> Code | None:
    """Return a code; None also for one whose payload no server key opens any more."""
    if row is None:
        return None
    values = row._asdict()
    try:
        return Code(payload=_opened(values.pop("payload"), row), **values)
    except crypto.WrongKey:
        return None


def _opened(sealed: bytes | None, row: db.AnyRow) -> dict[str, Any]:
    if sealed is None:
        return {}
    plain = crypto.unseal(_LABEL, bytes(sealed), bound_to=_bound_to(row.client_id, row.code_id))
    payload: dict[str, Any] = json.loads(plain)
    return payload


def _bound_to(client_id: UUID, code_id: UUID) -> str:
    return f"{client_id}:{code_id}"
