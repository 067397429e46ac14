"""What can go wrong with an import as a whole."""

from app.idempotency.errors import InProgress


class ImportInProgress(InProgress):
    """Another import of the same client is running, or was cut off a moment ago."""

    title = "An import of this client is running."
    advice = "Wait for its end; one that was cut off can be sent again after the seconds in Retry-After."
