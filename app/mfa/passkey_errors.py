"""What can go wrong with a passkey. Whatever a ceremony fails of, the caller is told one thing."""

from app.codes.errors import InvalidCode
from app.core.errors import AppError, Conflict


class SignCountFellBack(InvalidCode):
    """The authenticator counts less than it did before: two of them may hold the key (WebAuthn L3, 6.1.1)."""

    reason = "sign_count_fell_back"


class TooManyPasskeys(Conflict):
    """The user has as many passkeys as one may have."""

    title = "There are as many passkeys as one account may have."
    advice = "Remove one that is no longer used."


def reason_of(error: AppError) -> str:
    """Return why an attempt failed in the words of the audit log, which may know more than the answer."""
    return error.reason if isinstance(error, SignCountFellBack) else error.code
