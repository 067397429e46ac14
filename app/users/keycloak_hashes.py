"""What Keycloak keeps of a password, brought into the PHC string format.

Its export holds of each user `credentials`, of which one has the type `password`; `credentialData` and `secretData`
in it are JSON, written as text. The default is argon2 from Keycloak 25 on, PBKDF2 before.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_FLAT = frozenset({"algorithm", "salt", "value", "hashIterations"})
_PBKDF2 = {"pbkdf2": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}
_ARGON2_VERSIONS = {"1.0": "16", "1.3": "19"}
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_MOST_ITERATIONS = 9_999_999
_SHAPE = "The object must be a credential of Keycloak: secretData and credentialData, as its export holds them"


class NotKeycloaks(ValueError):
    """An object that is no password of Keycloak's; the message says why and repeats nothing."""


def as_phc(given: Mapping[str, Any]) -> str:
    """Return the PHC string of a credential as Keycloak exports it; raises NotKeycloaks.

    Also taken are the same two objects unwrapped, and `{algorithm, hashIterations, salt, value}`.
    """
    if given.keys() == _FLAT:
        told = secret = given
    elif given.get("type", "password") == "password":
        told, secret = _object(given.get("credentialData")), _object(given.get("secretData"))
    else:
        raise NotKeycloaks("Of Keycloak's credentials only those of the type password are taken.")
    rounds = told.get("hashIterations")
    if type(rounds) is not int or not 0 < rounds <= _MOST_ITERATIONS:
        raise NotKeycloaks(f"hashIterations must be a number from 1 to {_MOST_ITERATIONS}.")
    return f"{_parameters(told, rounds)}${_base64(secret.get('salt'))}${_base64(secret.get('value'))}"


def _object(written: Any) -> Mapping[str, Any]:
    try:
        read = json.loads(written) if isinstance(written, str) else written
    except (ValueError, RecursionError) as wrong:
        raise NotKeycloaks(f"{_SHAPE}.") from wrong
    if not isinstance(read, dict):
        raise NotKeycloaks(f"{_SHAPE}.")
    return read


def _parameters(told: Mapping[str, Any], rounds: int) -> str:
    algorithm = told.get("algorithm")
    if isinstance(algorithm, str) and algorithm in _PBKDF2:
        return f"$pbkdf2-{_PBKDF2[algorithm]}$i={rounds}"
    if algorithm == "argon2":
        more = _object(told.get("additionalParameters"))
        kind, memory, lanes = (_first(more, name) for name in ("type", "memory", "parallelism"))
        version = _ARGON2_VERSIONS.get(_first(more, "version"))
        return f"$argon2{kind}$v={version}$m={memory},t={rounds},p={lanes}"
    raise NotKeycloaks("Of Keycloak's algorithms pbkdf2, pbkdf2-sha256, pbkdf2-sha512 and argon2 are taken.")


def _first(more: Mapping[str, Any], name: str) -> str:
    """Return a parameter: Keycloak lists the values of each, as text."""
    values = more.get(name)
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        raise NotKeycloaks(f"additionalParameters must hold one {name}.")
    return values[0]


def _base64(text: Any) -> str:
    if not isinstance(text, str) or not _BASE64.fullmatch(text):
        raise NotKeycloaks("Salt and value must be base64.")
    return text.rstrip("=")
