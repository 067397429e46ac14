"""Callers with a key, together with the record that the key was checked by."""

from dataclasses import dataclass

from app.core.actors import ClientActor, KeyActor, Origin
from app.keys.models import ACCESS, PUBLISHABLE
from app.keys.records import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKeyHolder(ClientActor):
    """A backend with its client's access key."""

    digest: bytes
    found: Found
    peer: str | None
    """Where the call itself comes from, whatever address of an end user it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyHolder(KeyActor):
    """A holder of an API key."""

    digest: bytes
    found: Found
    peer: str | None


KeyHolder = AccessKeyHolder | ApiKeyHolder


def holder_of(digest: bytes, found: Found, origin: Origin, *, peer: str | None) -> KeyHolder:
    """Return the caller that a key stands for."""
    record, key = found.record, found.record.key
    if key.kind == ACCESS:
        return AccessKeyHolder(
            origin, tier=record.client.tier, client=key.client_id, key=key.key_id, digest=digest, found=found, peer=peer
        )
    return ApiKeyHolder(
        origin,
        tier=record.client.tier,
        client=key.client_id,
        key=key.key_id,
        publishable=key.kind == PUBLISHABLE,
        scopes=record.scopes,
        owner=key.user_id,
        allowed_origins=tuple(key.allowed_origins),
        digest=digest,
        found=found,
        peer=peer,
    )
