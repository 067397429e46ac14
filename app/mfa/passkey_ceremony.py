"""The ceremonies of WebAuthn Level 3, 7.1 and 7.2: what a browser is asked, and whether its answer holds.

Nothing here asks the database. Every violation is the same InvalidCode: no answer tells an attacker how close it was.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm

from app.clients.models import Client
from app.codes.errors import InvalidCode
from app.core import web_origins
from app.core.settings import settings

ALGORITHMS = [Algorithm.ECDSA_SHA_256, Algorithm.EDDSA, Algorithm.RSASSA_PKCS1_v1_5_SHA_256]
"""ES256, EdDSA and RS256, which between them every authenticator knows (WebAuthn L3, 5.8.5)."""
_STATEMENTS = ("none", "packed")
"""No attestation is asked for; browsers then send none, or the authenticator's own signature of itself."""
_LONGEST = {
    "clientDataJSON": 4096,
    "attestationObject": 16_384,
    "authenticatorData": 8192,
    "signature": 2048,
    "userHandle": 128,
}
"""Characters of base64url in each part of an answer."""
_LONGEST_ID = 1364  # 1,023 bytes: WebAuthn L3, 4, "Credential ID"
_LONGEST_KEY = 2048
_RSA_BITS = (2048, 4096)
_ENCODED = re.compile(r"[A-Za-z0-9_-]+")
_TRANSPORTS = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Where a client's passkeys work: the domain that they are bound to, and the pages that may use them."""

    rp_id: str
    name: str
    origins: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent, read so far as to tell which challenge of whom it answers. Nothing in it is proved yet."""

    credential_id: bytes
    challenge: str
    user_handle: bytes | None
    transports: list[str]
    credential: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Registered:
    """A new key pair's public half."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Used:
    """What a genuine assertion says of its authenticator."""

    sign_count: int
    backed_up: bool


def relying_party(client: Client) -> RelyingParty:
    """Return where a client's passkeys work: as it says itself, else on the host of PUBLIC_URL."""
    address, chosen = settings().public_url, client.settings
    origins = chosen.passkey_origins or (str(web_origins.of_address(address)),)
    return RelyingParty(chosen.passkey_rp_id or str(urlsplit(address).hostname), client.client_name, list(origins))


def takes_own_pages(party: RelyingParty) -> bool:
    """Whether a browser that shows a page of this service may use a client's passkeys (WebAuthn L3, 5.1.4.1)."""
    host = str(urlsplit(settings().public_url).hostname)
    fits = host == party.rp_id or host.endswith(f".{party.rp_id}")
    return fits and web_origins.of_address(settings().public_url) in party.origins


def read(credential: dict[str, Any]) -> Answer:
    """Read the JSON form of a browser's PublicKeyCredential (WebAuthn L3, 5.1.5); raises InvalidCode.

    Parts that are not known are left out: browsers and password managers add their own.
    """
    with _refusing_what_is_odd():
        response, identity = credential["response"], _encoded(credential["id"], _LONGEST_ID)
        parts = {name: _encoded(response[name], most) for name, most in _LONGEST.items() if response.get(name)}
        whole = {"id": identity, "rawId": credential["rawId"], "type": credential["type"], "response": parts}
        if whole["rawId"] != identity or whole["type"] != "public-key":
            raise InvalidCode()
        named = response.get("transports") or []
        return Answer(
            credential_id=base64url_to_bytes(identity),
            challenge=_challenge(parts["clientDataJSON"]),
            user_handle=base64url_to_bytes(parts["userHandle"]) if "userHandle" in parts else None,
            transports=sorted(one for one in _TRANSPORTS if one in named),
            credential=whole,
        )


def check_registration(party: RelyingParty, answer: Answer) -> Registered:
    """Check type, origin, rpIdHash, presence, verification, algorithm and statement; raises InvalidCode."""
    with _refusing_what_is_odd():
        statement = base64url_to_bytes(answer.credential["response"]["attestationObject"])
        if parse_attestation_object(statement).fmt not in _STATEMENTS:
            raise InvalidCode()
        made = webauthn.verify_registration_response(
            credential=answer.credential,
            expected_challenge=base64url_to_bytes(answer.challenge),
            expected_rp_id=party.rp_id,
            expected_origin=party.origins,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        if made.credential_id != answer.credential_id or not _is_usable(made.credential_public_key):
            raise InvalidCode()
    return Registered(
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        aaguid=made.aaguid,
        backed_up=made.credential_backed_up,
    )


def check_assertion(party: RelyingParty, answer: Answer, *, public_key: bytes, verified: bool) -> Used:
    """Check type, origin, rpIdHash, presence, the signature and, if asked for, verification; raises InvalidCode.

    The count is for the caller to compare, for only the database can do so without a race.
    """
    with _refusing_what_is_odd():
        used = webauthn.verify_authentication_response(
            credential=answer.credential,
            expected_challenge=base64url_to_bytes(answer.challenge),
            expected_rp_id=party.rp_id,
            expected_origin=party.origins,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=verified,
        )
    return Used(sign_count=used.new_sign_count, backed_up=used.credential_backed_up)


def encoded(value: bytes) -> str:
    """Return bytes as WebAuthn spells them in JSON: base64url without padding."""
    return bytes_to_base64url(value)


@contextlib.contextmanager
def _refusing_what_is_odd() -> Iterator[None]:
    """Turn whatever goes wrong with a stranger's JSON, CBOR and keys into InvalidCode."""
    try:
        yield
    except Exception as odd:
        # The decoders raise KeyError, TypeError, struct.error and the libraries' own: no base is narrower.
        raise InvalidCode() from odd


def _encoded(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most or _ENCODED.fullmatch(value) is None:
        raise InvalidCode()
    return value


def _challenge(client_data: str) -> str:
    """Return the challenge of a clientDataJSON; one that was made within a frame of another page is refused."""
    told = json.loads(base64url_to_bytes(client_data).decode("utf-8"))
    if told.get("crossOrigin", False) is not False or "topOrigin" in told:
        raise InvalidCode()
    return _encoded(told["challenge"], 64)


def _is_usable(public_key: bytes) -> bool:
    """Tell whether a key is one that its algorithm works with (WebAuthn L3, 5.8.5)."""
    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    match decoded.alg, key:
        case Algorithm.ECDSA_SHA_256, EllipticCurvePublicKey():
            fits = isinstance(key.curve, SECP256R1)
        case Algorithm.EDDSA, Ed25519PublicKey():
            fits = True
        case Algorithm.RSASSA_PKCS1_v1_5_SHA_256, RSAPublicKey():
            fits = _RSA_BITS[0] <= key.key_size <= _RSA_BITS[1]
        case _:
            fits = False
    return fits and len(public_key) <= _LONGEST_KEY
