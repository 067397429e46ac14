"""`GET /metrics` for Prometheus, and what every answer adds to it: its time by route, and each refusal by a limit."""

import hmac
import time
from collections.abc import Sequence

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from app.core import errors, metrics
from app.core.settings import settings
from app.core.windows import WindowState
from app.web import requests
from app.web.blueprint import Blueprint
from app.web.guards import anyone, guard

bp = Blueprint("metrics", __name__, description="Figures for Prometheus.")


def init_app(app: Flask) -> None:
    """Count every answer."""
    app.after_request(_count)


@bp.route("/metrics")
@guard(anyone)
@bp.doc(security=[{"metrics_token": []}])
@bp.raises(errors.AuthenticationRequired, errors.NotFound)
@bp.response(200, {"type": "string"}, content_type="text/plain")
def show_metrics() -> Response:
    """Read the metrics of all workers in Prometheus's text format.

    Takes METRICS_TOKEN as `Authorization: Bearer …`; where none is set there is nothing here (404).
    """
    token = settings().metrics_token
    if token is None:
        raise errors.NotFound()
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(sent.encode(), token.encode()):
        raise errors.AuthenticationRequired()
    return Response(metrics.text(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _count(answer: Response) -> Response:
    """Count an answer, and the limit that refused it."""
    if requests.is_inner():
        return answer
    held, current = g._get_current_object(), request._get_current_object()  # type: ignore[attr-defined]
    rule = current.url_rule
    route, method = (rule.rule, current.method) if rule else (metrics.UNKNOWN, metrics.UNKNOWN)
    metrics.request_answered(method, route, answer.status_code, time.perf_counter() - held.started)
    if answer.status_code == errors.RateLimited.status:
        code = held.get("error_code", metrics.UNKNOWN)
        metrics.limit_exceeded(route, _full(held.get("states", ())) if code == errors.RateLimited.code else code)
    return answer


def _full(states: Sequence[WindowState]) -> str:
    """Return the name of the window that refused a call: of those that let nothing through, the one counted last."""
    return next((state.name for state in reversed(states) if state.remaining < 1), metrics.UNKNOWN)
