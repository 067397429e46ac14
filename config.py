"""What Flask and its extensions are told; every value comes from app.core.settings."""

from typing import Any

from app.core.engines import engine_options, further_engines
from app.core.settings import Settings
from app.web import limits

VERSION = "0.1.0"
_ABOUT = """A client is an organisation with a users table of its own. Register one, then let its people sign up and log
in with its key. Errors are `application/problem+json` with a stable `code`; see [/docs/errors](/docs/errors)."""


def flask_config(chosen: Settings) -> dict[str, Any]:
    """Return the configuration of Flask, Flask-SQLAlchemy, Flask-JWT-Extended, Flask-Limiter and flask-smorest."""
    engine = engine_options(chosen, chosen.database_url)
    return {
        "SECRET_KEY": chosen.secret_key,
        "SQLALCHEMY_DATABASE_URI": chosen.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "SQLALCHEMY_BINDS": further_engines(engine),
        "JWT_ALGORITHM": "ES256",
        "JWT_COOKIE_CSRF_PROTECT": False,
        "API_TITLE": "Rowlock",
        "API_VERSION": VERSION,
        "OPENAPI_VERSION": "3.1.0",
        "API_SPEC_OPTIONS": {"info": {"description": _ABOUT}, "servers": [{"url": chosen.public_url}]},
        **limits.flask_config(chosen),
    }
