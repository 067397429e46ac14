"""An authenticator in software, for answers that no browser would give."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

PAGE = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
Options = dict[str, Any]
Key = ec.EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey


def b64(value: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Return what base64url spells."""
    return base64.urlsafe_b64decode(text + "===")


@dataclass
class Authenticator:
    """Holds one key, of ES256 if not told otherwise. What it says of itself can be set to anything."""

    domain: str = "localhost"
    flags: int = PRESENT | VERIFIED
    sign_count: int = 1
    algorithm: int = -7
    curve: int = 1
    statement: str = "none"
    handle: bytes | None = None
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: Options, *, page: str = PAGE, kind: str = "webauthn.create", **told: Any) -> Options:
        """Answer creation options as `credential.toJSON()` would; `told` goes into clientDataJSON."""
        self.handle = unb64(options["user"]["id"])
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + self._public_key()
        statement = {"fmt": self.statement, "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        response = {
            "clientDataJSON": b64(client_data(kind, options["challenge"], page, told)),
            "attestationObject": b64(cbor2.dumps(statement)),
            "transports": ["internal"],
        }
        return self._credential(response)

    def get(self, options: Options, *, page: str = PAGE, kind: str = "webauthn.get", **told: Any) -> Options:
        """Answer request options, counting on."""
        self.sign_count += 1
        data, said = self._data(), client_data(kind, options["challenge"], page, told)
        signature = self._signed(data + hashlib.sha256(said).digest())
        response = {"clientDataJSON": b64(said), "authenticatorData": b64(data), "signature": b64(signature)}
        if self.handle is not None:
            response["userHandle"] = b64(self.handle)
        return self._credential(response)

    def _data(self, more: int = 0) -> bytes:
        domain = hashlib.sha256(self.domain.encode()).digest()
        return domain + bytes([self.flags | more]) + self.sign_count.to_bytes(4, "big")

    def _public_key(self) -> bytes:
        """Return the public key as COSE spells it (RFC 9053)."""
        if isinstance(self.key, Ed25519PrivateKey):
            return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: self.key.public_key().public_bytes_raw()})
        if isinstance(self.key, RSAPrivateKey):
            public = self.key.public_key().public_numbers()
            modulus = public.n.to_bytes(self.key.key_size // 8, "big")
            return cbor2.dumps({1: 3, 3: -257, -1: modulus, -2: public.e.to_bytes(3, "big")})
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: self.algorithm, -1: self.curve, -2: x, -3: y})

    def _signed(self, message: bytes) -> bytes:
        if isinstance(self.key, Ed25519PrivateKey):
            return self.key.sign(message)
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))

    def _credential(self, response: dict[str, Any]) -> Options:
        spelt = b64(self.credential_id)
        return {
            "id": spelt,
            "rawId": spelt,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }


def client_data(kind: str, challenge: str, page: str, told: dict[str, Any]) -> bytes:
    """Return what a browser signs of its page."""
    return json.dumps({"type": kind, "challenge": challenge, "origin": page, "crossOrigin": False, **told}).encode()
