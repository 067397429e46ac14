"""Keys over HTTP."""

from marshmallow import fields

from app.keys.service import MAX_GRACE_SECONDS
from app.web.schemas import Schema, Whole


class AccessKeyRotation(Schema):
    """How long the old access key goes on working."""

    grace_seconds = Whole(least=0, most=MAX_GRACE_SECONDS, load_default=0, metadata={"example": 3600})


class NewAccessKey(Schema):
    """A new access key, shown this once."""

    access_key = fields.String(required=True)
