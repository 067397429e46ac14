"""What can go wrong with a one-time code."""

from app.core.errors import AppError


class InvalidCode(AppError):
    """A code that is unknown, spent, expired, or for something or somebody else; the answer does not say which."""

    status, code, title = 400, "invalid_code", "This code is wrong, used up or too old."
    advice = "Ask for a new one, or wait for the app's next; each works once, and of those by mail only the newest."
    keeps_writes = True
