"""Roles over HTTP, and how a scope is written."""

import re
from typing import Any

from marshmallow import fields, validate

from app.roles.administration import MOST_CHARACTERS
from app.web.pages import page_of
from app.web.schemas import Listed, Moment, Schema, Text

MOST_PERMISSIONS = 100
WORD = re.compile(r"[a-z][a-z0-9_.-]{0,62}(?::[a-z0-9_.-]{1,63})?\Z")
_IS_WORD = validate.Regexp(WORD, error="Lower-case words such as `decay` or `reports:read`.")


class Scope(Text):
    """One scope: `read`, `write`, `admin`, a management scope such as `users:read`, or a word of the client's own."""

    def __init__(self, **options: Any) -> None:
        """Bound its form."""
        super().__init__(max_length=127, validate=_IS_WORD, **options)


_MEANING = (
    f"Scopes; none means that it may do nothing. At most {MOST_CHARACTERS:,} characters in all, for access tokens carry"
    " them."
)


class Permissions(Schema):
    """All that a role is to hold."""

    permissions = Listed(
        Scope(),
        most=MOST_PERMISSIONS,
        required=True,
        metadata={"example": ["read", "users:read"], "description": _MEANING},
    )


class RoleView(Schema):
    """A role and what it holds; the times are null for a built-in role that nobody has changed."""

    name = fields.String(required=True)
    permissions = fields.List(fields.String(), required=True)
    built_in = fields.Boolean(required=True)
    created_at = Moment(required=True, allow_none=True)
    updated_at = Moment(required=True, allow_none=True)


RolePage = page_of(RoleView)
