"""What can go wrong with a user."""

from app.core.errors import AppError, Conflict, ValidationFailed


class EmailTaken(AppError):
    """The client has a user with this address."""

    status, code, title = 409, "email_taken", "A user with this e-mail address exists."
    advice = "Log in, or sign up with another address."
    keeps_writes = True


class UsernameTaken(Conflict):
    """The client has a user with this name."""

    title = "This username is taken."
    advice = "Choose another username."
    keeps_writes = True


class AccountDisabled(AppError):
    """The user is disabled; told only to whoever knows the password."""

    status, code, title = 403, "account_disabled", "This account is disabled."
    advice = "Ask an admin of your organisation."
    keeps_writes = True


class LastAdmin(AppError):
    """The client would be left without an admin."""

    status, code, title = 409, "last_admin", "The last admin cannot be removed."
    advice = "Make another user admin first."


class PasswordRefused(ValidationFailed):
    """The password breaks the client's policy; `reason` says how."""

    def __init__(self, field: str, reason: str, message: str) -> None:
        """Name the field and the reason: `too_short`, `too_common`, `too_personal` or `blocklisted`."""
        super().__init__({field: [message]})
        self.extra["reason"] = reason
