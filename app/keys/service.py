"""Making, showing, changing and ending keys."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.core import clock, crypto, db, errors, metrics
from app.core.actors import Actor
from app.core.errors import ValidationFailed
from app.core.ids import new_id
from app.idempotency import service as idempotency
from app.idempotency.service import IdempotentCall
from app.keys import ownership, quota, rights, store, usage
from app.keys.models import ACCESS, PREFIX_OF, PUBLISHABLE, SECRET, IssuedKey, Key
from app.limits import usage as series
from app.limits.usage import Period

CREATED, CHANGED, REVOKED, DELETED = "key.create", "key.update", "key.revoke", "key.delete"
DEFAULT_EXPIRY_DAYS = 365


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """How much a key was used: in all, and by hour and day."""

    key: Key
    remaining: int | None
    per_hour: list[Period]
    per_day: list[Period]


def issue(
    client_id: UUID,
    *,
    kind: str,
    name: str,
    scopes: frozenset[str] = frozenset(),
    owner: UUID | None = None,
    expires_at: datetime | None = None,
    **given: Any,
) -> IssuedKey:
    """Make a key in the unit of work in force and return its secret, once; the caller records why."""
    secret = crypto.new_secret(PREFIX_OF[kind])
    defaults = dict.fromkeys(("usage_limit", "last_used_at", "counts_as", "family_id", "revoked_at"))
    empty = {"usage_count": 0, "rate_limit": {}, "allowed_ips": [], "allowed_origins": []}
    key = Key(
        key_id=new_id(),
        client_id=client_id,
        user_id=owner,
        kind=kind,
        name=name,
        prefix=secret[: crypto.PREFIX_SHOWN],
        last4=secret[-4:],
        scopes=sorted(scopes),
        created_at=clock.now(),
        expires_at=expires_at,
        **{**defaults, **empty, **given},
    )
    store.add({"digest": crypto.digest(secret), **{column: getattr(key, column) for column in Key.__slots__}})
    db.after_commit(lambda: metrics.key_generated(kind))
    return IssuedKey(key, secret)


def create(
    actor: Actor,
    client_id: UUID,
    *,
    name: str,
    kind: str = SECRET,
    scopes: list[str] | None = None,
    expires_in_days: int | None = DEFAULT_EXPIRY_DAYS,
    call: IdempotentCall | None = None,
    **given: Any,
) -> IssuedKey:
    """Make an API key of the client, or of the user who acts; its secret is shown this once.

    Raises ScopeNotHeld, ValidationFailed, what ownership.hold() and check_number() raise, and what idempotency.claim
    raises.
    """
    wanted, owner = frozenset(scopes or ()), rights.owner_seen(actor, rights.WRITE)
    _check_kind(kind, wanted, owner, given)
    rights.check_grant(actor, wanted)
    with db.unit_of_work():
        ownership.hold(actor, client_id, owner)
        idempotency.claim(call)
        ownership.check_number(client_id, owner)
        ownership.check_bounds(client_id, owner, given)
        issued = issue(
            client_id, kind=kind, name=name, scopes=wanted, owner=owner, expires_at=_end(expires_in_days), **given
        )
        detail = {"kind": kind, "name": name, "scopes": issued.key.scopes}
        audit.record(actor, CREATED, client_id=client_id, key_id=issued.key_id, detail=detail)
        idempotency.finish(call, key_id=issued.key_id)
    return issued


def show(actor: Actor, client_id: UUID, key_id: UUID | None) -> Key:
    """Return a key that the caller may see; raises NotFound."""
    with db.reading():
        return find(actor, client_id, key_id, scope=rights.READ)


def page(
    actor: Actor,
    client_id: UUID,
    *,
    kind: str | None,
    status: str | None,
    user_id: UUID | None,
    key_id: tuple[UUID, ...] | None = None,
    before: UUID | None,
    limit: int,
) -> list[Key]:
    """Return up to `limit` + 1 keys that the caller may see, newest first; with status `active` only usable ones.

    `user_id`: only that user's own keys, which nobody sees of another without `keys:read`; `key_id`: only these.
    """
    seen, active_at = rights.owner_seen(actor, rights.READ), clock.now() if status == "active" else None
    if seen is not None and user_id not in (None, seen):
        return []
    owner = seen if user_id is None else user_id
    with db.reading():
        return store.page(
            client_id, owner=owner, kind=kind, ids=key_id, active_at=active_at, before=before, limit=limit + 1
        )


def change(actor: Actor, client_id: UUID, key_id: UUID | None, changes: dict[str, Any]) -> Key:
    """Change a key; it binds from the next request on. Raises NotFound, Conflict (it is ended), and as create()."""
    if "usage_limit" in changes:
        usage.flush_if_possible()  # a quota counts from what is known to be used
    with db.unit_of_work():
        key = find(actor, client_id, key_id, lock=True)
        if key.revoked_at is not None or key.counts_as is not None:
            raise errors.Conflict("A key that is revoked or rotated cannot be changed.")
        if not changes:
            return key
        _check_kind(key.kind, frozenset(changes.get("scopes", key.scopes)), key.user_id, changes)
        if "scopes" in changes:
            changes["scopes"] = sorted(set(changes["scopes"]))
            added = frozenset(changes["scopes"]) - frozenset(key.scopes)
            rights.check_grant(actor, added)
            ownership.check_scopes(key, added)
        ownership.check_bounds(client_id, key.user_id, changes)
        fields = sorted(changes)
        if "expires_in_days" in changes:
            changes["expires_at"] = _end(changes.pop("expires_in_days"))
        changed = _changed(key, changes)
        audit.record(actor, CHANGED, client_id=client_id, key_id=key.key_id, detail={"fields": fields})
    return changed


def revoke(actor: Actor, client_id: UUID, key_id: UUID | None) -> Key:
    """Revoke a key: it is refused from the next request on, everywhere. Raises NotFound."""
    with db.unit_of_work():
        key = find(actor, client_id, key_id, lock=True)
        if key.revoked_at is not None:
            return key
        revoked = _changed(key, {"revoked_at": clock.now()})
        audit.record(actor, REVOKED, client_id=client_id, key_id=key.key_id, detail={"name": key.name})
    return revoked


def delete(actor: Actor, client_id: UUID, key_id: UUID | None) -> None:
    """Delete a key, which ends it as revoking does; its audit rows stay. Raises NotFound."""
    with db.unit_of_work():
        key = find(actor, client_id, key_id, lock=True)
        store.hand_back(key)
        store.remove(key.key_id)
        clients.touch(client_id)
        audit.record(actor, DELETED, client_id=client_id, key_id=key.key_id, detail={"name": key.name})


def usage_of(actor: Actor, client_id: UUID, key_id: UUID | None) -> KeyUsage:
    """Return how much a key was used; raises NotFound. Other processes' counts are at most five seconds behind."""
    usage.flush_if_possible()
    key = show(actor, client_id, key_id)
    counted = series.series(client_id, key.key_id)
    with db.reading():
        holder = quota.holder_of(key)
    remaining = None if holder.usage_limit is None else max(0, holder.usage_limit - holder.usage_count)
    told = replace(key, usage_count=holder.usage_count, usage_limit=holder.usage_limit)
    return KeyUsage(told, remaining, counted["per_hour"], counted["per_day"])


def find(actor: Actor, client_id: UUID, key_id: UUID | None, *, scope: str = rights.WRITE, lock: bool = False) -> Key:
    """Return a key that the caller may handle, in the unit in force; raises NotFound.

    Whoever changes a key holds its client's row first, as whoever deletes a user with its keys does: taken in another
    order, the two would wait for each other.
    """
    if lock:
        clients.lock(client_id)
    owner = rights.owner_seen(actor, scope)
    key = None if key_id is None else store.find(client_id, key_id, owner=owner, lock=lock)
    if key is None:
        raise errors.NotFound()
    return key


def publishable_keys(client_id: UUID) -> list[Key]:
    """Return a client's publishable keys, in the unit in force."""
    return store.of_client(client_id, kind=PUBLISHABLE)


def delete_of_user(client_id: UUID, user_id: UUID) -> int:
    """Delete the keys of a user, in the unit of work in force; return how many there were."""
    deleted = store.delete_of_user(client_id, user_id)
    if deleted:
        clients.touch(client_id)
    return deleted


def end_of_user(client_id: UUID, user_id: UUID) -> int:
    """Revoke the keys of a user, in the unit of work in force; return how many worked until now.

    For whatever a user changes, or has changed, because somebody else may hold what opened the account before. Whoever
    calls holds the client's row (clients.lock), so that no key is made meanwhile.
    """
    ended = store.end_of_user(client_id, user_id, now=clock.now())
    if ended:
        clients.touch(client_id)
    return ended


def owners(client_id: UUID) -> list[UUID]:
    """Return the users who own keys of a client."""
    return store.owners(client_id)


def _changed(key: Key, values: dict[str, Any]) -> Key:
    changed = store.change(key.key_id, values)
    clients.touch(key.client_id)
    if changed is None:
        raise errors.NotFound()
    return changed


def _end(days: int | None) -> datetime | None:
    return None if days is None else clock.now() + timedelta(days=days)


def _check_kind(kind: str, scopes: frozenset[str], owner: UUID | None, given: Mapping[str, Any]) -> None:
    if kind == PUBLISHABLE and scopes:
        raise ValidationFailed({"scopes": ["A publishable key holds none: it opens the calls of sign-up and login."]})
    if kind == PUBLISHABLE and owner is not None:
        raise ValidationFailed({"kind": ["A key of your own is a secret key."]})
    if kind == SECRET and given.get("allowed_origins"):
        raise ValidationFailed({"allowed_origins": ["They are for publishable keys: a secret key belongs in no page."]})
    if kind == ACCESS:
        raise ValueError("an access key is issued by registration and rotation")
