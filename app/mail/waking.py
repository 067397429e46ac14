"""How whoever commits a mail wakes the thread that sends it, without knowing whether there is one."""

import threading

asked = threading.Event()
"""Set when there may be something to send."""


def wake() -> None:
    """Have the sending thread of this process, if it has one, look now."""
    asked.set()
