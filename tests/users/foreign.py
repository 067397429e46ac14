"""Makes password hashes as other systems do, with their own libraries or from the ground up."""

import base64
import hashlib
import json
import os
from collections.abc import Callable
from typing import Any

import bcrypt
from argon2 import PasswordHasher, Type

Given = str | dict[str, Any]


def by_bcrypt(password: str, prefix: str = "2b", cost: int = 4) -> str:
    """Return a bcrypt hash under one of its names; only the first 72 bytes of the password count."""
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(cost)).decode()
    return f"${prefix}{made[3:]}"


def by_argon2(password: str, kind: Type = Type.ID) -> str:
    """Return an argon2 hash as PHP and argon2-cffi write it."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=2, type=kind).hash(password)


def by_scrypt(password: str) -> str:
    """Return a scrypt hash in the PHC string format."""
    salt = os.urandom(16)
    made = hashlib.scrypt(password.encode(), salt=salt, n=2**4, r=8, p=1, dklen=32)
    return f"$scrypt$ln=4,r=8,p=1${_bare(salt)}${_bare(made)}"


def by_django_scrypt(password: str) -> str:
    """Return a hash as Django's ScryptPasswordHasher writes it."""
    made = hashlib.scrypt(password.encode(), salt=b"salty2", n=2**5, r=8, p=1, dklen=64)
    return f"scrypt$32$salty2$8$1${base64.b64encode(made).decode()}"


def by_django(password: str, digest: str = "sha256") -> str:
    """Return a hash as Django's PBKDF2 hashers write it."""
    made = hashlib.pbkdf2_hmac(digest, password.encode(), b"seasalt", 1000)
    return f"pbkdf2_{digest}$1000$seasalt${base64.b64encode(made).decode()}"


def by_keycloak(password: str, digest: str = "sha512") -> dict[str, Any]:
    """Return what Keycloak keeps of a password: always 64 bytes."""
    salt = os.urandom(16)
    made = hashlib.pbkdf2_hmac(digest, password.encode(), salt, 500, 64)
    algorithm = "pbkdf2" if digest == "sha1" else f"pbkdf2-{digest}"
    written = {"salt": base64.b64encode(salt).decode(), "value": base64.b64encode(made).decode()}
    return {"algorithm": algorithm, "hashIterations": 500, **written}


def by_keycloak_export(password: str, *, nested: bool = False) -> dict[str, Any]:
    """Return a credential as a realm's export holds it: JSON within JSON, or plain objects."""
    flat = by_keycloak(password, "sha256")
    secret = {"value": flat["value"], "salt": flat["salt"], "additionalParameters": {}}
    told = {"hashIterations": 500, "algorithm": flat["algorithm"], "additionalParameters": {}}
    return _credential(secret, told, nested=nested)


def by_keycloak_argon2(password: str) -> dict[str, Any]:
    """Return what Keycloak 25 and later keeps of a password by default."""
    made = PasswordHasher(time_cost=5, memory_cost=64, parallelism=1).hash(password)
    salt, value = made.split("$")[4:]
    more = {"hashLength": ["32"], "memory": ["64"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}
    told = {"hashIterations": 5, "algorithm": "argon2", "additionalParameters": more}
    padded = {name: text + "=" * (-len(text) % 4) for name, text in (("value", value), ("salt", salt))}
    return _credential(padded | {"additionalParameters": {}}, told)


def by_django_bcrypt_sha256(password: str) -> str:
    """Return a hash as Django's BCryptSHA256PasswordHasher writes it: bcrypt of the SHA-256 in hexadecimal."""
    return f"bcrypt_sha256${by_bcrypt(hashlib.sha256(password.encode()).hexdigest())}"


def by_passlib(password: str, digest: str = "sha256", name: str = "pbkdf2-sha256") -> str:
    """Return a PBKDF2 hash as passlib writes it: dots for plus signs, and no padding."""
    salt = b"\xfb\xef\xbe" * 5
    made = hashlib.pbkdf2_hmac(digest, password.encode(), salt, 900)
    return f"${name}$900${_bare(salt)}${_bare(made)}".replace("+", ".")


def by_pbkdf2(password: str) -> str:
    """Return a PBKDF2 hash in the PHC string format."""
    salt = os.urandom(16)
    return f"$pbkdf2-sha512$i=700${_bare(salt)}${_bare(hashlib.pbkdf2_hmac('sha512', password.encode(), salt, 700))}"


KINDS: dict[str, Callable[[str], Given]] = {
    "bcrypt 2a": lambda password: by_bcrypt(password, "2a"),
    "bcrypt 2b": by_bcrypt,
    "bcrypt 2y": lambda password: by_bcrypt(password, "2y", 5),
    "argon2i": lambda password: by_argon2(password, Type.I),
    "argon2d": lambda password: by_argon2(password, Type.D),
    "argon2id": by_argon2,
    "scrypt": by_scrypt,
    "Django scrypt": by_django_scrypt,
    "Django PBKDF2 SHA-256": by_django,
    "Django PBKDF2 SHA-1": lambda password: by_django(password, "sha1"),
    "Django bcrypt": lambda password: f"bcrypt${by_bcrypt(password)}",
    "Django argon2": lambda password: f"argon2{by_argon2(password)}",
    "Keycloak SHA-512": by_keycloak,
    "Keycloak SHA-256": lambda password: by_keycloak(password, "sha256"),
    "Keycloak SHA-1": lambda password: by_keycloak(password, "sha1"),
    "PBKDF2": by_pbkdf2,
    "Django bcrypt of SHA-256": by_django_bcrypt_sha256,
    "Keycloak's export": by_keycloak_export,
    "Keycloak's export, nested": lambda password: by_keycloak_export(password, nested=True),
    "Keycloak's export, argon2": by_keycloak_argon2,
    "passlib SHA-256": by_passlib,
    "passlib SHA-512": lambda password: by_passlib(password, "sha512", "pbkdf2-sha512"),
    "passlib SHA-1": lambda password: by_passlib(password, "sha1", "pbkdf2"),
}


def _credential(secret: dict[str, Any], told: dict[str, Any], *, nested: bool = False) -> dict[str, Any]:
    data = {"secretData": secret, "credentialData": told}
    written = data if nested else {name: json.dumps(value) for name, value in data.items()}
    return {"id": "0f7e", "type": "password", "createdDate": 1_700_000_000_000, **written}


def _bare(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
