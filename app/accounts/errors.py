"""What keeps a proven user from a session."""

from app.core.errors import AppError, MfaRequired

__all__ = ["EmailNotVerified", "MfaEnrollmentRequired", "MfaRequired"]


class EmailNotVerified(AppError):
    """The client lets nobody in whose address is not proved; told only after the right password."""

    status, code, title = 403, "email_not_verified", "This e-mail address has not been confirmed yet."
    advice = "Follow the link in the mail; POST /email/resend sends another."
    keeps_writes = True


class MfaEnrollmentRequired(AppError):
    """The client asks for a second factor that the user has not.

    After a fresh proof of who it is, `enrollment_token` opens the calls that add one.
    """

    status, code, title = 401, "mfa_enrollment_required", "A second factor must be set up first."
    advice = (
        "Send the enrollment_token of a login as Bearer to POST /me/mfa/totp and its /confirm, or to"
        " /me/passkeys/options and /me/passkeys; then log in again."
    )
    keeps_writes = True
