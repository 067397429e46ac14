"""The built console on disk: looked for at each request, so that a build made while the service runs is served too."""

import re
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parents[2] / "console" / "dist"
_PAGE = "index.html"
_FAILED = "dist-failed"
"""Beside the folder: `make console` leaves it where a build fails, and takes it away after the next that does not."""
_ASSET = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
# Not the system's own table: it differs from machine to machine, and `nosniff` holds browsers to what is said.
_MEDIA = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class Content:
    """A file of the build, as it is sent."""

    body: bytes
    media: str
    encoding: str | None


def is_there() -> bool:
    """Return whether the console is built."""
    return (_FOLDER / _PAGE).is_file()


def has_failed() -> bool:
    """Return whether the last build was tried and failed."""
    return _FOLDER.with_name(_FAILED).exists()


def find_page(*, packed: bool) -> Content | None:
    """Return the HTML of every address of the console; None where nothing is built."""
    return _read(_FOLDER / _PAGE, packed=packed)


def find_asset(name: str, *, packed: bool) -> Content | None:
    """Return a script, style sheet or picture by its name; None if there is none. `packed`: by gzip, where it is."""
    if not _ASSET.fullmatch(name):
        return None
    return _read(_FOLDER / "assets" / name, packed=packed)


def _read(path: Path, *, packed: bool) -> Content | None:
    media = _MEDIA.get(path.suffix)
    if media is None:
        return None
    for file, encoding in [(path.with_name(f"{path.name}.gz"), "gzip"), (path, None)][not packed :]:
        try:
            return Content(file.read_bytes(), media, encoding)
        except OSError:
            continue
    return None
