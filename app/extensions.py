"""The Flask extensions, made once and bound to an application by create_app()."""

from flask_jwt_extended import JWTManager
from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _no_key() -> str:
    """Stand in for the limiter's key: every limit names its own (app.web.limits)."""
    raise RuntimeError("every limit names the key it counts by")


metadata = MetaData(naming_convention=_NAMES)
db = SQLAlchemy(metadata=metadata, disable_autonaming=True)
migrate = Migrate()
jwt = JWTManager()
limiter = Limiter(key_func=_no_key, default_limits=[])
