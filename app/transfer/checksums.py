"""One number for all that a client has: equal before and after a move, whatever the database is."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core import db, isolation
from app.transfer import bundles, store
from app.transfer.cloning import CLONED
from app.transfer.exporting import EXPORTED, FETCHED
from app.transfer.importing import IMPORTED

_OWN = {"clients": ("slug", "version", "users_schema_version", "updated_at"), "passkeys": ("passkey_id",)}
"""What a client that was moved has of its own: what its place and its new keys give it."""


_MOVES = frozenset({EXPORTED, FETCHED, IMPORTED, CLONED})
"""Audit rows of the moves themselves, which count for nothing: each move adds some."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """How many rows of a table a client has, and the SHA-256 (hex) of them all."""

    table: str
    rows: int
    sha256: str


def of_client(client_id: UUID, tell: Callable[[int], None] = lambda _rows: None) -> list[Checksum]:
    """Return the checksums of a client's rows by table, of one picture of them all.

    Each row counts as canonical JSON (sorted names, no spaces), a line each in the order of a bundle, without the
    client's id, seeds of authenticator apps in the clear. An access key that an import has made, where none could come
    along, is a key like others.
    """
    digests = {name: (hashlib.sha256(), [0]) for name in store.NAMED}
    with isolation.within(client_id), db.one_picture():
        for table, values in bundles.rows_of(client_id):
            tell(1)
            if table == "audit_logs" and values["action"] in _MOVES:
                continue
            digest, rows = digests[table]
            digest.update(_canonical(values, _OWN.get(table, ())))
            rows[0] += 1
    return [Checksum(name, rows[0], digest.hexdigest()) for name, (digest, rows) in digests.items()]


def _canonical(values: dict[str, Any], own: tuple[str, ...]) -> bytes:
    kept = {name: value for name, value in values.items() if name not in own}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
