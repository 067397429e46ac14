"""Erasures over HTTP."""

from marshmallow import fields

from app.web.schemas import Moment, Schema, Text

_BY_TABLE = {"description": "How much of each kind is gone: rows by table, and `users` and `files`."}
_WANTED = "Send the client's slug: it and all its users go for good."


class Confirmation(Schema):
    """The client named a second time."""

    confirm = Text(
        required=True,
        max_length=63,
        error_messages={"required": _WANTED},
        metadata={"description": "The slug of the client.", "example": "acme"},
    )


class Counts(fields.Dict):
    """How much went, by kind."""

    def __init__(self) -> None:
        """Take names and numbers."""
        super().__init__(keys=fields.String(), values=fields.Integer(), required=True, metadata=_BY_TABLE)


class Erased(Schema):
    """A client of which nothing is left, and the signed receipt that says so."""

    deleted = Counts()
    receipt = fields.String(required=True, metadata={"description": "A compact JWS by the platform's key, ES256."})


class ErasureJob(Schema):
    """A client that is gone for everybody, while its rows are being deleted."""

    client_id = fields.UUID(required=True)
    status = Text(required=True, metadata={"example": "erasing"})
    deleted = Counts()
    started_at = Moment(required=True)


class Erasing(Schema):
    """An erasure that takes longer than five seconds; the rest is done in the background."""

    job = fields.Nested(ErasureJob, required=True)
