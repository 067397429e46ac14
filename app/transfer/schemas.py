"""Exports over HTTP."""

from marshmallow import fields, validate

from app.transfer.models import DONE, FAILED, PENDING, RUNNING
from app.transfer.sealing import LEAST_PASSPHRASE, MOST_PASSPHRASE
from app.web.schemas import Flag, Moment, Schema, Text


class NewExport(Schema):
    """How a client is exported."""

    passphrase = Text(
        min_length=LEAST_PASSPHRASE,
        max_length=MOST_PASSPHRASE,
        metadata={
            "format": "password",
            "description": "Encrypts the bundle. Without one the bundle is readable to whoever gets hold of it, and"
            " the secrets of authenticator apps in it open on this installation alone.",
        },
    )


class ExportQuery(Schema):
    """What of an export is asked for."""

    download = Text(
        load_default="false",
        validate=validate.OneOf(["true", "false"]),
        metadata={"description": "`true` answers the bundle itself."},
    )


class ExportView(Schema):
    """An export and how far it is; `sha256` is that of the file."""

    job_id = fields.UUID(required=True)
    status = Text(required=True, validate=validate.OneOf([PENDING, RUNNING, DONE, FAILED]))
    encrypted = Flag(required=True)
    size = fields.Integer(required=True, allow_none=True, metadata={"description": "Bytes."})
    sha256 = fields.String(required=True, allow_none=True)
    error = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)
    expires_at = Moment(required=True, metadata={"description": "The bundle is deleted then."})
