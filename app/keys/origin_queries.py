"""The read behind a preflight: the client's own list of origins, and a publishable key that names the one asked for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, and_, bindparam, cast, or_, select

from app.clients.models import ACTIVE, effective_settings
from app.clients.tables import clients
from app.core import db
from app.keys.models import PUBLISHABLE
from app.keys.tables import keys

# A list is JSON text, in which an origin stands whole between quotation marks; what is found is compared again below.
_NAMES_IT = and_(
    keys.c.client_id == clients.c.client_id,
    keys.c.kind == PUBLISHABLE,
    keys.c.revoked_at.is_(None),
    or_(keys.c.expires_at.is_(None), keys.c.expires_at > bindparam("now")),
    cast(keys.c.allowed_origins, Text).like(bindparam("pattern"), escape="!"),
)
_LISTS = (
    select(clients.c.settings, keys.c.allowed_origins)
    .select_from(clients.outerjoin(keys, _NAMES_IT))
    .where(clients.c.client_id == bindparam("client_id"), clients.c.status == ACTIVE)
    .limit(1)
)


def is_named(client_id: UUID, origin: str, *, now: datetime) -> bool:
    """Tell whether an active client's setting, or one of its live publishable keys, names an origin exactly."""
    pattern = f'%"{origin.replace("_", "!_")}"%'
    row = db.execute(_LISTS, {"client_id": client_id, "now": now, "pattern": pattern}).one_or_none()
    if row is None:
        return False
    own_settings, of_key = row
    return origin in effective_settings(own_settings).allowed_origins or origin in (of_key or ())
