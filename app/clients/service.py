"""Reading and changing clients' rows, inside the unit in force."""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from app.clients import freshness, store
from app.clients.errors import SlugTaken
from app.clients.models import ACTIVE, PLATFORM_SLUG, SUSPENDED, Client
from app.core import clock, errors
from app.core.settings import settings

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED = frozenset({PLATFORM_SLUG, "admin", "api", "clients", "console", "docs", "register", "rowlock", "www"})
_SLUG_TRIES = 5


def find(client_id: UUID) -> Client | None:
    """Return a client, or None."""
    return store.find(client_id)


def find_by_slug(slug: str) -> Client | None:
    """Return the client with a slug, or None."""
    return store.find_by_slug(slug)


def slugs(client_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the slugs of clients, as far as they are there."""
    return store.slugs(client_ids)


def require(client_id: UUID | None) -> Client:
    """Return a client; raises ClientNotFound."""
    client = store.find(client_id) if client_id is not None else None
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
    client = store.lock(client_id)
    if client is None:
        raise errors.ClientNotFound()
    return client


def lock_active(client_id: UUID) -> Client:
    """Do the same; raises ClientNotFound for a suspended client too."""
    client = lock(client_id)
    if client.status != ACTIVE:
        raise errors.ClientNotFound()
    return client


def add(client_id: UUID, *, client_name: str, slug: str | None, users_schema_version: int, **given: Any) -> Client:
    """Add a client's row; without a slug, one is made of the name. Raises SlugTaken."""
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
    for candidate in _candidates(client_name, slug):
        if candidate not in _RESERVED and store.add({**values, "slug": candidate}):
            return require(client_id)
    raise SlugTaken()


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
    if slug != before.slug and slug in _RESERVED:
        raise SlugTaken()
    try:
        changed = store.change(client_id, {**values, "updated_at": clock.now()})
    except errors.Conflict as taken:
        raise SlugTaken() from taken
    if changed is None:
        raise errors.ClientNotFound()
    freshness.changing([client_id])
    return changed


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
        value = datetime.fromisoformat(position[0]) if sort == "created_at" else position[0]
        conditions.append(store.after(sort, value, UUID(position[1])))
    return store.page(conditions, store.order_by(sort), limit=limit + 1)


def claim_behind(version: int, *, limit: int) -> list[tuple[UUID, int]]:
    """Return some clients whose users table is older than a version, and hold their rows."""
    return store.claim_behind(version, limit=limit)


def set_schema_version(client_id: UUID, version: int) -> None:
    """Note the version of a client's users table."""
    store.set_schema_version(client_id, version)


def _candidates(client_name: str, slug: str | None) -> list[str]:
    if slug is not None:
        return [slug]
    plain = unicodedata.normalize("NFKD", client_name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")
    made = [f"{base or 'client'}-{secrets.token_hex(3)}" for _ in range(_SLUG_TRIES)]
    return [base, *made] if base else made
