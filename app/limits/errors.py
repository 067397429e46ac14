"""What the throttle answers."""

from app.core.errors import AppError


class AccountLocked(AppError):
    """Too many failed logins on one account: the next try must wait."""

    status, code, title = 423, "account_locked", "Too many failed logins; this account takes no login just now."
    advice = "Wait for the seconds in Retry-After. Sessions that are logged in go on."
