"""Users over HTTP, as those see them who manage them."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.user_management.models import CREATED_AT, SORTS
from app.users.schemas import CustomFields, Password, Profile, ProfileChange, UserView
from app.web.pages import PageQuery, page_of
from app.web.schemas import EmailAddress, Flag, Ids, Name, Schema, Text, WebAddress

_STATUSES = ("active", "disabled", "invited")


class Role(Text):
    """The name of a role."""

    def __init__(self, **options: Any) -> None:
        """Bound the length."""
        super().__init__(max_length=32, **options)


class NewUser(Profile):
    """A user to make: with a password, or without, and then invited by mail."""

    email = EmailAddress(required=True, metadata={"example": "grace@example.com"})
    password = Password(metadata={"description": "Left out, the user is invited by mail to choose one."})
    custom_fields = CustomFields()
    role = Role(metadata={"description": "`user` unless another is named; it holds no more than you do."})
    email_verified = Flag(metadata={"description": "You vouch for the address; only beside a password."})
    redirect_to = WebAddress(
        metadata={"description": "Where the invitation leads: one of `redirect_urls`; else to a page of this service."}
    )

    @validates_schema
    def _check_together(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse what has no meaning beside a password, or without one."""
        if "password" in data and "redirect_to" in data:
            raise ValidationError("Nobody is invited who has a password.", "redirect_to")
        if "password" not in data and data.get("email_verified"):
            raise ValidationError("Who is invited proves the address by accepting.", "email_verified")


class Invitation(Schema):
    """Where an invitation leads."""

    redirect_to = WebAddress(metadata={"description": "One of `redirect_urls`; else a page of this service."})


class MailedLink(Schema):
    """Where the link of a mail leads."""

    redirect_to = WebAddress(metadata={"description": "One of `redirect_urls`; else a page of this service."})


class UserChange(ProfileChange):
    """What to change of a user; fields that are not sent stay. An address only its user changes (`POST /me/email`)."""

    role = Role()
    status = Text(
        validate=validate.OneOf(("active", "disabled")),
        metadata={
            "description": "`disabled` ends sessions and keys at once; `active` revives no session, and invites whoever"
            " has no password."
        },
    )


class UserQuery(PageQuery):
    """Which users to list."""

    q = Text(
        load_default=None,
        max_length=120,
        metadata={
            "description": "Beginning of the e-mail address, the username or any word of the full name, whatever its "
            "case (on SQLite only that of a to z)."
        },
    )
    email = EmailAddress(load_default=None)
    role = Role(load_default=None)
    status = Text(load_default=None, validate=validate.OneOf(_STATUSES))
    user_id = Ids(load_default=None)
    sort = Text(
        load_default=CREATED_AT,
        validate=validate.OneOf(SORTS),
        metadata={"description": "`created_at`: newest first; `email`: from a to z."},
    )


UserPage = page_of(UserView)


class DeletedRows(Schema):
    """How much of each kind went with a user."""

    sessions = fields.Integer(required=True)
    tokens = fields.Integer(required=True)
    keys = fields.Integer(required=True)
    codes = fields.Integer(required=True, metadata={"description": "One-time codes: links in mails, half a login."})
    factors = fields.Integer(required=True, metadata={"description": "Second factors: TOTP, recovery codes, passkeys."})


class Deleted(Schema):
    """What a deletion took with it."""

    deleted = fields.Nested(DeletedRows, required=True)


class FactorCount(Schema):
    """How many second factors a user had."""

    factors = fields.Integer(required=True)


class DeletedFactors(Schema):
    """What was taken away."""

    deleted = fields.Nested(FactorCount, required=True)


class Revoked(Schema):
    """How many sessions were ended."""

    revoked = fields.Integer(required=True)


class Reason(Schema):
    """Why somebody acts for a user; it goes into the audit log."""

    reason = Name(required=True, max_length=500, metadata={"example": "Ticket 4711: the invoice page stays empty"})


class ImpersonationView(Schema):
    """An access token with which an admin acts for a user; there is none to refresh it by."""

    user_id = fields.UUID(required=True, attribute="user.user_id")
    session_id = fields.UUID(required=True, attribute="begun.session_id")
    access_token = fields.String(required=True, attribute="begun.access_token")
    token_type = fields.Constant("Bearer", required=True)
    expires_in = fields.Integer(
        required=True, attribute="begun.expires_in", metadata={"description": "Life of the token in seconds."}
    )
    user = fields.Nested(UserView, required=True)
