"""Passkeys, inside the unit of work in force: the ceremonies that make and use them, and a user's list of them.

A ceremony begins with `…_options()`, whose random challenge is kept as a one-time code, and ends with a browser's
answer. The challenge is good for one answer, within five minutes, for its client, its ceremony, its user, and for the
session or token that it was given to (SECURITY.md, MFA-06). Every violation is InvalidCode, which keeps that the
challenge is spent; `passkey_errors.reason_of()` says what the audit log may know beyond that.

`credential` is what a browser's PublicKeyCredential.toJSON() gives; `bound_to` names a session or token.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.clients.models import Client
from app.codes import service as codes
from app.codes.errors import InvalidCode
from app.codes.models import PASSKEY_LOGIN, PASSKEY_REAUTH, PASSKEY_REGISTRATION, PASSKEY_SECOND
from app.core import clock, crypto, errors
from app.core.ids import new_id
from app.mfa import passkey_ceremony as ceremony
from app.mfa import passkey_options as options
from app.mfa import passkey_store as store
from app.mfa.passkey_ceremony import Answer
from app.mfa.passkey_errors import SignCountFellBack, TooManyPasskeys
from app.mfa.passkey_models import MOST, Passkey

_NOBODY_YET = "login"


@dataclass(frozen=True, slots=True)
class Claim:
    """An answer to a login's challenge, which is spent now, and whose passkey it says it is; not proved yet."""

    answer: Answer
    passkey: Passkey


def registration_options(
    client: Client, *, user_id: UUID, email: str, full_name: str | None, bound_to: str
) -> dict[str, Any]:
    """Return what a browser makes a passkey from; raises TooManyPasskeys."""
    held = _with_room(client.client_id, user_id)
    challenge = _begin(client.client_id, user_id, PASSKEY_REGISTRATION, bound_to)
    party = ceremony.relying_party(client)
    return options.creation(party, challenge, user_id=user_id, email=email, full_name=full_name, held=held)


def register(client: Client, user_id: UUID, credential: dict[str, Any], *, bound_to: str, name: str) -> Passkey:
    """Add the passkey that a browser has made; raises InvalidCode and TooManyPasskeys."""
    answer = _answered(client.client_id, PASSKEY_REGISTRATION, credential, user_id=user_id, bound_to=bound_to)
    made = ceremony.check_registration(ceremony.relying_party(client), answer)
    _with_room(client.client_id, user_id)
    passkey = Passkey(
        passkey_id=new_id(),
        client_id=client.client_id,
        user_id=user_id,
        credential_id=made.credential_id,
        name=name,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=answer.transports,
        aaguid=made.aaguid,
        backed_up=made.backed_up,
        created_at=clock.now(),
        last_used_at=None,
    )
    if not store.add({field: getattr(passkey, field) for field in Passkey.__slots__}):
        raise InvalidCode()
    return passkey


def work_here(client: Client) -> bool:
    """Whether a client's passkeys can be used on the pages of this service itself."""
    return ceremony.takes_own_pages(ceremony.relying_party(client))


def login_options(client: Client) -> dict[str, Any]:
    """Return what a browser logs in with; it names nobody, so it is the same for all."""
    challenge = _begin(client.client_id, None, PASSKEY_LOGIN, _NOBODY_YET)
    return options.request(ceremony.relying_party(client), challenge, verification="required")


def claim_login(client_id: UUID, credential: dict[str, Any]) -> Claim:
    """Spend a login's challenge and find the passkey that the answer names, with its user; raises InvalidCode."""
    answer = _answered(client_id, PASSKEY_LOGIN, credential, user_id=None, bound_to=_NOBODY_YET)
    passkey = store.find_credential(client_id, answer.credential_id)
    if passkey is None or answer.user_handle != passkey.user_id.bytes:
        raise InvalidCode()
    return Claim(answer, passkey)


def prove_login(client: Client, claim: Claim) -> Passkey:
    """Check that a login's answer was signed by its passkey for a verified person; raises InvalidCode."""
    return _proved(client, claim.answer, claim.passkey, verified=True)


def second_factor_options(client: Client, user_id: UUID, *, mfa_token: str) -> dict[str, Any] | None:
    """Return what a browser adds to a right password, for the holder of `mfa_token`; None if the user has no passkey.

    The password is one factor, so having the authenticator is enough.
    """
    held = store.of_user(client.client_id, user_id)
    if not held:
        return None
    challenge = _begin(client.client_id, user_id, PASSKEY_SECOND, _token(mfa_token))
    return options.request(ceremony.relying_party(client), challenge, verification="preferred", allowed=held)


def verify_second_factor(client: Client, user_id: UUID, credential: dict[str, Any], *, mfa_token: str) -> Passkey:
    """Check a second factor and return the passkey that it was; raises InvalidCode."""
    answer = _answered(client.client_id, PASSKEY_SECOND, credential, user_id=user_id, bound_to=_token(mfa_token))
    return _proved(client, answer, _own(client.client_id, user_id, answer), verified=False)


def reauth_options(client: Client, user_id: UUID, *, session_id: UUID) -> dict[str, Any]:
    """Return what a browser proves with that the user of a session is still there; raises NotFound without passkeys."""
    held = store.of_user(client.client_id, user_id)
    if not held:
        raise errors.NotFound("This account has no passkey.")
    challenge = _begin(client.client_id, user_id, PASSKEY_REAUTH, str(session_id))
    return options.request(ceremony.relying_party(client), challenge, verification="required", allowed=held)


def verify_reauth(client: Client, user_id: UUID, credential: dict[str, Any], *, session_id: UUID) -> Passkey:
    """Check that the user of a session is there, and verified; raises InvalidCode."""
    answer = _answered(client.client_id, PASSKEY_REAUTH, credential, user_id=user_id, bound_to=str(session_id))
    return _proved(client, answer, _own(client.client_id, user_id, answer), verified=True)


def of_user(client_id: UUID, user_id: UUID) -> list[Passkey]:
    """Return a user's passkeys, oldest first."""
    return store.of_user(client_id, user_id)


def require(client_id: UUID, user_id: UUID, passkey_id: UUID) -> Passkey:
    """Return one of a user's passkeys; raises NotFound."""
    return _found(store.find(client_id, user_id, passkey_id))


def rename(client_id: UUID, user_id: UUID, passkey_id: UUID, name: str) -> Passkey:
    """Give one of a user's passkeys another name; raises NotFound."""
    return _found(store.rename(client_id, user_id, passkey_id, name))


def remove(client_id: UUID, user_id: UUID, passkey_id: UUID) -> None:
    """Delete one of a user's passkeys; raises NotFound."""
    if not store.remove(client_id, user_id, passkey_id):
        raise errors.NotFound()


def _begin(client_id: UUID, user_id: UUID | None, purpose: str, bound_to: str) -> str:
    challenge, payload = options.new_challenge(), {"bound_to": bound_to}
    # Two logins of one person may be under way at once; each challenge works for its own alone.
    kept = purpose == PASSKEY_SECOND
    return codes.issue(client_id, user_id, purpose, payload=payload, secret=challenge, keep_earlier=kept)


def _answered(
    client_id: UUID, purpose: str, credential: dict[str, Any], *, user_id: UUID | None, bound_to: str
) -> Answer:
    """Read an answer and spend the challenge that it names; raises InvalidCode, if it was another's too."""
    answer = ceremony.read(credential)
    challenge = codes.redeem(client_id, purpose, answer.challenge)
    if challenge.user_id != user_id or challenge.payload != {"bound_to": bound_to}:
        raise InvalidCode()
    return answer


def _own(client_id: UUID, user_id: UUID, answer: Answer) -> Passkey:
    """Return the user's own passkey that an answer names; one of anybody else is unknown."""
    passkey = store.find_credential(client_id, answer.credential_id)
    if passkey is None or passkey.user_id != user_id or answer.user_handle not in (None, user_id.bytes):
        raise InvalidCode()
    return passkey


def _proved(client: Client, answer: Answer, passkey: Passkey, *, verified: bool) -> Passkey:
    party = ceremony.relying_party(client)
    used = ceremony.check_assertion(party, answer, public_key=passkey.public_key, verified=verified)
    now = clock.now()
    if not store.note_use(passkey.passkey_id, sign_count=used.sign_count, backed_up=used.backed_up, now=now):
        raise SignCountFellBack()
    return passkey


def _with_room(client_id: UUID, user_id: UUID) -> list[Passkey]:
    held = store.of_user(client_id, user_id)
    if len(held) >= MOST:
        raise TooManyPasskeys()
    return held


def _token(token: str) -> str:
    return crypto.digest(token).hex()


def _found(passkey: Passkey | None) -> Passkey:
    if passkey is None:
        raise errors.NotFound()
    return passkey
