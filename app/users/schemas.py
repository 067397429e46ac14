"""Users over HTTP."""

import json
import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.users.password_policy import MAX_LENGTH
from app.web.schemas import EmailAddress, Flag, Moment, Name, Schema, Text, WebAddress

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,31}\Z")
_CUSTOM_BYTES = 16 * 1024


class Password(Text):
    """A password; its policy is the client's, its length at most 128 code points."""

    def __init__(self, **options: Any) -> None:
        """Bound the length, so that nothing huge is hashed."""
        options.setdefault("metadata", {}).setdefault("format", "password")
        super().__init__(max_length=MAX_LENGTH, **options)


class CustomFields(fields.Dict):
    """A JSON object of at most 16 KiB."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        if len(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()) > _CUSTOM_BYTES:
            raise ValidationError("At most 16 KiB of JSON.")
        return value


class Profile(Schema):
    """What a user says of itself."""

    full_name = Name(max_length=120, allow_none=True)
    username = Text(
        max_length=32,
        allow_none=True,
        validate=validate.Regexp(_USERNAME, error="2 to 32 letters, digits, dots, dashes or underscores."),
    )
    avatar_url = WebAddress(allow_none=True)


class ProfileChange(Profile):
    """What a user changes of itself."""

    custom_fields = CustomFields()


class UserView(Schema):
    """A user; never the password's hash."""

    user_id = fields.UUID(required=True)
    email = EmailAddress(required=True)
    email_verified = Flag(required=True)
    full_name = Text(required=True, allow_none=True)
    username = Text(required=True, allow_none=True)
    avatar_url = Text(required=True, allow_none=True, max_length=2048)
    role = Text(required=True)
    status = Text(required=True, validate=validate.OneOf(["active", "disabled", "invited"]))
    custom_fields = fields.Dict(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
    last_login_at = Moment(required=True, allow_none=True)
