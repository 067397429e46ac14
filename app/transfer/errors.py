"""What can go wrong with bundles."""

from app.core.errors import Conflict, RateLimited, ValidationFailed
from app.idempotency.errors import InProgress


class BundleRefused(ValidationFailed):
    """A file that is no whole bundle of this form, of nobody who is believed, or one that cannot be used here."""

    title = "This bundle cannot be used."
    advice = "Nothing was written."

    def __init__(self, detail: str) -> None:
        """Say what is wrong with it."""
        super().__init__({"bundle": [detail]}, detail)


class NotMovable(Conflict):
    """The platform client stays where it is: its users run this installation."""

    title = "The platform client is not moved or copied."
    advice = "Name another client; `flask operators create` makes operators elsewhere."


class ExportRunning(InProgress):
    """The client is being exported already."""

    title = "An export of this client is under way."
    advice = "Ask for that one by its job_id; it ends within minutes."


class TooManyExports(RateLimited):
    """A client may export itself some times a day."""

    title = "This client was exported often enough for today."
    advice = "Wait for the seconds in Retry-After."
