"""`/healthz` and `/readyz`: whether the process lives, and whether it can serve."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, current_app
from marshmallow import fields

from app.core import errors
from app.core.errors import AppError
from app.web.blueprint import Blueprint
from app.web.guards import anyone, guard
from app.web.schemas import Schema

bp = Blueprint("health", __name__, description="Liveness and readiness.")
_EXTENSION = "rowlock.readiness"
Check = Callable[[], str]


class Health(Schema):
    """The process answers."""

    status = fields.String(required=True, metadata={"example": "ok"})


class Readiness(Health):
    """Each thing that serving needs: `ok`, `degraded` (goes on without it) or `failed`."""

    checks = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


def init_app(app: Flask, checks: Mapping[str, Check]) -> None:
    """Keep the checks of readiness: each returns `ok` or `degraded`, or raises AppError."""
    app.extensions[_EXTENSION] = checks


@bp.route("/healthz")
@guard(anyone)
@bp.response(200, Health)
def healthz() -> dict[str, str]:
    """Say that the process lives; asks nothing of the database."""
    return {"status": "ok"}


@bp.route("/readyz")
@guard(anyone)
@bp.response(200, Readiness)
def readyz() -> dict[str, Any]:
    """Say whether requests can be served: database, migrations, Redis."""
    checks: Mapping[str, Check] = current_app.extensions[_EXTENSION]
    found = {name: _outcome(check) for name, check in checks.items()}
    worst = next((word for word in ("failed", "degraded") if word in found.values()), "ok")
    if worst == "failed":
        failure = errors.TemporarilyUnavailable("The service is not ready.")
        failure.extra["checks"] = found
        raise failure
    return {"status": worst, "checks": found}


def _outcome(check: Check) -> str:
    try:
        return check()
    except AppError:
        return "failed"
