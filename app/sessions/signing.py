"""Signing keys: one ES256 pair per client, the private half encrypted at rest and bound to client and kid."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)
from jwt.algorithms import ECAlgorithm

from app.core import clock, crypto, db, isolation, resealing
from app.core.errors import ClientNotFound
from app.core.ids import new_id
from app.core.isolation import Crossing
from app.sessions import store
from app.sessions.models import SigningKey, VerificationKey

ALGORITHM = "ES256"
BATCH = 500
"""How many keys are resealed in one transaction, and looked at in one read."""
_LABEL = "signing keys"
_MOST_CLIENTS = 16_384
"""Of so many clients a process remembers the keys: as bytes, 0.5 KiB each. An object of the library's takes 2 KiB, and
is made of them in 6 µs (public) or 18 µs (private).
"""


def new_pair(client_id: UUID) -> dict[str, Any]:
    """Return the row of a fresh key pair; slow enough to be made before a unit of work opens."""
    kid, private = new_id(), ec.generate_private_key(ec.SECP256R1())
    plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {
        "kid": kid,
        "client_id": client_id,
        "algorithm": ALGORITHM,
        "private_key": crypto.seal(_LABEL, plain, bound_to=_owner(client_id, kid)),
        "public_key": private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "created_at": clock.now(),
        "retired_at": None,
    }


def add(pair: dict[str, Any]) -> None:
    """Keep a pair, in the unit of work in force."""
    store.add_signing_key(pair)


def current(client_id: UUID, client_version: int) -> SigningKey:
    """Return the key a client signs with; raises ClientNotFound where it was erased since it was read.

    Every change of a client's keys moves its version, which the caller has just read: a remembered key is never stale.
    """
    kid, plain = _current(client_id, client_version)
    private = load_der_private_key(plain, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise TypeError("a signing key is an elliptic curve key")
    return SigningKey(kid, client_id, private)


@lru_cache(maxsize=_MOST_CLIENTS)
def _current(client_id: UUID, _client_version: int) -> tuple[UUID, bytes]:
    with db.reading():
        row = store.current_signing_key(client_id)
    if row is None:
        raise ClientNotFound()
    return row.kid, crypto.unseal(_LABEL, bytes(row.private_key), bound_to=_owner(client_id, row.kid))


def find_public(kid: UUID) -> VerificationKey | None:
    """Return the public key with a kid, or None."""
    try:
        client_id, der = _public(kid)
    except LookupError:
        return None
    public = load_der_public_key(der)
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise TypeError("a signing key is an elliptic curve key")
    return VerificationKey(kid, client_id, public)


@lru_cache(maxsize=_MOST_CLIENTS)
def _public(kid: UUID) -> tuple[UUID, bytes]:
    """Read whose a public key is, and the key; what is not there is not remembered."""
    with isolation.across(Crossing.CREDENTIAL), db.reading():
        row = store.find_signing_key(kid)
    if row is None:
        raise LookupError(kid)
    return row.client_id, bytes(row.public_key)


def jwks(client_id: UUID, *, retired: bool = False) -> dict[str, Any]:
    """Return a client's public keys as a JSON Web Key Set (RFC 7517), on demand with those that are retired."""
    with db.reading():
        rows = store.signing_keys_of(client_id, retired=retired)
    keys = []
    for row in rows:
        public = load_der_public_key(bytes(row.public_key))
        if isinstance(public, ec.EllipticCurvePublicKey):
            keys.append(
                {**ECAlgorithm.to_jwk(public, as_dict=True), "kid": str(row.kid), "use": "sig", "alg": ALGORITHM}
            )
    return {"keys": keys}


def reseal() -> Iterator[int]:
    """Seal under SECRET_KEY the private keys that only a fallback opens; yield each batch's number. Raises WrongKey."""
    return resealing.in_batches(
        lambda last: store.signing_keys_after(last, limit=BATCH, held=True),
        key_of=lambda row: row.kid,
        renew=_resealed,
        replace=store.replace_private_keys,
    )


def unopened() -> dict[UUID, int]:
    """Return how many signing keys neither SECRET_KEY nor a fallback opens, by client."""
    found: Counter[UUID] = Counter()
    last = None
    while True:
        with db.reading():
            rows = store.signing_keys_after(last, limit=BATCH)
        if not rows:
            return found
        last = rows[-1].kid
        found.update(row.client_id for row in rows if not _opens(row))


def _owner(client_id: UUID, kid: UUID) -> str:
    return f"{client_id}/{kid}"


def _resealed(row: db.AnyRow) -> bytes | None:
    return crypto.resealed(_LABEL, bytes(row.private_key), bound_to=_owner(row.client_id, row.kid))


def _opens(row: db.AnyRow) -> bool:
    try:
        crypto.unseal(_LABEL, bytes(row.private_key), bound_to=_owner(row.client_id, row.kid))
    except crypto.WrongKey:
        return False
    return True


def forget_cached() -> None:
    """Empty the caches: after a client was erased, and for tests that change databases."""
    _current.cache_clear()
    _public.cache_clear()
