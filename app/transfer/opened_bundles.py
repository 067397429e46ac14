"""Reads bundles: a file is read whole and checked before any of its rows is believed, then read again for them.

Whatever is wrong with it raises BundleRefused with a line that says what to do, and before that nothing was written.
"""

import contextlib
import gzip
import hashlib
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Self
from uuid import UUID

from app.clients.service import SLUG
from app.core.ids import parse_id
from app.core.settings_rules import SettingsError, public_url
from app.onboarding import documents
from app.onboarding.errors import DocumentRefused
from app.transfer import row_checks, row_forms, sealing
from app.transfer.errors import BundleRefused
from app.transfer.models import BUNDLE, FORMAT, IN_CLEAR, OF_INSTALLATION, SNAPSHOT, BundleSummary, Header, Row
from app.transfer.store import NAMED, NEWEST_USERS

LONGEST_LINE = 1024 * 1024
"""Bytes; a row of a client with all that may be in it has some 200 KiB."""
_MOST_HEADER = 8 * 1024
_MOST_SOURCE = 2048
_ALTERED = "The bundle was cut off or altered."
_NO_BUNDLE = "This file is no bundle of Rowlock."
_STRANGER = (
    "It was signed by {source}, whose key this installation does not know. If you trust it, save what"
    " `flask documents keys` prints there, and name that file: --trust FILE."
)
_TELLS = frozenset({"counts", "sha256", "signature"})


class Bundle:
    """A bundle that was found whole and signed by this platform, or by one that is trusted."""

    def __init__(
        self, file: BinaryIO, key: sealing.Lock | None, summary: BundleSummary, *, own: bool, signer: dict[str, str]
    ) -> None:
        """Keep the open file, to be read once more; `signer` is the key that signed it, by kid and thumbprint."""
        self._file, self._key = file, key
        self.summary, self.header, self.own, self.signer = summary, summary.header, own, signer

    def rows(self) -> Iterator[Row]:
        """Yield table and values of each row, `clients` first, checked by shape; may be called again.

        Seeds of authenticator apps come as they stand in the bundle, and without client ids. The digest is compared
        once more at the end: a file that was changed since it was opened is refused there.
        """
        digest, lines = hashlib.sha256(), _lines(self._file, self._key)
        line = next(lines)
        for number, following in enumerate(lines, start=2):
            digest.update(line)
            if number > 2:
                yield _row(line, number - 1, self.header)
            line = following
        if digest.hexdigest() != self.summary.digest:
            raise BundleRefused(_ALTERED)

    def __enter__(self) -> Self:
        """Be open."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the file."""
        self._file.close()


def open_bundle(
    source: Path | BinaryIO,
    *,
    kind: str = BUNDLE,
    passphrase: str | None = None,
    trust: Mapping[str, Any] | None = None,
) -> Bundle:
    """Return a bundle, read and checked from end to end; `trust` is a JSON Web Key Set to believe beside our own.

    A stream must be one that can be read again. Raises BundleRefused.
    """
    with contextlib.ExitStack() as held:
        file = source.open("rb") if isinstance(source, Path) else source
        held.callback(file.close)
        key = _key(file, passphrase)
        summary, signature = _read_through(file, key)
        own = _check_signature(summary, signature, kind, trust)
        signer = documents.signer(signature, None if own else dict(trust or {}))
        held.pop_all()
    return Bundle(file, key, summary, own=own, signer=signer)


def _key(file: BinaryIO, passphrase: str | None) -> sealing.Lock | None:
    if not sealing.is_sealed(file):
        return None
    if passphrase is None:
        raise BundleRefused("This bundle is encrypted: name its passphrase by --passphrase-file.")
    return sealing.lock_of(file, passphrase)


def _read_through(file: BinaryIO, key: sealing.Lock | None) -> tuple[BundleSummary, str]:
    """Read all lines, the rows unparsed, and compare them with what the last line says."""
    digest, counts, lines = hashlib.sha256(), Counter[str](), _lines(file, key)
    held = next(lines, b"")
    header = _header(held)
    for number, line in enumerate(lines):
        digest.update(held)
        if number:
            counts[_table(held)] += 1
        held = line
    told = _last(held)
    if told["sha256"] != digest.hexdigest() or told["counts"] != counts:
        raise BundleRefused(_ALTERED)
    return BundleSummary(header, dict(counts), digest.hexdigest()), str(told["signature"])


def _check_signature(summary: BundleSummary, signature: str, kind: str, trust: Mapping[str, Any] | None) -> bool:
    """Return whether this platform signed the bundle; raises BundleRefused where nobody did who is believed."""
    header = summary.header
    if header.kind != kind:
        raise BundleRefused(f"This is a {header.kind}; a {kind} is wanted.")
    own = True
    try:
        claims = documents.verify(kind, signature)
    except DocumentRefused as stranger:
        if trust is None:
            raise BundleRefused(_STRANGER.format(source=header.source)) from stranger
        try:
            claims, own = documents.verify(kind, signature, dict(trust)), False
        except DocumentRefused as refused:
            raise BundleRefused(f"The keys of --trust did not sign this bundle. {refused.detail}") from refused
    said = {"bundle_id": str(header.bundle_id), "client_id": str(header.client_id), "counts": dict(summary.counts)}
    said |= {"sha256": summary.digest, "iss": header.source}
    if any(claims.get(name) != value for name, value in said.items()):
        raise BundleRefused(_ALTERED)
    return own


def _lines(file: BinaryIO, key: sealing.Lock | None) -> Iterator[bytes]:
    file.seek(0)
    plain: Any = file if key is None else io.BufferedReader(sealing.Reader(file, key), 64 * 1024)
    most = _MOST_HEADER
    try:
        with gzip.GzipFile(fileobj=plain, mode="rb") as unzipped:
            while line := unzipped.readline(most + 1):
                if len(line) > most or not line.endswith(b"\n"):
                    raise BundleRefused(_ALTERED if most == LONGEST_LINE else _NO_BUNDLE)
                most = LONGEST_LINE
                yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
        raise BundleRefused(_ALTERED if most == LONGEST_LINE else _NO_BUNDLE) from broken


def _header(line: bytes) -> Header:
    given = _parsed(line, _NO_BUNDLE)
    if not isinstance(given, dict) or "rowlock_bundle" not in given:
        raise BundleRefused(_NO_BUNDLE)
    if given["rowlock_bundle"] != FORMAT:
        raise BundleRefused("This bundle is of another version of Rowlock: import it with one that knows its form.")
    names = [name for name in Header.__slots__ if name != "format"]
    texts: dict[str, Any] = {name: given.get(name) for name in names if name != "users_schema_version"}
    version = given.get("users_schema_version")
    if any(not isinstance(text, str) for text in texts.values()) or type(version) is not int:
        raise BundleRefused(_NO_BUNDLE)
    if version > NEWEST_USERS:
        raise BundleRefused("The users of this bundle are of a newer Rowlock: upgrade this installation first.")
    # Nobody has signed for the header yet, and what it says is shown to whoever reads why a bundle is refused.
    known = texts["seeds"] in (IN_CLEAR, OF_INSTALLATION) and texts["kind"] in (BUNDLE, SNAPSHOT)
    if not known or not SLUG.fullmatch(texts["slug"]) or not _is_installation(texts["source"]):
        raise BundleRefused(_NO_BUNDLE)
    return _made_header(texts, version)


def _is_installation(source: str) -> bool:
    """Return whether a text can be an installation's PUBLIC_URL."""
    try:
        return len(source) <= _MOST_SOURCE and source.isprintable() and public_url(source).lower() == source.lower()
    except (SettingsError, ValueError):
        return False


def _made_header(texts: dict[str, Any], version: int) -> Header:
    ids: dict[str, UUID | None] = {name: parse_id(texts[name]) for name in ("bundle_id", "client_id")}
    try:
        created_at = row_forms.moment(texts["created_at"])
    except ValueError as wrong:
        raise BundleRefused(_NO_BUNDLE) from wrong
    if None in ids.values():
        raise BundleRefused(_NO_BUNDLE)
    return Header(format=FORMAT, users_schema_version=version, **(texts | ids | {"created_at": created_at}))


def _table(line: bytes) -> str:
    """Return the table that a row's line names."""
    name = line[2 : line.find(b'"', 2)].decode("ascii", "replace")
    if line[:2] != b'["' or name not in NAMED:
        raise BundleRefused(_ALTERED)
    return name


def _last(line: bytes) -> dict[str, Any]:
    told = _parsed(line, _ALTERED)
    if not isinstance(told, dict) or told.keys() != _TELLS or not isinstance(told["counts"], dict):
        raise BundleRefused(_ALTERED)
    return told


def _row(line: bytes, number: int, header: Header) -> Row:
    found = _parsed(line, f"Line {number} of the bundle is not what a bundle holds.")
    if not isinstance(found, list) or len(found) != 2 or not isinstance(found[1], dict):
        raise BundleRefused(f"Line {number} of the bundle is not what a bundle holds.")
    table, given = found
    try:
        return table, row_checks.checked(NAMED[table], given, header)
    except ValueError as wrong:
        raise BundleRefused(f"Line {number} of the bundle ({table}): {wrong}.") from wrong


def _parsed(line: bytes, refusal: str) -> Any:
    try:
        return json.loads(line.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as wrong:
        raise BundleRefused(refusal) from wrong


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
