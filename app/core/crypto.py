"""Secrets: their form, their digests, and the server keys derived from SECRET_KEY.

A key or refresh token is `rlk_<kind>_` + 43 base62 characters (62^43 > 2^256) + 6 characters of CRC32,
so that typing errors and secret scanners need no database (GitHub's token format, 2021).
Server keys come from SECRET_KEY by HKDF-SHA256 (RFC 5869) with one label each.
"""

import hashlib
import hmac
import secrets
import zlib
from collections.abc import Iterator
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.settings import settings

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MEMBERS = frozenset(_ALPHABET)
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_BODY, _SUM = 43, 6
_NONCE = 12
KINDS = ("ak", "sk", "pk", "rt", "oc")
PREFIX_SHOWN = 12


def new_secret(kind: str) -> str:
    """Return a new random secret of a kind: `ak`, `sk`, `pk` (keys), `rt` (refresh token) or `oc` (one-time code)."""
    return _spell(kind, secrets.randbelow(62**_BODY))


def derived_secret(kind: str, label: str, message: str) -> Iterator[str]:
    """Yield the secret that HMAC-SHA256 makes of a message, under the current server key, then under each fallback."""
    for key in _keys(label):
        value = int.from_bytes(hmac.digest(key, message.encode(), "sha256"), "big")
        yield _spell(kind, value)


def kind_of(secret: str) -> str | None:
    """Return the kind of a well-formed secret whose checksum is right, else None; asks no database."""
    if len(secret) != 7 + _BODY + _SUM or secret[:4] != "rlk_" or secret[6] != "_":
        return None
    kind, body, check = secret[4:6], secret[7 : 7 + _BODY], secret[7 + _BODY :]
    if kind not in KINDS or not _MEMBERS.issuperset(body):
        return None
    return kind if check == _checksum(kind, body) else None


def digest(secret: str) -> bytes:
    """Return the SHA-256 under which a random secret of 256 bits is stored."""
    return hashlib.sha256(secret.encode()).digest()


def mac(label: str, message: bytes) -> bytes:
    """Return HMAC-SHA256 of a message under the server key named `label`."""
    return hmac.digest(_keys(label)[0], message, "sha256")


def macs(label: str, message: bytes) -> tuple[bytes, ...]:
    """Return the same under the current key and every fallback, for checking what an older key made."""
    return tuple(hmac.digest(key, message, "sha256") for key in _keys(label))


def seal(label: str, plain: bytes, *, bound_to: str) -> bytes:
    """Encrypt with AES-256-GCM; the result opens only with the same `bound_to` (client and row)."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_keys(label)[0]).encrypt(nonce, plain, bound_to.encode())


def unseal(label: str, sealed: bytes, *, bound_to: str) -> bytes:
    """Decrypt what seal() made, under SECRET_KEY or one of SECRET_KEY_FALLBACKS; raises WrongKey."""
    for key in _keys(label):
        try:
            return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to.encode())
        except InvalidTag:
            continue
    raise WrongKey(label)


def resealed(label: str, sealed: bytes, *, bound_to: str) -> bytes | None:
    """Return a value sealed anew under SECRET_KEY, or None if SECRET_KEY opens it as it is; raises WrongKey."""
    plain = unseal(label, sealed, bound_to=bound_to)
    try:
        AESGCM(_keys(label)[0]).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to.encode())
    except InvalidTag:
        return seal(label, plain, bound_to=bound_to)
    return None


class WrongKey(Exception):
    """Neither SECRET_KEY nor a fallback opens a sealed value."""


def _keys(label: str) -> tuple[bytes, ...]:
    current = settings()
    return _derive(label, (current.secret_key, *current.secret_key_fallbacks))


@lru_cache(maxsize=64)
def _derive(label: str, masters: tuple[str, ...]) -> tuple[bytes, ...]:
    info = b"rowlock:" + label.encode()
    return tuple(
        HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(master.encode()) for master in masters
    )


def _spell(kind: str, value: int) -> str:
    body = _base62(value, _BODY)
    return f"rlk_{kind}_{body}{_checksum(kind, body)}"


def _checksum(kind: str, body: str) -> str:
    rest, low = divmod(zlib.crc32(f"rlk_{kind}_{body}".encode()), 3844)
    high, middle = divmod(rest, 3844)
    return _PAIRS[high] + _PAIRS[middle] + _PAIRS[low]


def _base62(value: int, width: int) -> str:
    letters = []
    for _ in range(width):
        value, rest = divmod(value, 62)
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters))
