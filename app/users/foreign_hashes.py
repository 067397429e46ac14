"""Password hashes that other systems made: brought into one stored form at import, checked until their next login.

Stored forms, at most 255 characters: `bcrypt:$2y$10$…`, `bcrypt-sha256:$2b$10$…`,
`$argon2id$v=19$m=…,t=…,p=…$salt$hash`, `$scrypt$ln=…,r=…,p=…$salt$hash` and `$pbkdf2-sha512$i=…$salt$hash` (the PHC
string format). The prefixes of bcrypt tell them from our own, of which passwords longer than 72 bytes are reduced
first; under the second one bcrypt was given the password's SHA-256 in hexadecimal.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

import bcrypt
from argon2.low_level import Type, hash_secret_raw

from app.users import keycloak_hashes

LONGEST_GIVEN = 512
BCRYPT, BCRYPT_OF_SHA256 = "bcrypt:", "bcrypt-sha256:"
# What a check may cost, so that none takes more than about half a second of a core or 128 MiB (measured: bcrypt at cost
# 13 takes 0.49 s, 2^19 KiB of argon2 passes 0.6 s, scrypt with N·r·p = 2^20 0.53 s, a million rounds 0.26 s of SHA-1,
# 0.31 s of SHA-256 and 0.65 s of SHA-512). What Keycloak, Django, passlib and PHP make by default stays below.
_MOST_BCRYPT_COST = 13
_MOST_MEMORY_KIB = 128 * 1024
_MOST_ARGON2_PASSES_KIB = 2**19
_MOST_LANES = 16
_MOST_SCRYPT_WORK = 2**20
_MOST_PBKDF2_ROUNDS = {"sha1": 1_800_000, "sha256": 1_600_000, "sha512": 750_000}
_DIGEST_BYTES = {"sha1": 20, "sha256": 32, "sha512": 64}
_LEAST_HASH, _MOST_HASH, _MOST_SALT = 16, 64, 64
_LEAST_ARGON2_SALT = 8
"""RFC 9106, 3.1."""

_SALT_AND_HASH = r"\$(?P<salt>[A-Za-z0-9+/]{2,86})\$(?P<hash>[A-Za-z0-9+/]{22,86})"
_PADDED = r"(?P<hash>[A-Za-z0-9+/]{22,88}={0,2})"
# The last character of the salt holds two bits, that of the hash four: the library refuses any other.
_OF_BCRYPT = re.compile(r"\$2[aby]\$(?P<cost>[0-9][0-9])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]")
_OF_ARGON2 = re.compile(
    r"\$argon2(?P<type>id|i|d)(?:\$v=(?P<version>16|19))?\$m=(?P<m>[0-9]{1,7}),t=(?P<t>[0-9]{1,7}),p=(?P<p>[0-9]{1,3})"
    + _SALT_AND_HASH
)
_OF_SCRYPT = re.compile(r"\$scrypt\$ln=(?P<ln>[0-9]{1,2}),r=(?P<r>[0-9]{1,3}),p=(?P<p>[0-9]{1,3})" + _SALT_AND_HASH)
_OF_PBKDF2 = re.compile(r"\$pbkdf2-(?P<digest>sha1|sha256|sha512)\$i=(?P<i>[0-9]{1,7})" + _SALT_AND_HASH)
# passlib writes dots for plus signs, and `pbkdf2` alone for SHA-1.
_PASSLIB_PBKDF2 = re.compile(
    r"\$pbkdf2(?:-(?P<digest>sha1|sha256|sha512))?\$(?P<i>[0-9]{1,7})"
    r"\$(?P<salt>[A-Za-z0-9./]{2,86})\$(?P<hash>[A-Za-z0-9./]{22,86})"
)
# Django writes the salt as it is, and both in other orders.
_DJANGO_SCRYPT = re.compile(
    r"scrypt\$(?P<n>[0-9]{1,7})\$(?P<salt>[^$]+)\$(?P<r>[0-9]{1,3})\$(?P<p>[0-9]{1,3})\$" + _PADDED
)
_DJANGO_PBKDF2 = re.compile(r"pbkdf2_(?P<digest>sha1|sha256)\$(?P<i>[0-9]{1,7})\$(?P<salt>[^$]+)\$" + _PADDED)
_DJANGO_WRAPPED = re.compile(r"(?:bcrypt\$(?=\$2)|argon2(?=\$argon2))")
_DJANGO_BCRYPT_OF_SHA256 = "bcrypt_sha256$"
_TAKEN = (
    "This is no form of hash that is known. Taken are $2a$, $2b$ and $2y$ (bcrypt), $argon2id$, $argon2i$, $argon2d$, "
    "$scrypt$, $pbkdf2-sha256$ (also -sha1, -sha512); Django's bcrypt$$2b$, bcrypt_sha256$$2b$, argon2$argon2id$, "
    "scrypt$, pbkdf2_sha256$, pbkdf2_sha1$; and Keycloak's credential as an object. Examples: docs/moving-in.md."
)
_ARGON2_TYPES = {"i": Type.I, "d": Type.D, "id": Type.ID}


class HashRefused(ValueError):
    """A hash that is not taken; the message says why and never repeats it."""


def stored_form(given: str | Mapping[str, Any]) -> str:
    """Return what is stored of a hash as another system wrote it; raises HashRefused.

    Taken are bcrypt (`$2a$`, `$2b$`, `$2y$`), the PHC strings of argon2, scrypt and PBKDF2, what Django and passlib
    write of these, and Keycloak's credentials (app.users.keycloak_hashes).
    """
    if isinstance(given, Mapping):
        try:
            given = keycloak_hashes.as_phc(given)
        except keycloak_hashes.NotKeycloaks as refused:
            raise HashRefused(str(refused)) from refused
    if len(given) > LONGEST_GIVEN:
        raise HashRefused("This is too long for a password hash.")
    if given.startswith(_DJANGO_BCRYPT_OF_SHA256):
        found = _OF_BCRYPT.fullmatch(given.removeprefix(_DJANGO_BCRYPT_OF_SHA256))
        made = _bcrypt(found, BCRYPT_OF_SHA256) if found else None
    else:
        plain = _DJANGO_WRAPPED.sub("", given, count=1) if _DJANGO_WRAPPED.match(given) else given
        made = _of_phc(plain) or _of_others(plain)
    if made is None:
        raise HashRefused(_TAKEN)
    return made


def _of_phc(text: str) -> str | None:
    """Return the stored form of what bcrypt's libraries write, or of a PHC string."""
    if found := _OF_BCRYPT.fullmatch(text):
        return _bcrypt(found, BCRYPT)
    if found := _OF_ARGON2.fullmatch(text):
        return _argon2(found)
    if found := _OF_SCRYPT.fullmatch(text):
        return _scrypt(int(found["ln"]), int(found["r"]), int(found["p"]), _raw(found["salt"]), _raw(found["hash"]))
    if found := _OF_PBKDF2.fullmatch(text):
        return _pbkdf2(found["digest"], int(found["i"]), _raw(found["salt"]), _raw(found["hash"]))
    return None


def _of_others(text: str) -> str | None:
    """Return the stored form of what passlib and Django write in a way of their own."""
    if found := _PASSLIB_PBKDF2.fullmatch(text):
        salt, made = (_raw(found[name].replace(".", "+")) for name in ("salt", "hash"))
        return _pbkdf2(found["digest"] or "sha1", int(found["i"]), salt, made)
    if found := _DJANGO_PBKDF2.fullmatch(text):
        return _pbkdf2(found["digest"], int(found["i"]), found["salt"].encode(), _raw(found["hash"]))
    if found := _DJANGO_SCRYPT.fullmatch(text):
        cost = int(found["n"]).bit_length() - 1
        if int(found["n"]) == 2**cost:
            return _scrypt(cost, int(found["r"]), int(found["p"]), found["salt"].encode(), _raw(found["hash"]))
    return None


def is_foreign(stored: str) -> bool:
    """Return whether a stored hash came from another system."""
    return stored.startswith((BCRYPT, BCRYPT_OF_SHA256, "$argon2", "$scrypt$", "$pbkdf2-"))


def bcrypt_cost(stored: str) -> int | None:
    """Return the cost of a foreign bcrypt hash; None for another kind."""
    return int(stored.split("$")[2]) if stored.startswith((BCRYPT, BCRYPT_OF_SHA256)) else None


def is_dearer(stored: str, than: int) -> bool:
    """Return whether a check of a foreign hash takes longer than bcrypt at a cost, roughly: its parameters tell."""
    return _part_of_most(stored) > 2.0 ** (than - _MOST_BCRYPT_COST)


def _part_of_most(stored: str) -> float:
    """Return which part of what a check may cost this one does."""
    cost = bcrypt_cost(stored)
    if cost is not None:
        return 2.0 ** (cost - _MOST_BCRYPT_COST)
    found = _parsed(stored)
    if found is None:
        return 0.0
    if found.re is _OF_ARGON2:
        return int(found["m"]) * int(found["t"]) / _MOST_ARGON2_PASSES_KIB
    if found.re is _OF_SCRYPT:
        return ((int(found["r"]) * int(found["p"])) << int(found["ln"])) / _MOST_SCRYPT_WORK
    return int(found["i"]) * _blocks(found["digest"], _raw(found["hash"])) / _MOST_PBKDF2_ROUNDS[found["digest"]]


def matches(secret: bytes, stored: str) -> bool:
    """Return whether a password, as the bytes that were typed, has a stored foreign hash; takes the hash's time.

    Raises ValueError or argon2's HashingError for a hash that its library refuses to compute.
    """
    if stored.startswith(BCRYPT):
        # Those who made it cut the password off there; the whole one counts from its next hash on.
        return bcrypt.checkpw(secret[:72], stored.removeprefix(BCRYPT).encode())
    if stored.startswith(BCRYPT_OF_SHA256):
        reduced = hashlib.sha256(secret).hexdigest().encode()
        return bcrypt.checkpw(reduced, stored.removeprefix(BCRYPT_OF_SHA256).encode())
    found = _parsed(stored)
    if found is None:
        raise ValueError("a stored hash of no known form")
    expected = _raw(found["hash"])
    return hmac.compare_digest(_made(found, secret, _raw(found["salt"]), len(expected)), expected)


def _parsed(stored: str) -> re.Match[str] | None:
    """Return the parts of a stored hash that is a PHC string."""
    return _OF_ARGON2.fullmatch(stored) or _OF_SCRYPT.fullmatch(stored) or _OF_PBKDF2.fullmatch(stored)


def _made(found: re.Match[str], secret: bytes, salt: bytes, length: int) -> bytes:
    """Return the hash of a password under the parameters of a stored one."""
    if found.re is _OF_ARGON2:
        time, memory, lanes = int(found["t"]), int(found["m"]), int(found["p"])
        kind, version = _ARGON2_TYPES[found["type"]], int(found["version"])
        return hash_secret_raw(secret, salt, time, memory, lanes, length, kind, version)
    if found.re is _OF_SCRYPT:
        cost, size, lanes = 1 << int(found["ln"]), int(found["r"]), int(found["p"])
        room = 128 * size * (cost + lanes + 2)
        return hashlib.scrypt(secret, salt=salt, n=cost, r=size, p=lanes, maxmem=room, dklen=length)
    return hashlib.pbkdf2_hmac(found["digest"], secret, salt, int(found["i"]), length)


def _bcrypt(found: re.Match[str], prefix: str) -> str:
    if not 4 <= int(found["cost"]) <= _MOST_BCRYPT_COST:
        raise HashRefused(f"The cost of bcrypt must be from 4 to {_MOST_BCRYPT_COST}.")
    return prefix + found[0]


def _argon2(found: re.Match[str]) -> str:
    memory, passes, lanes = int(found["m"]), int(found["t"]), int(found["p"])
    costly = memory > _MOST_MEMORY_KIB or memory * passes > _MOST_ARGON2_PASSES_KIB or lanes > _MOST_LANES
    _check_cost(costly=costly, sound=passes > 0 and lanes > 0 and memory >= 8 * lanes)
    salt, made = _raw(found["salt"]), _raw(found["hash"])
    if len(salt) < _LEAST_ARGON2_SALT:
        raise HashRefused("The salt is too short.")
    # Version 16 is what a string means that names none (the reference implementation).
    parameters = f"v={found['version'] or 16}$m={memory},t={passes},p={lanes}"
    return f"$argon2{found['type']}${parameters}{_tail(salt, made)}"


def _scrypt(cost: int, size: int, lanes: int, salt: bytes, made: bytes) -> str:
    work = (size * lanes) << cost
    costly = work > _MOST_SCRYPT_WORK or (128 * size) << cost > _MOST_MEMORY_KIB * 1024
    # RFC 7914, 2: N must be less than 2^(128 * r / 8).
    _check_cost(costly=costly, sound=0 < cost < 16 * size and lanes > 0)
    return f"$scrypt$ln={cost},r={size},p={lanes}{_tail(salt, made)}"


def _pbkdf2(digest: str, rounds: int, salt: bytes, made: bytes) -> str:
    _check_cost(costly=rounds * _blocks(digest, made) > _MOST_PBKDF2_ROUNDS[digest], sound=rounds > 0)
    return f"$pbkdf2-{digest}$i={rounds}{_tail(salt, made)}"


def _blocks(digest: str, made: bytes) -> int:
    """Return how often all the rounds are gone through for a hash that is longer than the digest."""
    return -(-len(made) // _DIGEST_BYTES[digest])


def _check_cost(*, costly: bool, sound: bool) -> None:
    if costly:
        raise HashRefused("Checking this hash would take more than half a second or 128 MiB.")
    if not sound:
        raise HashRefused("The parameters of this hash make no sense.")


def _tail(salt: bytes, made: bytes) -> str:
    if not 0 < len(salt) <= _MOST_SALT or not _LEAST_HASH <= len(made) <= _MOST_HASH:
        raise HashRefused(f"The salt takes 1 to {_MOST_SALT} bytes, the hash {_LEAST_HASH} to {_MOST_HASH}.")
    return f"${_bare(salt)}${_bare(made)}"


def _raw(text: str) -> bytes:
    """Return the bytes that base64 spells, with or without its padding."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise HashRefused("Salt and hash must be base64.") from wrong


def _bare(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
