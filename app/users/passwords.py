"""Password hashes: standard bcrypt strings, whole passwords, the same work for users that do not exist.

A password longer than bcrypt's 72 bytes, or holding NUL, is first reduced to base64(SHA-384); the stored value says
so with the prefix `sha384:`. Passwords are NFKC-normalised first (NIST SP 800-63B-4, 3.1.1.2).

A hash that another system made (app.users.foreign_hashes), or one of a lower cost, is checked as it is until its
user's next login, which replaces it. A check that fails is filled up with bcrypt to what a check at the current cost
takes, so that nobody learns by the time which addresses were imported. What stays to be seen until that login: a
hash that is slower to check than ours, which only whoever made the import can have chosen; such ones get no more than
half of the hashing queue.
"""

import base64
import hashlib
import time
import unicodedata
from functools import lru_cache

import bcrypt
import structlog
from argon2.exceptions import HashingError

from app.core.settings import settings
from app.users import foreign_hashes, hashing

_log = structlog.get_logger()
_REDUCED = "sha384:"
_BCRYPT_BYTES = 72
_LEAST_COST = 4
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
    if stored is not None and foreign_hashes.is_foreign(stored):
        dear = foreign_hashes.is_dearer(stored, settings().bcrypt_rounds)
        return hashing.queue().run(lambda: _is_foreign_one(password, stored), dear=dear)
    secret, prefix = _prepared(password)
    nobodys = f"$2b${settings().bcrypt_rounds:02d}${_NOBODYS}"
    against = nobodys if stored is None else stored.removeprefix(_REDUCED)
    matches = hashing.queue().run(lambda: _is_own_one(secret, against))
    return matches and stored is not None and stored.startswith(_REDUCED) == bool(prefix)


def is_outdated(stored: str) -> bool:
    """Return whether a hash is another system's, or weaker than the current cost asks for."""
    return foreign_hashes.is_foreign(stored) or _cost(stored.removeprefix(_REDUCED)) < settings().bcrypt_rounds


def normalized(password: str) -> str:
    """Return the form of a password that is measured, checked and hashed."""
    return unicodedata.normalize("NFKC", password)


def _prepared(password: str) -> tuple[bytes, str]:
    raw = normalized(password).encode()
    if len(raw) <= _BCRYPT_BYTES and b"\0" not in raw:
        return raw, ""
    return base64.b64encode(hashlib.sha384(raw).digest()), _REDUCED


def _cost(bcrypt_hash: str) -> int:
    return int(bcrypt_hash.split("$")[2])


def _is_own_one(secret: bytes, against: str) -> bool:
    matches = bcrypt.checkpw(secret, against.encode())
    if not matches:
        _fill_up(2.0 ** (_cost(against) - settings().bcrypt_rounds))
    return matches


def _is_foreign_one(password: str, stored: str) -> bool:
    """Check a password as it was typed, which is what the other system hashed."""
    # argon2 works on threads of its own, whose time is not counted as this one's.
    timer = time.perf_counter if stored.startswith("$argon2") else time.thread_time
    began = timer()
    try:
        if foreign_hashes.matches(password.encode(), stored):
            return True
    except (ValueError, HashingError):  # what its library does not compute, no password has
        _log.warning("foreign_hash_unusable")
    rounds, cost = settings().bcrypt_rounds, foreign_hashes.bcrypt_cost(stored)
    _fill_up((timer() - began) / _seconds(rounds) if cost is None else 2.0 ** (cost - rounds))
    return False


def _fill_up(done: float) -> None:
    """Hash until, with the part `done` of one hash at the current cost, the work of a whole one is done.

    Each step of the cost doubles the work: after a check at cost 10, hashes at 10 and 11 make one at 12.
    """
    rounds, left = settings().bcrypt_rounds, 1.0 - done
    for cost in range(rounds, _LEAST_COST - 1, -1):
        part = 2.0 ** (cost - rounds)
        if part <= left:
            bcrypt.hashpw(b"", f"$2b${cost:02d}${_NOBODYS[:22]}".encode())
            left -= part


@lru_cache(maxsize=16)
def _seconds(rounds: int) -> float:
    """Return the time of a core that a hash takes, measured once."""
    began = time.thread_time()
    bcrypt.hashpw(b"", f"$2b${rounds:02d}${_NOBODYS[:22]}".encode())
    return time.thread_time() - began
