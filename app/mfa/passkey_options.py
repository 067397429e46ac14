"""What a browser is asked in a ceremony, in the JSON form of its own API (WebAuthn L3, 5.4 and 5.5)."""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.codes.models import LIVES, PASSKEY_LOGIN
from app.mfa.passkey_ceremony import ALGORITHMS, RelyingParty, encoded
from app.mfa.passkey_models import Passkey

_CHALLENGE_BYTES = 32
_TIMEOUT_MS = int(LIVES[PASSKEY_LOGIN].total_seconds()) * 1000


def new_challenge() -> str:
    """Return a random challenge as clientDataJSON will spell it."""
    return encoded(secrets.token_bytes(_CHALLENGE_BYTES))


def creation(
    party: RelyingParty, challenge: str, *, user_id: UUID, email: str, full_name: str | None, held: Sequence[Passkey]
) -> dict[str, Any]:
    """Return PublicKeyCredentialCreationOptionsJSON.

    The user handle is the bytes of the user's id, so that whoever reads an authenticator learns no address. The key is
    discoverable and its holder verified: each passkey can log in by itself.
    """
    return {
        "rp": {"id": party.rp_id, "name": party.name},
        "user": {"id": encoded(user_id.bytes), "name": email, "displayName": full_name or email},
        "challenge": challenge,
        "pubKeyCredParams": [{"type": "public-key", "alg": int(algorithm)} for algorithm in ALGORITHMS],
        "timeout": _TIMEOUT_MS,
        "excludeCredentials": _described(held),
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


def request(
    party: RelyingParty, challenge: str, *, verification: str, allowed: Sequence[Passkey] = ()
) -> dict[str, Any]:
    """Return PublicKeyCredentialRequestOptionsJSON; with none allowed, the person picks one that knows who they are."""
    return {
        "challenge": challenge,
        "timeout": _TIMEOUT_MS,
        "rpId": party.rp_id,
        "allowCredentials": _described(allowed),
        "userVerification": verification,
    }


def _described(passkeys: Sequence[Passkey]) -> list[dict[str, Any]]:
    return [{"type": "public-key", "id": encoded(one.credential_id), "transports": one.transports} for one in passkeys]
