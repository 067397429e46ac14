"""Style sheets, scripts and pictures of pages: files of our own, under addresses whose content never changes."""

import hashlib
from functools import cached_property
from pathlib import Path

import flask
from flask import Response, request

from app.core import errors


class Assets:
    """The files of some pages by name; `endpoint` is the route that serves them."""

    def __init__(self, endpoint: str, files: dict[str, Path]) -> None:
        """Take the folder of each file."""
        self._endpoint, self._folders = endpoint, files

    def url(self, name: str) -> str:
        """Return the address of a file; it carries the content's digest, so what it names never changes."""
        return flask.url_for(self._endpoint, name=name, v=self._versions[name])

    def send(self, name: str) -> Response:
        """Answer a file; raises NotFound."""
        folder = self._folders.get(name)
        if folder is None:
            raise errors.NotFound()
        answer = flask.send_from_directory(folder, name)
        fixed = request.args.get("v") == self._versions[name]
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fixed else "no-cache"
        return answer

    @cached_property
    def _versions(self) -> dict[str, str]:
        return {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]
            for name, folder in self._folders.items()
        }
