"""Issuing, checking and ending keys."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import ACTIVE
from app.core import clock, crypto, db, errors
from app.core.actors import Actor, ClientActor, KeyActor, Origin
from app.core.errors import Named
from app.core.ids import new_id
from app.keys import queries, store
from app.keys.models import ACCESS, PREFIX_OF, PUBLISHABLE, IssuedKey, Key

ROTATED = "access_key.rotate"
MAX_GRACE_SECONDS = 24 * 3600


def issue(client_id: UUID, *, kind: str, name: str, scopes: frozenset[str] = frozenset()) -> IssuedKey:
    """Make a key in the unit of work in force and return its secret, once; the caller records why."""
    secret, key_id = crypto.new_secret(PREFIX_OF[kind]), new_id()
    values: dict[str, Any] = {
        "key_id": key_id,
        "client_id": client_id,
        "user_id": None,
        "kind": kind,
        "name": name,
        "digest": crypto.digest(secret),
        "prefix": secret[: crypto.PREFIX_SHOWN],
        "last4": secret[-4:],
        "scopes": sorted(scopes),
        "created_at": clock.now(),
        "expires_at": None,
        "revoked_at": None,
    }
    store.add(values)
    return IssuedKey(key_id, secret)


def authenticate(credential: str, origin: Origin) -> Actor:
    """Return the actor of a key; reads the key and its client's status in one statement.

    A wrong checksum is refused without asking the database. Raises AuthenticationRequired and ClientSuspended.
    """
    if crypto.kind_of(credential) not in PREFIX_OF.values():
        raise errors.AuthenticationRequired()
    with db.reading():
        known = queries.find_by_digest(crypto.digest(credential))
    if known is None:
        raise errors.AuthenticationRequired()
    key, now = known.key, clock.now()
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        raise errors.AuthenticationRequired().of(Named(key.client_id, key_id=key.key_id))
    if known.client_status != ACTIVE:
        raise errors.ClientSuspended().of(Named(key.client_id, key_id=key.key_id))
    return _actor(key, origin)


def rotate_access_key(actor: Actor, client_id: UUID, *, grace_seconds: int = 0) -> IssuedKey:
    """Issue a new access key; the old ones work until the grace ends (at once if it is 0).

    Raises ClientNotFound, and Conflict for the platform client, whose only access key was thrown away unseen.
    """
    with db.unit_of_work():
        if clients.change(client_id).is_platform:
            raise errors.Conflict("The platform client has no access key: operators log in.")
        now = clock.now()
        ended = store.end_all(client_id, kind=ACCESS, at=now + timedelta(seconds=grace_seconds), now=now)
        issued = issue(client_id, kind=ACCESS, name="Access key")
        detail = {"new_key_id": str(issued.key_id), "ended": ended, "grace_seconds": grace_seconds}
        audit.record(actor, ROTATED, client_id=client_id, detail=detail)
    return issued


def publishable_keys(client_id: UUID) -> list[Key]:
    """Return a client's publishable keys, in the unit in force."""
    return store.of_client(client_id, kind=PUBLISHABLE)


def delete_of_user(client_id: UUID, user_id: UUID) -> None:
    """Delete the keys of a user, in the unit of work in force."""
    store.delete_of_user(client_id, user_id)


def owners(client_id: UUID) -> list[UUID]:
    """Return the users who own keys of a client."""
    return store.owners(client_id)


def _actor(key: Key, origin: Origin) -> Actor:
    if key.kind == ACCESS:
        return ClientActor(origin, client=key.client_id, key=key.key_id)
    return KeyActor(
        origin,
        client=key.client_id,
        key=key.key_id,
        publishable=key.kind == PUBLISHABLE,
        scopes=frozenset(key.scopes),
        owner=key.user_id,
    )
