"""A user's own passkeys: making one, seeing, naming and removing them, and what proves by one that it is still them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.accounts import factor_changes
from app.accounts.factor_changes import PASSKEY_ADDED, PASSKEY_REMOVED, Enroller
from app.accounts.models import SignedIn
from app.audit import service as audit
from app.clients import service as clients
from app.codes.errors import InvalidCode
from app.core import crypto, db
from app.core.actors import EnrolleeActor
from app.mfa import passkeys, policy, recovery_codes
from app.mfa import service as mfa
from app.mfa.passkey_models import Passkey

CHANGED = "passkey.update"


@dataclass(frozen=True, slots=True)
class Added:
    """A passkey just made, and the recovery codes that came with it if it is the user's first factor."""

    passkey: Passkey
    recovery_codes: list[str] | None


def options(actor: Enroller) -> dict[str, Any]:
    """Return what a browser makes a passkey from; raises SecondFactorsOff and TooManyPasskeys."""
    with db.unit_of_work():
        client, user = factor_changes.begin(actor)
        policy.check_open(client.settings)
        return passkeys.registration_options(
            client, user_id=user.user_id, email=user.email, full_name=user.full_name, bound_to=_bound_to(actor)
        )


def add(actor: Enroller, *, credential: dict[str, Any], name: str) -> Added:
    """Add the passkey that a browser has made, and end the user's other sessions.

    Raises InvalidCode, SecondFactorsOff and TooManyPasskeys.
    """
    with db.unit_of_work():
        client, user = factor_changes.begin(actor)
        policy.check_open(client.settings)
        is_first = not mfa.has_second_factor(client.client_id, user.user_id)
        try:
            passkey = passkeys.register(client, user.user_id, credential, bound_to=_bound_to(actor), name=name)
        except InvalidCode as wrong:
            audit.record(actor, PASSKEY_ADDED, failed=True, detail={"reason": wrong.code})
            raise
        recovery = recovery_codes.renew(client.client_id, user.user_id) if is_first else None
        factor_changes.finish(actor, client, user, PASSKEY_ADDED, _told(passkey.passkey_id))
        return Added(passkey, recovery)


def list_own(actor: SignedIn) -> list[Passkey]:
    """Return the caller's passkeys, oldest first."""
    with db.reading():
        return passkeys.of_user(actor.client, actor.user)


def show(actor: SignedIn, passkey_id: UUID) -> Passkey:
    """Return one of the caller's passkeys; raises NotFound."""
    with db.reading():
        return passkeys.require(actor.client, actor.user, passkey_id)


def rename(actor: SignedIn, passkey_id: UUID, *, name: str) -> Passkey:
    """Give one of the caller's passkeys another name; raises NotFound."""
    with db.unit_of_work():
        passkey = passkeys.rename(actor.client, actor.user, passkey_id, name)
        audit.record(actor, CHANGED, detail=_told(passkey_id))
        return passkey


def remove(actor: SignedIn, passkey_id: UUID) -> None:
    """Delete one of the caller's passkeys, and the recovery codes with the last factor; raises NotFound, LastFactor."""
    with db.unit_of_work():
        client, user = factor_changes.begin(actor)
        passkeys.remove(client.client_id, user.user_id, passkey_id)
        if not mfa.has_second_factor(client.client_id, user.user_id):
            recovery_codes.remove(client.client_id, user.user_id)
        factor_changes.check_left(client, user)
        factor_changes.finish(actor, client, user, PASSKEY_REMOVED, _told(passkey_id))


def reauth_options(actor: SignedIn) -> dict[str, Any]:
    """Return what a browser proves with that the caller is still there; raises NotFound without passkeys."""
    with db.unit_of_work():
        client = clients.require(actor.client)
        return passkeys.reauth_options(client, actor.user, session_id=actor.session_id)


def _told(passkey_id: UUID) -> dict[str, str]:
    return {"passkey_id": str(passkey_id)}


def _bound_to(actor: Enroller) -> str:
    """Return what a challenge is good for: this session, or this enrolment."""
    return crypto.digest(actor.token).hex() if isinstance(actor, EnrolleeActor) else str(actor.session_id)
