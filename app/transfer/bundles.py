"""Writes a client as one bundle and opens bundles: what export, import, clone and snapshots share.

    with open(path, "wb") as file:
        summary = write_bundle(client_id, file)
    with open_bundle(path) as bundle:
        for table, values in bundle.rows(): ...

A bundle is gzip of lines of JSON: a header; `["table", {...}]` for each row; at the end the counts, the SHA-256 of all
lines before, and what the platform signs of it (docs/bundle-format.md). Both ways hold no more than a batch of rows.

One picture of the client: on PostgreSQL a transaction that is REPEATABLE READ, READ ONLY (each batch a statement well
below statement_timeout, and the pause between two far below idle_in_transaction_session_timeout, as nobody slow reads
along: a bundle goes into a file first); on SQLite a read transaction, which in WAL mode holds up no writer.
"""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Generator, Mapping
from typing import Any, BinaryIO
from uuid import UUID

from app.core import clock, crypto, db, isolation
from app.core.errors import ClientNotFound
from app.core.ids import new_id
from app.core.settings import settings
from app.mfa import totp
from app.onboarding import documents
from app.transfer import queries, sealing
from app.transfer.errors import NotMovable
from app.transfer.models import (
    BUNDLE,
    FORMAT,
    IN_CLEAR,
    OF_INSTALLATION,
    SNAPSHOT,
    BundleSummary,
    Header,
    Progress,
    nobody,
)
from app.transfer.opened_bundles import Bundle, open_bundle
from app.transfer.row_forms import Values
from app.transfer.sealing import Lock
from app.transfer.store import CLIENT, PARTS, Part

__all__ = ["Bundle", "open_bundle", "rows_of", "write_bundle", "writing"]
SEEDS = "bundle seeds"
"""What seeds of authenticator apps are sealed under in a bundle that is not encrypted itself."""
_PLATFORM = "platform"
_COMPRESSION = 4
_NO_PART = frozenset[str]()
_LEFT_OUT = {SNAPSHOT: frozenset({"audit_logs", "rate_limit_usage"})}
"""Tables that a kind does not hold: history is not put back, and a long one would make each snapshot long."""
Steps = Generator[tuple[str, int], None, BundleSummary]


def write_bundle(
    client_id: UUID, stream: BinaryIO, *, kind: str = BUNDLE, lock: Lock | None = None, progress: Progress = nobody
) -> BundleSummary:
    """Write a client into a stream; call it outside reading() and unit_of_work().

    `lock` (sealing.new_lock) encrypts the whole. Raises ClientNotFound, and NotMovable for the platform.
    """
    steps = writing(client_id, stream, kind=kind, lock=lock)
    try:
        while True:
            progress(*next(steps))
    except StopIteration as done:
        summary: BundleSummary = done.value
        return summary
    finally:
        steps.close()


def writing(client_id: UUID, stream: BinaryIO, *, kind: str = BUNDLE, lock: Lock | None = None) -> Steps:
    """Do the same in steps, a batch each; yields a table's name and how many of its rows were written.

    Between two steps the picture stays open, so do not wait there.
    """
    out = _Lines(stream, lock)
    with isolation.within(client_id), db.one_picture():
        row = queries.client_row(client_id)
        if row is None:
            raise ClientNotFound()
        header = _header(row._asdict(), kind, in_clear=lock is not None)
        out.write(_line(_of_header(header)))
        for part, rows in _batches(row._asdict(), _sealer(header), but=_LEFT_OUT.get(kind, _NO_PART)):
            out.write(b"".join(_line([part.name, values]) for values in rows))
            out.counts[part.name] += len(rows)
            yield part.name, len(rows)
    counts, digest = dict(out.counts), out.digest.hexdigest()
    claims = {"bundle_id": str(header.bundle_id), "client_id": str(client_id), "counts": counts, "sha256": digest}
    out.finish(_line({"counts": counts, "sha256": digest, "signature": documents.sign(kind, claims)}))
    return BundleSummary(header, counts, digest)


def rows_of(client_id: UUID) -> Generator[tuple[str, Values]]:
    """Yield all rows of a client as a bundle has them, seeds in the clear; within a picture, for checksums alone."""
    row = queries.client_row(client_id)
    if row is None:
        raise ClientNotFound()
    for part, rows in _batches(row._asdict(), bytes, but=_NO_PART):
        for values in rows:
            yield part.name, values


def _batches(client: Values, seal: Any, *, but: frozenset[str]) -> Generator[tuple[Part, list[Values]]]:
    client_id = client["client_id"]
    yield CLIENT, [CLIENT.form.written(client)]
    for part in (part for part in PARTS if part.name not in but):
        for rows in queries.batches(part, client_id):
            yield part, [part.form.written(_loosened(part, row._asdict(), client_id, seal)) for row in rows]


def _loosened(part: Part, row: Values, client_id: UUID, seal: Any) -> Values:
    """Return a row without what ties it to its client's id and to the keys of this installation."""
    if part.name == "totp_factors":
        return row | {name: _seed(row, name, client_id, seal) for name in ("seed", "pending_seed")}
    if part.name == "recovery_codes":
        return row | {"made_for": row["made_for"] or client_id}
    if part.name == "audit_logs" and row["summed_up_as"]:
        return row | {"summed_up_as": row["summed_up_as"].removeprefix(f"{client_id}:")}
    return row


def _seed(row: Values, name: str, client_id: UUID, seal: Any) -> bytes | None:
    if row[name] is None:
        return None
    plain = totp.opened(client_id, row["user_id"], bytes(row[name]))
    return bytes(seal(plain))


def _sealer(header: Header) -> Any:
    if header.seeds == IN_CLEAR:
        return bytes
    return lambda plain: crypto.seal(SEEDS, plain, bound_to=str(header.bundle_id))


def _header(client: Mapping[str, Any], kind: str, *, in_clear: bool) -> Header:
    if client["slug"] == _PLATFORM:
        raise NotMovable()
    return Header(
        format=FORMAT,
        kind=kind,
        bundle_id=new_id(),
        source=settings().public_url,
        client_id=client["client_id"],
        client_name=client["client_name"],
        slug=client["slug"],
        users_schema_version=client["users_schema_version"],
        seeds=IN_CLEAR if in_clear else OF_INSTALLATION,
        created_at=clock.now(),
    )


def _of_header(header: Header) -> dict[str, Any]:
    told = {name: getattr(header, name) for name in Header.__slots__}
    return {"rowlock_bundle": told.pop("format"), **told} | {
        "bundle_id": str(header.bundle_id),
        "client_id": str(header.client_id),
        "created_at": clock.rfc3339(header.created_at),
    }


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


class _Lines:
    """Lines on their way into a stream: counted into a digest, compressed and, with a lock, encrypted."""

    def __init__(self, stream: BinaryIO, lock: Lock | None) -> None:
        self._sealed = sealing.Writer(stream, lock) if lock else None
        self._zip = gzip.GzipFile(
            filename="", mode="wb", compresslevel=_COMPRESSION, fileobj=self._sealed or stream, mtime=0
        )
        self.digest, self.counts = hashlib.sha256(), Counter[str]()

    def write(self, lines: bytes) -> None:
        self.digest.update(lines)
        self._zip.write(lines)

    def finish(self, last: bytes) -> None:
        """Write the last line, which no digest covers: it holds it."""
        self._zip.write(last)
        self._zip.close()
        if self._sealed:
            self._sealed.finish()
