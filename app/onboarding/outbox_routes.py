"""`/admin/outbox`: the mails of all clients, for the operator."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actors import Actor
from app.core.errors import NotFound
from app.core.ids import parse_id
from app.mail.errors import NotWaiting
from app.mail.models import OutboxEntry, OutboxFilter
from app.onboarding import outbox
from app.onboarding.outbox_schemas import OutboxEntryView, OutboxPage, OutboxQuery
from app.web import pages
from app.web.blueprint import Blueprint
from app.web.guards import guard, operator

bp = Blueprint("outbox", __name__, url_prefix="/api/v1/admin/outbox", description="Mails that wait or were given up.")


@bp.route("")
@guard(operator)
@bp.arguments(OutboxQuery, location="query")
@bp.response(200, OutboxPage)
def list_outbox(query: dict[str, Any]) -> dict[str, Any]:
    """List the mails of all clients, newest first, and count them by status."""
    limit, position = query.pop("limit"), pages.read_cursor("outbox", query.pop("cursor"))
    before = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else None
    found = outbox.page(OutboxFilter(**query), before=before, limit=limit)
    page = pages.cut(found.entries, limit, "outbox", lambda row: [clock.rfc3339(row.created_at), str(row.message_id)])
    return {"items": page.items, "next_cursor": page.next_cursor, "counts": found.counts, "delivery": found.delivery}


@bp.route("/<message_id>/retry", methods=["POST"])
@guard(operator)
@bp.raises(NotFound, NotWaiting)
@bp.response(200, OutboxEntryView)
def retry_mail(message_id: str, actor: Actor) -> OutboxEntry:
    """Send a mail now that waits or was given up."""
    return outbox.retry(actor, parse_id(message_id))
