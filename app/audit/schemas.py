"""The audit log over HTTP."""

from marshmallow import fields, validate

from app.web.pages import PageQuery, page_of
from app.web.schemas import Moment, Schema, Text

_STATUS = validate.OneOf(["success", "failed"])


class AuditLog(Schema):
    """One row of the audit log."""

    audit_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True, allow_none=True)
    key_id = fields.UUID(required=True, allow_none=True)
    action = Text(required=True, metadata={"example": "login"})
    status = Text(required=True, validate=_STATUS)
    ip_address = Text(required=True, allow_none=True)
    user_agent = Text(required=True, allow_none=True, max_length=256)
    request_id = Text(required=True, allow_none=True)
    detail = fields.Dict(required=True)
    timestamp = Moment(required=True)


class AuditFilters(Schema):
    """Which rows to read."""

    action = Text(load_default=None, max_length=64)
    status = Text(load_default=None, validate=_STATUS)
    user_id = fields.UUID(load_default=None)
    key_id = fields.UUID(load_default=None)
    since = Moment(load_default=None, metadata={"description": "From this moment on."})
    until = Moment(load_default=None, metadata={"description": "Before this moment."})


class AuditQuery(AuditFilters, PageQuery):
    """A page of the rows that match."""


class AuditExportQuery(AuditFilters):
    """The rows that match, all of them, in a format."""

    format = Text(load_default="ndjson", validate=validate.OneOf(["ndjson", "csv"]))


AuditLogPage = page_of(AuditLog)
