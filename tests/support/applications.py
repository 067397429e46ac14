"""Applications beside the one that the tests share, in the same process."""

import contextlib
from collections.abc import Iterator

from flask import Flask

from app import create_app
from app.core import settings
from app.core.settings import Settings


@contextlib.contextmanager
def another_application(chosen: Settings) -> Iterator[Flask]:
    """Put an application of other settings in force for a while, with its context; its connections end with it."""
    before = _in_force()
    application = create_app(chosen)
    try:
        with application.app_context():
            yield application
    finally:
        with application.app_context():
            for engine in application.extensions["sqlalchemy"].engines.values():
                engine.dispose()
        if before is not None:
            settings.use(before)


def _in_force() -> Settings | None:
    try:
        return settings.settings()
    except RuntimeError:
        return None
