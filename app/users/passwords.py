"""Password hashes: standard bcrypt strings, whole passwords, the same work for users that do not exist.

A password longer than bcrypt's 72 bytes, or holding NUL, is first reduced to base64(SHA-384); the stored value says
so with the prefix `sha384:`. Passwords are NFKC-normalised first (NIST SP 800-63B-4, 3.1.1.2).
"""

import base64
import hashlib
import unicodedata

import bcrypt

from app.core.settings import settings
from app.users import hashing

_REDUCED = "sha384:"
_BCRYPT_BYTES = 72
# A well-formed hash that no password is known for: checking against it costs what checking a real one does.
_NOBODYS = "abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"


def hash_password(password: str) -> str:
    """Return the stored form of a password at the current cost; raises TemporarilyUnavailable if the queue is full."""
    secret, prefix = _prepared(password)
    rounds = settings().bcrypt_rounds
    made = hashing.queue().run(lambda: bcrypt.hashpw(secret, bcrypt.gensalt(rounds)))
    return prefix + made.decode()


def verify(password: str, stored: str | None) -> bool:
    """Return whether a password is the stored one; None costs the same and is never right."""
    secret, prefix = _prepared(password)
    nobodys = f"$2b${settings().bcrypt_rounds:02d}${_NOBODYS}"
    against = nobodys if stored is None else stored.removeprefix(_REDUCED)
    matches = hashing.queue().run(lambda: bcrypt.checkpw(secret, against.encode()))
    return matches and stored is not None and stored.startswith(_REDUCED) == bool(prefix)


def is_outdated(stored: str) -> bool:
    """Return whether a hash is weaker than the current cost asks for."""
    return int(stored.removeprefix(_REDUCED).split("$")[2]) < settings().bcrypt_rounds


def normalized(password: str) -> str:
    """Return the form of a password that is measured, checked and hashed."""
    return unicodedata.normalize("NFKC", password)


def _prepared(password: str) -> tuple[bytes, str]:
    raw = normalized(password).encode()
    if len(raw) <= _BCRYPT_BYTES and b"\0" not in raw:
        return raw, ""
    return base64.b64encode(hashlib.sha384(raw).digest()), _REDUCED
