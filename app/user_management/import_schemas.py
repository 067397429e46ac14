"""One row of a file of users, and how it is asked for."""

from marshmallow import fields, validate

from app.users.models import ACTIVE, DISABLED
from app.users.schemas import CustomFields, Profile
from app.web.schemas import EmailAddress, Flag, Moment, Schema, Text


class ImportedUser(Profile):
    """A user as another system knows it. There is no field for a password: only hashes are taken."""

    email = EmailAddress(required=True)
    email_verified = Flag(load_default=False)
    password_hash = fields.Raw(load_default=None, allow_none=True)
    role = Text(load_default="user", max_length=64)
    status = Text(load_default=ACTIVE, validate=validate.OneOf([ACTIVE, DISABLED]))
    custom_fields = CustomFields(load_default=dict)
    created_at = Moment()


class ImportQuery(Schema):
    """How a file is imported."""

    dry_run = Text(
        load_default="false",
        validate=validate.OneOf(["true", "false"]),
        metadata={"description": "`true` checks every row and writes nothing."},
    )


class ExportQuery(Schema):
    """In which form the users are written."""

    format = Text(load_default="ndjson", validate=validate.OneOf(["ndjson", "csv"]))
