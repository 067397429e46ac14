"""A bundle under a passphrase: encrypted whole, in pieces, so that it is written and read as a stream.

    rowlock-sealed/1 NEWLINE, 16 bytes of salt (passphrase), 32 bytes of salt (file), then pieces of AES-256-GCM

The passphrase makes a key by scrypt, that one and the file's own salt the key of the file by HKDF-SHA256: a key that is
kept for a job may encrypt the same client twice, and no nonce comes twice under one key. The nonce of a piece is its
number and whether it is the last, so that none can be left out, moved or cut off (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár, 2015). The parameters are part of the form: a file cannot ask for a dearer key.
"""

import hashlib
import io
import secrets
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.transfer.errors import BundleRefused

MAGIC = b"rowlock-sealed/1\n"
LEAST_PASSPHRASE, MOST_PASSPHRASE = 15, 1024
"""Characters; a file can be guessed at for years."""
_SALT, _FILE_SALT, _TAG, _COUNTER = 16, 32, 16, 11
_PIECE = 64 * 1024
# OWASP's Password Storage Cheat Sheet counts this as strong as N = 2^17, p = 1, at 32 MiB instead of 128.
_N, _R, _P = 2**15, 8, 3
_WRONG = "The passphrase is not that of this bundle, or the bundle was altered."
_ALTERED = "The bundle was cut off or altered."


@dataclass(frozen=True, slots=True)
class Lock:
    """The key that a passphrase makes, with the salt it was made with."""

    salt: bytes
    key: bytes


def new_lock(passphrase: str) -> Lock:
    """Return a new lock for a passphrase; takes a quarter of a second and 32 MiB."""
    return _lock(passphrase, secrets.token_bytes(_SALT))


def is_sealed(file: BinaryIO) -> bool:
    """Return whether a file is encrypted, and go back to its beginning."""
    file.seek(0)
    head = file.read(len(MAGIC))
    file.seek(0)
    return head == MAGIC


def lock_of(file: BinaryIO, passphrase: str) -> Lock:
    """Return the lock of an encrypted file."""
    file.seek(len(MAGIC))
    return _lock(passphrase, file.read(_SALT))


class Writer(io.RawIOBase):
    """Encrypts what is written into a stream; finish() writes the last piece."""

    def __init__(self, stream: BinaryIO, lock: Lock) -> None:
        """Write the head."""
        super().__init__()
        salt = secrets.token_bytes(_FILE_SALT)
        stream.write(MAGIC + lock.salt + salt)
        self._stream, self._cipher = stream, _cipher(lock, salt)
        self._number, self._waiting = 0, bytearray()

    def writable(self) -> bool:
        """Tell that this may be written to."""
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        """Take bytes; whole pieces go out."""
        self._waiting += data
        while len(self._waiting) > _PIECE:  # the last one is known to be the last only at the end
            self._send(bytes(self._waiting[:_PIECE]), last=False)
            del self._waiting[:_PIECE]
        return len(data)

    def finish(self) -> None:
        """Write the last piece."""
        self._send(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _send(self, piece: bytes, *, last: bool) -> None:
        self._stream.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, None))
        self._number += 1


class Reader(io.RawIOBase):
    """Decrypts a file from its head on; raises BundleRefused for a wrong key and for what was cut off or altered."""

    def __init__(self, file: BinaryIO, lock: Lock) -> None:
        """Read the head."""
        super().__init__()
        file.seek(len(MAGIC) + _SALT)
        salt = file.read(_FILE_SALT)
        if len(salt) < _FILE_SALT:
            raise BundleRefused(_ALTERED)
        self._file, self._cipher = file, _cipher(lock, salt)
        self._number, self._plain = 0, b""
        self._ahead: bytes | None = file.read(_PIECE + _TAG)

    def readable(self) -> bool:
        """Tell that this may be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill a buffer with plain bytes; 0 at the end."""
        while not self._plain and self._ahead is not None:
            self._plain = self._next(self._ahead)
        taken = min(len(buffer), len(self._plain))
        buffer[:taken] = self._plain[:taken]
        self._plain = self._plain[taken:]
        return taken

    def _next(self, piece: bytes) -> bytes:
        following = self._file.read(_PIECE + _TAG)
        self._ahead = following or None
        try:
            plain = self._cipher.decrypt(_nonce(self._number, last=not following), piece, None)
        except (InvalidTag, ValueError) as wrong:
            raise BundleRefused(_ALTERED if self._number else _WRONG) from wrong
        self._number += 1
        return plain


def _lock(passphrase: str, salt: bytes) -> Lock:
    room = 128 * _R * (_N + _P + 2)
    made = hashlib.scrypt(passphrase.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=room, dklen=32)
    return Lock(salt, made)


def _cipher(lock: Lock, salt: bytes) -> AESGCM:
    info = b"rowlock:bundle"
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(lock.key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_COUNTER) + bytes([last])
