"""Documents that the platform signs: a receipt, a report, a bundle's cover, each a compact JWS (RFC 7515), ES256.

Each says in its header what kind it is, so none passes for another, nor a token for one. Whoever has the platform's
public keys checks it without this service.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_decode, base64url_encode

from app.core import clock, db, isolation
from app.core.isolation import Crossing
from app.core.settings import settings
from app.onboarding import platform
from app.onboarding.errors import DocumentRefused
from app.sessions import signing

ERASURE_RECEIPT, ISOLATION_REPORT, BUNDLE, SNAPSHOT = "erasure-receipt", "isolation-report", "bundle", "snapshot"
KINDS = (ERASURE_RECEIPT, ISOLATION_REPORT, BUNDLE, SNAPSHOT)
T = TypeVar("T")
MOST_TEXT = 4 * 1024 * 1024
_UNREADABLE = "This is no document of this service: it cannot be read as a compact JWS."


def sign(kind: str, claims: dict[str, Any]) -> str:
    """Return a document with these claims (JSON), which get `iss`, `iat` and `kind`.

    Joins a unit in force, which must then be one that may read the platform's rows.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of document: {kind}")
    with isolation.across(Crossing.DOCUMENT), db.reading():
        client = platform.require()
        key = signing.current(client.client_id, client.version)
    told = {**claims, "iss": settings().public_url, "iat": int(clock.now().timestamp()), "kind": kind}
    header = {"kid": str(key.kid), "typ": type_of(kind)}
    return jwt.encode(told, key.private_key, algorithm=signing.ALGORITHM, headers=header, sort_headers=True)


def verify(kind: str, text: str | bytes, jwks: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what a document of a kind says; raises DocumentRefused.

    `jwks`: the keys to believe, and no database is asked; None: the platform's own, retired ones included.
    """
    found, claims = _verified(text, jwks)
    if found != kind:
        raise DocumentRefused(f"This is a document of the kind {found}; one of the kind {kind} is wanted.")
    return claims


def verify_any(text: str | bytes, jwks: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
    """Return the kind of a document and what it says; raises DocumentRefused."""
    return _verified(text, jwks)


def signer(text: str | bytes, jwks: dict[str, Any] | None = None) -> dict[str, str]:
    """Return which key a document, found good with the same keys, was signed with: its `kid`, and its thumbprint.

    A `kid` is what the owner of a set of keys calls it; the thumbprint (RFC 7638) is of the key itself.
    """
    kid = jwt.get_unverified_header(_token(text)).get("kid")
    named = ECAlgorithm.to_jwk(_key(kid, public_keys() if jwks is None else jwks), as_dict=True)
    plain = json.dumps({name: named[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    return {"kid": str(kid), "thumbprint": base64url_encode(hashlib.sha256(plain.encode()).digest()).decode()}


def public_keys() -> dict[str, Any]:
    """Return the platform's public keys as a JSON Web Key Set (RFC 7517), retired ones included."""
    with isolation.across(Crossing.DOCUMENT), db.reading():
        return signing.jwks(platform.require().client_id, retired=True)


def read_keys(text: str | bytes) -> dict[str, Any]:
    """Return a JSON Web Key Set that somebody hands over; raises DocumentRefused."""
    try:
        read = json.loads(text)
        keys = read["keys"]
    except (ValueError, TypeError, KeyError, RecursionError) as wrong:
        raise DocumentRefused('The keys cannot be read: a JSON Web Key Set is {"keys": [...]}.') from wrong
    if not isinstance(keys, list):
        raise DocumentRefused('The keys cannot be read: a JSON Web Key Set is {"keys": [...]}.')
    return {"keys": keys}


def type_of(kind: str) -> str:
    """Return what the header of a document of a kind says as `typ`."""
    return f"rowlock-{kind}+jws"


_KIND_OF = {type_of(kind): kind for kind in KINDS}


def _verified(text: str | bytes, jwks: dict[str, Any] | None) -> tuple[str, dict[str, Any]]:
    token = _token(text)
    header = _tried(lambda: jwt.get_unverified_header(token), _UNREADABLE)
    kind = _KIND_OF.get(str(header.get("typ")))
    if kind is None:
        raise DocumentRefused("This is no document of this service: its `typ` is none of a document.")
    if header.get("alg") != signing.ALGORITHM or "crit" in header:
        raise DocumentRefused(f"Documents are signed with {signing.ALGORITHM} and nothing else.")
    key = _key(header.get("kid"), public_keys() if jwks is None else jwks)
    claims = _tried(lambda: _decoded(token, key), "The signature does not fit: the document was altered.")
    if claims.get("kind") != kind or type(claims.get("iat")) is not int or not isinstance(claims.get("iss"), str):
        raise DocumentRefused("The document does not say what it is, of when, or from whom.")
    return kind, claims


def _token(text: str | bytes) -> str:
    if len(text) > MOST_TEXT:
        raise DocumentRefused("This is too large for a document of this service.")
    try:
        plain = text.decode("ascii") if isinstance(text, bytes) else text
    except UnicodeDecodeError as wrong:
        raise DocumentRefused(_UNREADABLE) from wrong
    return plain.strip()


def _decoded(token: str, key: ec.EllipticCurvePublicKey) -> dict[str, Any]:
    """Return the claims under a good signature; a document has no end, and its reader's clock may be behind."""
    signature = token.rpartition(".")[2]
    if base64url_encode(base64url_decode(signature)).decode() != signature:
        raise ValueError("written in another way than it was handed out")
    claims = json.loads(jwt.PyJWS().decode(token, key, algorithms=[signing.ALGORITHM]))
    if not isinstance(claims, dict):
        raise TypeError("no claims")
    return claims


def _key(kid: object, jwks: dict[str, Any]) -> ec.EllipticCurvePublicKey:
    """Return the key with an id out of a set of keys."""
    named = [one for one in jwks["keys"] if isinstance(one, dict) and one.get("kid") == kid and kid is not None]
    if not named:
        raise DocumentRefused("It was signed with a key that is none of those believed: not by this platform.")
    key = _tried(lambda: ECAlgorithm(ECAlgorithm.SHA256).from_jwk(named[0]), "The key that it names cannot be read.")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise DocumentRefused("The key that it names is none of a platform's: those are public, of the curve P-256.")
    return key


def _tried(work: Callable[[], T], refusal: str) -> T:
    try:
        return work()
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, RecursionError, OverflowError) as wrong:
        raise DocumentRefused(refusal) from wrong
