"""The files of clients that other packages keep: whoever keeps some tells here how to find them."""

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import UUID

Finder = Callable[[UUID], Iterable[Path]]
_finders: list[Finder] = []


def on_erase(finder: Finder) -> Finder:
    """Have the files that it finds of a client deleted when the client is erased.

    It is asked several times, at last when no row of the client is left: it finds them by the client's id alone.
    """
    _finders.append(finder)
    return finder


def of(client_id: UUID) -> list[Path]:
    """Return the files of a client that are there now."""
    return sorted({path for finder in _finders for path in finder(client_id)})


def delete(client_id: UUID, found: Iterable[Path]) -> None:
    """Delete files of a client, and with the last one the folder that is the client's alone."""
    for path in found:
        path.unlink(missing_ok=True)
        if path.parent.name in (client_id.hex, str(client_id)):
            with contextlib.suppress(OSError):
                path.parent.rmdir()
