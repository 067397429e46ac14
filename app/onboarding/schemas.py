"""Clients over HTTP."""

from marshmallow import fields, validate

from app.clients.models import BY_CREATION, BY_NAME, BY_STORAGE
from app.clients.service import SLUG
from app.core.settings_rules import TIER_NAME
from app.limits.schemas import LimitLevels, Overrides
from app.onboarding.settings_schemas import SettingsChange, SettingsView
from app.users.schemas import Password
from app.web.pages import PageQuery, page_of
from app.web.schemas import EmailAddress, Moment, Name, Schema, Text, WebAddress

_STATUSES = ["active", "suspended"]
_SHOWN_STATUSES = [*_STATUSES, "erasing"]
_DOMAIN = validate.Regexp(
    r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+\Z",
    error="This is not a domain name.",
)
_SLUG = validate.Regexp(rf"(?:{SLUG.pattern})\Z", error="Lower-case letters, digits and dashes; at most 63.")


class FirstAdmin(Schema):
    """The client's first user, with the role admin."""

    email = EmailAddress(required=True, metadata={"example": "ada@example.com"})
    password = Password(required=True, metadata={"example": "correct horse battery"})
    full_name = Name(max_length=120)


class Registration(Schema):
    """An organisation that wants its people to log in here."""

    client_name = Name(required=True, max_length=120, metadata={"example": "Acme Ltd"})
    industry = Name(max_length=80)
    slug = Text(max_length=63, validate=_SLUG, metadata={"description": "Made of the name if not sent."})
    domain = Text(max_length=253, validate=_DOMAIN)
    contact_email = EmailAddress()
    admin = fields.Nested(FirstAdmin)


class Registered(Schema):
    """A new client and its access key, shown this once."""

    client_id = fields.UUID(required=True)
    client_name = Text(required=True)
    slug = Text(required=True)
    tier = Text(required=True)
    access_key = fields.String(required=True)
    documentation_url = WebAddress(required=True)
    created_at = Moment(required=True)


class ClientView(Schema):
    """A client; never a secret."""

    client_id = fields.UUID(required=True)
    client_name = Text(required=True)
    slug = Text(required=True)
    domain = Text(required=True, allow_none=True)
    industry = Text(required=True, allow_none=True)
    contact_email = Text(required=True, allow_none=True)
    status = Text(required=True, validate=validate.OneOf(_SHOWN_STATUSES))
    tier = Text(required=True)
    settings = fields.Nested(SettingsView, required=True)
    limits = fields.Nested(LimitLevels, required=True)
    created_at = Moment(required=True)


class ClientChange(Schema):
    """What to change of a client; `tier`, `status` and `limits` are the operator's."""

    client_name = Name(max_length=120)
    slug = Text(max_length=63, validate=_SLUG)
    domain = Text(max_length=253, validate=_DOMAIN, allow_none=True)
    industry = Name(max_length=80, allow_none=True)
    contact_email = EmailAddress(allow_none=True)
    settings = fields.Nested(SettingsChange)
    tier = Text(max_length=32, validate=validate.Regexp(rf"(?:{TIER_NAME.pattern})\Z"))
    status = Text(validate=validate.OneOf(_STATUSES))
    limits = fields.Nested(Overrides)


class ClientQuery(PageQuery):
    """Which clients to list."""

    status = Text(load_default=None, validate=validate.OneOf(_SHOWN_STATUSES))
    tier = Text(load_default=None, max_length=32)
    industry = Text(load_default=None, max_length=80)
    q = Text(load_default=None, max_length=120, metadata={"description": "Beginning of the name or the slug."})
    sort = Text(load_default=BY_CREATION, validate=validate.OneOf([BY_CREATION, BY_NAME, BY_STORAGE]))


ClientPage = page_of(ClientView)
