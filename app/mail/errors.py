"""What can go wrong with a mail that waits."""

from app.core.errors import Conflict


class NotWaiting(Conflict):
    """Only a mail that waits or was given up can be tried again."""

    title = "This mail is neither waiting nor given up."
