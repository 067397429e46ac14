"""The outbox over HTTP."""

from marshmallow import fields, validate

from app.mail.models import KINDS, STATUSES
from app.web.pages import PageQuery, page_of
from app.web.schemas import Moment, Schema, Text

_STATUS, _KIND = validate.OneOf(STATUSES), validate.OneOf(KINDS)


class OutboxEntryView(Schema):
    """A mail; never its recipient, text or code."""

    message_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    kind = Text(required=True, validate=_KIND)
    status = Text(required=True, validate=_STATUS)
    attempts = fields.Integer(required=True, metadata={"description": "How often it was taken up."})
    last_error = Text(required=True, allow_none=True, metadata={"example": "recipient refused: 550 5.1.1"})
    created_at = Moment(required=True)
    next_attempt_at = Moment(required=True)
    sent_at = Moment(required=True, allow_none=True)


class OutboxQuery(PageQuery):
    """Which mails to read."""

    status = Text(load_default=None, validate=_STATUS)
    kind = Text(load_default=None, validate=_KIND)
    client_id = fields.UUID(load_default=None)


class Counts(Schema):
    """How many mails of each status there are, whatever the filters."""

    waiting = fields.Integer(required=True)
    sent = fields.Integer(required=True, metadata={"description": "In the last seven days."})
    dead = fields.Integer(required=True, metadata={"description": "Given up; a retry begins anew."})
    discarded = fields.Integer(required=True, metadata={"description": "Never to be sent, and soon deleted."})


class OutboxPage(page_of(OutboxEntryView)):  # type: ignore[misc]
    """One page of the outbox and what is in it in all; `next_cursor` asks for the next one, null on the last."""

    counts = fields.Nested(Counts, required=True)
    delivery = Text(
        required=True,
        validate=validate.OneOf(("smtp", "folder")),
        metadata={"description": "Where mails go: to the server of MAIL_URL or, unless it is set, into a folder."},
    )
