"""Reading and changing clients' rows, inside the unit in force."""

import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.clients import freshness, store
from app.clients.errors import SlugTaken
from app.clients.models import ACTIVE, BY_CREATION, ERASING, PLATFORM_SLUG, PROBE_SLUGS, SUSPENDED, Client
from app.core import clock, errors
from app.core.ids import parse_id
from app.core.settings import settings

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED = frozenset({PLATFORM_SLUG, "admin", "api", "clients", "console", "docs", "register", "rowlock", "www"})
_SLUG_TRIES = 5


def find(client_id: UUID) -> Client | None:
    """Return a client, or None; one that is being erased is not there any more."""
    return _present(store.find(client_id))


def find_by_slug(slug: str) -> Client | None:
    """Return the client with a slug, or None; the slug of one that is being erased leads nowhere."""
    return _present(store.find_by_slug(slug))


def find_even_erasing(client: UUID | str) -> Client | None:
    """Return the client with an id or a slug, one that is being erased too."""
    return store.find_by_slug(client) if isinstance(client, str) else store.find(client)


def slugs(client_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the slugs of clients, as far as they are there."""
    return store.slugs(client_ids)


def require(client_id: UUID | None) -> Client:
    """Return a client; raises ClientNotFound."""
    client = find(client_id) if client_id is not None else None
    if client is None:
        raise errors.ClientNotFound()
    return client


def require_active(client_id: UUID | None) -> Client:
    """Return a client that is open to the public; raises ClientNotFound for a suspended one too."""
    client = require(client_id)
    if client.status != ACTIVE:
        raise errors.ClientNotFound()
    return client


def lock(client_id: UUID) -> Client:
    """Return a client and let no other unit of work change it meanwhile; raises ClientNotFound."""
    client = _present(store.lock(client_id))
    if client is None:
        raise errors.ClientNotFound()
    return client


def lock_even_erasing(client_id: UUID) -> Client | None:
    """Do the same for a client that is being erased too; None if there is none."""
    return store.lock(client_id)


def lock_active(client_id: UUID) -> Client:
    """Do the same; raises ClientNotFound for a suspended client too."""
    client = lock(client_id)
    if client.status != ACTIVE:
        raise errors.ClientNotFound()
    return client


def add(
    client_id: UUID,
    *,
    client_name: str,
    slug: str | None,
    users_schema_version: int,
    probe: bool = False,
    **given: Any,
) -> Client:
    """Add a client's row; without a slug, one is made of the name. Raises SlugTaken.

    `probe`: it is one of the throw-away clients of an isolation report, whose slugs nobody else gets.
    """
    now = clock.now()
    values = {
        "domain": None,
        "industry": None,
        "contact_email": None,
        "tier": settings().default_tier,
        **given,
        "client_id": client_id,
        "client_name": client_name,
        "status": ACTIVE,
        "settings": {},
        "limits": {},
        "users_schema_version": users_schema_version,
        "version": 1,
        "limits_epoch": 0,
        "created_at": now,
        "updated_at": now,
    }
    return _added(values, _candidates(client_name, slug), probe=probe)


def bring_in(values: Mapping[str, Any], *, slug: str | None) -> Client:
    """Add a client's row as a bundle has it, under a slug, or one made of the name. Raises SlugTaken."""
    return _added(values, _candidates(values["client_name"], slug))


def add_platform(client_id: UUID, *, users_schema_version: int) -> bool:
    """Add the operators' own client; False if it is there."""
    now = clock.now()
    return store.add(
        {
            "client_id": client_id,
            "client_name": "Rowlock platform",
            "slug": PLATFORM_SLUG,
            "domain": None,
            "industry": None,
            "contact_email": None,
            "status": ACTIVE,
            "tier": "enterprise",
            "settings": {},
            "limits": {},
            "users_schema_version": users_schema_version,
            "version": 1,
            "limits_epoch": 0,
            "created_at": now,
            "updated_at": now,
        }
    )


def change(client_id: UUID, **values: Any) -> Client:
    """Change a client's row; raises ClientNotFound, SlugTaken, and Conflict for what the platform client may not."""
    before = lock(client_id)
    slug = values.get("slug", before.slug)
    if before.is_platform and (slug != before.slug or values.get("status") == SUSPENDED):
        raise errors.Conflict("The platform client cannot be suspended or renamed.")
    if slug != before.slug and _is_reserved(slug):
        raise SlugTaken()
    try:
        changed = store.change(client_id, {**values, "updated_at": clock.now()})
    except errors.Conflict as taken:
        raise SlugTaken() from taken
    if changed is None:
        raise errors.ClientNotFound()
    freshness.changing([client_id])
    return changed


def begin_erasing(client_id: UUID) -> None:
    """Let a client be gone for everybody from the commit of the unit in force on; the caller holds its row.

    Raises Conflict for the platform client.
    """
    client = require(client_id)
    if client.is_platform:
        raise errors.Conflict("The platform client cannot be erased.")
    store.change(client_id, {"status": ERASING, "updated_at": clock.now()})
    freshness.changing([client_id])


def remove(client_id: UUID) -> None:
    """Delete the row of a client that was erased, in the unit that has left nothing else of it."""
    store.remove(client_id)
    freshness.changing([client_id])


def touch(client_id: UUID) -> None:
    """Let every process forget what it knows of a client's keys, in the unit of work that changes them."""
    store.touch(client_id)
    freshness.changing([client_id])


def touch_tier(tier: str) -> None:
    """Do the same for all clients of a tier."""
    freshness.changing(store.touch_tier(tier))


def reset_limits(client_id: UUID) -> Client:
    """Give a client, its keys and its users fresh windows; raises ClientNotFound."""
    before = lock(client_id)
    return change(client_id, limits_epoch=before.limits_epoch + 1)


def page(
    *,
    status: str | None,
    tier: str | None,
    industry: str | None,
    q: str | None,
    sort: str,
    position: list[Any] | None,
    limit: int,
) -> list[Client]:
    """Return up to `limit` + 1 clients; `position` is the sort value and id of the last one read."""
    conditions = store.filters(status=status, tier=tier, industry=industry, q=q)
    if position is not None:
        value = datetime.fromisoformat(position[0]) if sort == BY_CREATION else position[0]
        conditions.append(store.after(sort, value, UUID(position[1])))
    return store.page(conditions, sort, limit=limit + 1)


def sizes(client_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the bytes that clients take, of those that have been measured."""
    return store.sizes(client_ids)


def note_sizes(found: Mapping[UUID, int]) -> None:
    """Keep the bytes that clients take, which a list can be sorted by; in the unit of work in force."""
    store.note_sizes(found)


def count_by_schema_version() -> dict[int, int]:
    """Return how many clients' users tables have each version."""
    return store.count_by_schema_version()


def behind(version: int, *, limit: int) -> list[Client]:
    """Return some clients whose users tables are older than a version, the oldest first."""
    return store.behind(version, limit=limit)


def set_schema_version(client_id: UUID, version: int) -> None:
    """Note the version of a client's users table."""
    store.set_schema_version(client_id, version)


def _present(client: Client | None) -> Client | None:
    return None if client is None or client.is_erasing else client


def _is_reserved(slug: str) -> bool:
    # A slug that is spelt as an id would stand where ids are taken too.
    return slug in _RESERVED or slug.startswith(PROBE_SLUGS) or parse_id(slug) is not None


def _added(values: Mapping[str, Any], candidates: Iterable[str], *, probe: bool = False) -> Client:
    """Add a row under the first slug that is free; raises SlugTaken."""
    for slug in candidates:
        if (probe or not _is_reserved(slug)) and store.add({**values, "slug": slug}):
            return require(values["client_id"])
    raise SlugTaken()


def _candidates(client_name: str, slug: str | None) -> list[str]:
    if slug is not None:
        return [slug]
    plain = unicodedata.normalize("NFKD", client_name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")
    made = [f"{base or 'client'}-{secrets.token_hex(3)}" for _ in range(_SLUG_TRIES)]
    return [base, *made] if base else made
