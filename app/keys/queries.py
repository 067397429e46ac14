"""Reads that join keys with other packages' tables."""

from sqlalchemy import bindparam, select

from app.clients.tables import clients
from app.core.lookup import Lookup
from app.keys.models import Key, KnownKey
from app.keys.tables import keys

_BY_DIGEST = Lookup(
    select(*(keys.c[name] for name in Key.__slots__), clients.c.status)
    .join(clients, clients.c.client_id == keys.c.client_id)
    .where(keys.c.digest == bindparam("digest"))
)


def find_by_digest(digest: bytes) -> KnownKey | None:
    """Return the key with a digest and its client's status, in one statement."""
    row = _BY_DIGEST.one({"digest": digest})
    return None if row is None else KnownKey(Key(*row[:-1]), row[-1])
