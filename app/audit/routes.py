"""`/audit-logs`: reading and exporting a client's audit log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response

from app.audit import service
from app.audit.models import AuditFilter
from app.audit.schemas import AuditExportQuery, AuditLog, AuditLogPage, AuditQuery
from app.core import clock
from app.core.actors import Actor
from app.web import exports, pages
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import admin, client_key, guard, path_client

bp = Blueprint("audit", __name__, url_prefix=CLIENT, description="Who did what, when and from where.")


@bp.route("/audit-logs")
@guard(client_key("audit:read"), admin("audit:read"))
@bp.arguments(AuditQuery, location="query")
@bp.response(200, AuditLogPage)
def list_audit_logs(query: dict[str, Any], actor: Actor) -> pages.Page:
    """Read the audit log, newest first."""
    client_id, limit = path_client(actor.client_id), query.pop("limit")
    name = f"audit-logs:{client_id}"
    position = pages.read_cursor(name, query.pop("cursor"))
    before = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else None
    rows = service.page(client_id, AuditFilter(**query), before=before, limit=limit)
    return pages.cut(rows, limit, name, lambda row: [clock.rfc3339(row.timestamp), str(row.audit_id)])


@bp.route("/audit-logs/export")
@guard(client_key("audit:read"), admin("audit:read"))
@bp.arguments(AuditExportQuery, location="query")
@bp.response(200, {"type": "string"}, content_type="application/x-ndjson")
@bp.doc(responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}})
def export_audit_logs(query: dict[str, Any], actor: Actor) -> Response:
    """Stream the whole audit log as NDJSON or CSV, newest first."""
    form = query.pop("format")
    entries = service.export(path_client(actor.client_id), AuditFilter(**query))
    return exports.streamed(entries, AuditLog(), form=form, name="audit-logs")
