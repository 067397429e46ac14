"""What can go wrong with a client's row."""

from app.core.errors import AppError


class SlugTaken(AppError):
    """Another client has the slug, or it is reserved."""

    status, code, title = 409, "slug_taken", "This slug is taken."
    advice = "Choose another slug, or send none and let the service make one."
