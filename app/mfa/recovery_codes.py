"""Recovery codes: ten of them stand in for a second factor that is lost, each once.

A code has 120 bits, so that its plain SHA-256 tells nothing (OWASP ASVS 6.5.2 asks for 112). It is spelt in Crockford's
base32, which has no look-alikes: O reads as 0, I and L as 1.
"""

import hashlib
import secrets
from uuid import UUID

from app.core import clock
from app.mfa import store

HOW_MANY = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS, _GROUP = 24, 6
_LOOK_ALIKES = str.maketrans("OIL", "011")


def renew(client_id: UUID, user_id: UUID) -> list[str]:
    """Return ten new codes, which are told this once; those from before work no more."""
    made = ["".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS)) for _ in range(HOW_MANY)]
    store.replace_codes(client_id, user_id, [_digest(client_id, user_id, code) for code in made])
    return ["-".join(code[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP)) for code in made]


def remove(client_id: UUID, user_id: UUID) -> None:
    """Delete all of a user's codes."""
    store.replace_codes(client_id, user_id, [])


def use(client_id: UUID, user_id: UUID, code: str) -> bool:
    """Spend a code, without the space and dashes in it; False for one that is unknown or spent."""
    plain = code.upper().translate(_LOOK_ALIKES)
    origins = store.code_origins(client_id, user_id)
    digests = [_digest(origin or client_id, user_id, plain) for origin in origins]
    return store.spend_code(client_id, user_id, digests, now=clock.now())


def _digest(client_id: UUID, user_id: UUID, code: str) -> bytes:
    return hashlib.sha256(f"{client_id}/{user_id}/{code}".encode()).digest()
