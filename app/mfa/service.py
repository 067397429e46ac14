"""Second factors as flows use them, inside the unit in force: what a user has, and whether a code is right."""

import re
from uuid import UUID

from app.codes.errors import InvalidCode
from app.mfa import guesses, passkey_store, recovery_codes, store, totp
from app.mfa.models import RECOVERY_CODE, TOTP, Factors

_DIGITS = re.compile(r"[0-9]{6}")
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015]+")
_UNFIT = (
    "This code does not fit. Type the one that your app shows now. If that fails too, let your phone set its clock by"
    " itself, or delete the entry in the app and scan the picture again."
)


def factors_of(client_id: UUID, user_id: UUID) -> Factors:
    """Return what a user has."""
    return store.factors(client_id, user_id)


def methods_of(client_id: UUID, user_id: UUID) -> tuple[str, ...]:
    """Return what a login takes beside the password: `totp`, `passkey`, `recovery_code`, in this order; or nothing."""
    return store.factors(client_id, user_id).methods


def has_second_factor(client_id: UUID, user_id: UUID) -> bool:
    """Return whether a user has an authenticator app in use, or a passkey."""
    return store.factors(client_id, user_id).has_second_factor


def use_code(client_id: UUID, user_id: UUID, code: str) -> str:
    """Use up a code of an app or a recovery code and return which of them it was, `totp` or `recovery_code`.

    Raises InvalidCode and, after ten wrong ones within an hour, TooManyGuesses; both keep what was counted.
    """
    guesses.reserve(client_id, user_id)
    method = _method(client_id, user_id, _BETWEEN.sub("", code))
    if method is None:
        guesses.note_wrong(client_id, user_id)
        raise InvalidCode()
    guesses.hand_back(client_id, user_id)
    return method


def confirm_totp(client_id: UUID, user_id: UUID, code: str) -> list[str]:
    """Put the new seed into use and return ten new recovery codes; raises InvalidCode."""
    if not totp.confirm(client_id, user_id, _BETWEEN.sub("", code)):
        raise InvalidCode(_UNFIT)
    return recovery_codes.renew(client_id, user_id)


def remove_totp(client_id: UUID, user_id: UUID) -> bool:
    """Delete a user's authenticator app, with the recovery codes if nothing is left; False if none is in use."""
    if not store.remove_totp(client_id, user_id):
        return False
    if not has_second_factor(client_id, user_id):
        recovery_codes.remove(client_id, user_id)
    return True


def delete_of_user(client_id: UUID, user_id: UUID) -> int:
    """Delete a user's factors, recovery codes and counters; return how many factors there were."""
    return store.delete_of_user(client_id, user_id) + passkey_store.delete_of_user(client_id, user_id)


def _method(client_id: UUID, user_id: UUID, code: str) -> str | None:
    if _DIGITS.fullmatch(code):
        return TOTP if totp.use(client_id, user_id, code) else None
    return RECOVERY_CODE if recovery_codes.use(client_id, user_id, code) else None
