"""A mistyped address in a browser: a small page instead of the problem that everybody else is answered."""

from flask import Flask, Response, request

from app.core import errors
from app.core.errors import AppError
from app.web import docs, problems

_NOT_FOUND = 404
_FOR_PROGRAMS = ("/api/", "/pages/")
"""The API, and the pages of clients, which look as each client wants."""


def init_app(app: Flask) -> None:
    """Answer people with a page where there is nothing."""
    for kind in (errors.NotFound, errors.ClientNotFound):
        app.register_error_handler(kind, _answer)
    app.register_error_handler(_NOT_FOUND, lambda _: _answer(errors.NotFound()))


def _answer(error: AppError) -> Response:
    problem = problems.problem(error)
    if not _is_for_a_person():
        return problem
    answer = docs.page("nowhere.html", status=error.status)
    answer.headers["Cache-Control"] = "no-store"  # another caller of this address is answered otherwise
    return answer


def _is_for_a_person() -> bool:
    named = any(media == "text/html" and quality > 0 for media, quality in request.accept_mimetypes)
    return named and not f"{request.path}/".startswith(_FOR_PROGRAMS)
