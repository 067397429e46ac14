"""Rotating keys with an overlap: the new one is shown once, the old one works until the grace ends."""

from datetime import timedelta
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.core import clock, db, errors
from app.core.actors import Actor
from app.keys import rights, service, store, usage
from app.keys.models import ACCESS, IssuedKey, Key

ROTATED, ACCESS_KEY_ROTATED = "key.rotate", "access_key.rotate"
MAX_GRACE_SECONDS = 24 * 3600


def rotate(actor: Actor, client_id: UUID, key_id: UUID | None, *, grace_seconds: int = 0) -> IssuedKey:
    """Issue a key's successor, which takes over its quota, count and windows, and holds the same rights.

    The old key works until the grace ends (at once if it is 0) and counts as the new one. Raises NotFound, Conflict
    for a key that is revoked, expired or already rotated, and ScopeNotHeld for a caller that holds less than the key.
    """
    usage.flush_if_possible()
    with db.unit_of_work():
        key = service.find(actor, client_id, key_id, lock=True)
        now = clock.now()
        if key.status_at(now) != "active" or key.counts_as is not None:
            raise errors.Conflict("Only a key in use can be rotated; this one is revoked, expired or already rotated.")
        rights.check_grant(actor, frozenset(key.scopes))
        issued = _successor(key)
        _end_old(key, grace_seconds)
        store.hand_over(key.key_id, issued.key_id)
        clients.touch(client_id)
        detail = {"new_key_id": str(issued.key_id), "grace_seconds": grace_seconds}
        audit.record(actor, ROTATED, client_id=client_id, key_id=key.key_id, detail=detail)
    return issued


def rotate_access_key(actor: Actor, client_id: UUID, *, grace_seconds: int = 0) -> IssuedKey:
    """Issue a new access key; the old ones work until the grace ends (at once if it is 0).

    Raises ClientNotFound, and Conflict for the platform client, whose only access key was thrown away unseen.
    """
    with db.unit_of_work():
        if clients.change(client_id).is_platform:
            raise errors.Conflict("The platform client has no access key: operators log in.")
        now = clock.now()
        ended = store.end_all(client_id, kind=ACCESS, at=now + timedelta(seconds=grace_seconds), now=now)
        issued = service.issue(client_id, kind=ACCESS, name="Access key")
        detail = {"new_key_id": str(issued.key_id), "ended": ended, "grace_seconds": grace_seconds}
        audit.record(actor, ACCESS_KEY_ROTATED, client_id=client_id, detail=detail)
    return issued


def _successor(key: Key) -> IssuedKey:
    life = None if key.expires_at is None else key.expires_at - key.created_at
    return service.issue(
        key.client_id,
        kind=key.kind,
        name=key.name,
        scopes=frozenset(key.scopes),
        owner=key.user_id,
        expires_at=None if life is None else clock.now() + life,
        family_id=key.window_id,
        usage_limit=key.usage_limit,
        usage_count=key.usage_count,
        rate_limit=key.rate_limit,
        allowed_ips=key.allowed_ips,
        allowed_origins=key.allowed_origins,
    )


def _end_old(key: Key, grace_seconds: int) -> None:
    now = clock.now()
    if grace_seconds == 0:
        store.change(key.key_id, {"revoked_at": now})
        return
    end = now + timedelta(seconds=grace_seconds)
    store.change(key.key_id, {"expires_at": end if key.expires_at is None else min(end, key.expires_at)})
