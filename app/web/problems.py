"""The one error handler: whatever goes wrong leaves as application/problem+json (RFC 9457)."""

import math
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, make_response, request
from werkzeug.exceptions import HTTPException

from app.core import errors
from app.core.errors import AppError

_log = structlog.get_logger()
_OF_HTTP: dict[int, type[AppError]] = {
    400: errors.InvalidRequest,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.PayloadTooLarge,
    415: errors.UnsupportedMediaType,
    431: errors.HeadersTooLarge,
}


def init_app(app: Flask) -> None:
    """Answer every error of the application as a problem."""
    app.register_error_handler(AppError, problem)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def problem(error: AppError) -> Response:
    """Return the problem document of an error, with the headers that its status asks for."""
    body: dict[str, Any] = {
        "type": f"/docs/errors#{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": g.get("request_id"),
        **error.extra,
    }
    answer = make_response(current_app.json.dumps(body), error.status)
    answer.mimetype = "application/problem+json"
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="rowlock"'
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    g.error_code = error.code
    if isinstance(error, errors.RateLimited):
        g.states = (*g.get("states", ()), *error.states)
    return answer


def _http(error: HTTPException) -> Response:
    answer = problem(_OF_HTTP.get(error.code or 500, errors.InvalidRequest)())
    allow = dict(error.get_headers(request.environ)).get("Allow")
    if allow:
        answer.headers["Allow"] = allow
    return answer


def _fault(error: Exception) -> Response:
    _log.error("fault", request_id=g.get("request_id"), error=error)
    return problem(errors.InternalError())
