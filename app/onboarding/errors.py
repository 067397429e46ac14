"""What can go wrong with a document that the platform signs."""

from app.core.errors import ValidationFailed


class DocumentRefused(ValidationFailed):
    """A text that is no document of this platform, or none of the kind that is wanted."""

    title = "This is not the document that is wanted, as this platform signed it."
    advice = "Take the document as it was handed out, and the keys of the platform that signed it."

    def __init__(self, detail: str, *, field: str = "document") -> None:
        """Say what is wrong with it."""
        super().__init__({field: [detail]}, detail)
