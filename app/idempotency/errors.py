"""How a repeated call is answered."""

from app.core.errors import AppError


class AlreadyCreated(AppError):
    """The same call has been carried out; its secrets are not shown twice."""

    status, code, title = 409, "already_created", "This call was carried out before; its secrets are shown once."
    advice = "Use what the first answer gave. If it was lost: log in, or rotate the key named by the ids here."


class InProgress(AppError):
    """The same call is being carried out at this moment."""

    status, code, title = 409, "in_progress", "The same call is being carried out at this moment."
    advice = "Repeat it in a second."


class IdempotencyMismatch(AppError):
    """The key was used with another body."""

    status, code, title = 422, "idempotency_mismatch", "This Idempotency-Key was used with another body."
    advice = "Take a new Idempotency-Key for a new call."
