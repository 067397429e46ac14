"""What can go wrong with an erasure."""

from app.core.errors import ValidationFailed


class NotConfirmed(ValidationFailed):
    """The client was not named a second time, by its slug."""

    title = "Erasing a client wants its slug as `confirm`."
    advice = "Send `?confirm=` with the slug of the client that is to go; nothing brings it back."

    def __init__(self, slug: str) -> None:
        """Say what is wanted; whoever may erase the client may read its slug."""
        told = f"Send the client's slug, `{slug}`, to confirm that it and all its users are to go for good."
        super().__init__({"confirm": [told]}, "This is not the slug of the client: nothing was erased.")
