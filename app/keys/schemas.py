"""Keys over HTTP."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.core.settings_rules import MOST_REQUESTS
from app.keys.models import PUBLISHABLE, SECRET
from app.keys.rotation import MAX_GRACE_SECONDS
from app.keys.service import DEFAULT_EXPIRY_DAYS
from app.roles.schemas import WORD, Scope
from app.web.pages import PageQuery, page_of
from app.web.schemas import Ids, Listed, Moment, Name, Schema, Text, WebOrigin, WebOrigins, Whole

_MOST_USES = 10**12
_MOST_LISTED = 50
_LOOKS_LIKE_A_KEY = re.compile(r"[a-z]{3}_[a-z]{2}_[0-9A-Za-z]{49}\Z")


class Network(Text):
    """An address or network (CIDR), in its canonical form."""

    def __init__(self, **options: Any) -> None:
        """Bound its length."""
        super().__init__(max_length=64, metadata={"example": "203.0.113.0/24"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError as wrong:
            raise self._refusal() from wrong
        if "%" in text:
            raise self._refusal()
        # Callers' IPv4 addresses count in their own form, also where they come written as IPv6 (::ffff:192.0.2.1).
        mapped = getattr(network.network_address, "ipv4_mapped", None) if network.prefixlen >= 96 else None
        return str(network if mapped is None else ipaddress.ip_network((mapped, network.prefixlen - 96)))

    @staticmethod
    def _refusal() -> ValidationError:
        return ValidationError("This is neither an address nor a network such as 203.0.113.0/24.")


class Rotation(Schema):
    """How long the old key goes on working."""

    grace_seconds = Whole(least=0, most=MAX_GRACE_SECONDS, load_default=0, metadata={"example": 3600})


class NewAccessKey(Schema):
    """A new access key, shown this once."""

    access_key = fields.String(required=True)


class KeyLimits(Schema):
    """A key's own windows; what is not named has none."""

    requests_per_minute = Whole(least=1, most=MOST_REQUESTS, metadata={"example": 60})
    requests_per_hour = Whole(least=1, most=MOST_REQUESTS)
    requests_per_day = Whole(least=1, most=MOST_REQUESTS)


class KeySettings(Schema):
    """What may be said of a key when it is made, and changed later."""

    scopes = Listed(Scope(), metadata={"example": ["read"], "description": "None means that it may do nothing."})
    expires_in_days = Whole(least=1, most=3650, allow_none=True, metadata={"description": "From now; null = never."})
    usage_limit = Whole(
        least=1, most=_MOST_USES, allow_none=True, metadata={"description": "Uses in all; null = no quota."}
    )
    rate_limit = fields.Nested(KeyLimits)
    allowed_ips = Listed(Network(), metadata={"description": "Addresses it may be used from; none named = any."})
    allowed_origins = Listed(
        WebOrigin(),
        most=WebOrigins.MOST,
        metadata={"description": "Pages that may call with it; for publishable keys only."},
    )


class NewKey(KeySettings):
    """A key to make."""

    name = Name(required=True, max_length=120, metadata={"example": "Reporting job"})
    kind = Text(load_default=SECRET, validate=validate.OneOf([SECRET, PUBLISHABLE]))
    expires_in_days = Whole(
        least=1,
        most=3650,
        allow_none=True,
        load_default=DEFAULT_EXPIRY_DAYS,
        metadata={"description": "From now; null = never."},
    )


class KeyChange(KeySettings):
    """What to change of a key; what is not named stays."""

    name = Name(max_length=120)


class KeyView(Schema):
    """A key, never its secret. `usage_count` is exact where there is a quota, else at most five seconds behind."""

    key_id = fields.UUID(required=True)
    name = Text(required=True)
    kind = Text(required=True, validate=validate.OneOf([SECRET, PUBLISHABLE]))
    user_id = fields.UUID(required=True, allow_none=True, metadata={"description": "Owner; null = the client."})
    status = fields.String(required=True, validate=validate.OneOf(["active", "expired", "revoked"]))
    scopes = fields.List(fields.String(), required=True)
    prefix = fields.String(required=True)
    last4 = fields.String(required=True)
    usage_limit = fields.Integer(required=True, allow_none=True)
    usage_count = fields.Integer(required=True)
    last_used_at = Moment(required=True, allow_none=True)
    rate_limit = fields.Nested(KeyLimits, required=True)
    allowed_ips = fields.List(fields.String(), required=True)
    allowed_origins = fields.List(fields.String(), required=True)
    created_at = Moment(required=True)
    expires_at = Moment(required=True, allow_none=True)
    revoked_at = Moment(required=True, allow_none=True)
    replaced_by = fields.UUID(
        attribute="counts_as",
        required=True,
        allow_none=True,
        metadata={"description": "The key that took over in a rotation, while there is one."},
    )


class IssuedKey(KeyView):
    """A new key with its secret, shown this once."""

    api_key = fields.String(required=True)


class KeyQuery(PageQuery):
    """Which keys to list."""

    kind = Text(load_default=None, validate=validate.OneOf([SECRET, PUBLISHABLE]))
    status = Text(load_default=None, validate=validate.OneOf(["active"]))
    user_id = fields.UUID(load_default=None, metadata={"description": "Keys of that user's own."})
    key_id = Ids(load_default=None)


KeyPage = page_of(KeyView)


class PeriodView(Schema):
    """One hour or day (UTC)."""

    started_at = Moment(required=True)
    requests = fields.Integer(required=True)
    refusals = fields.Integer(required=True)


class KeyUsageView(Schema):
    """How much a key was used; hours and days oldest first."""

    usage_count = fields.Integer(required=True)
    usage_limit = fields.Integer(required=True, allow_none=True)
    remaining = fields.Integer(required=True, allow_none=True)
    last_used_at = Moment(required=True, allow_none=True)
    per_hour = fields.List(fields.Nested(PeriodView), required=True)
    per_day = fields.List(fields.Nested(PeriodView), required=True)


class KeyCheck(Schema):
    """A key that somebody has sent to you."""

    key = Text(required=True, max_length=200, metadata={"example": "rlk_sk_…"})
    scopes = Listed(Scope(), load_default=list, metadata={"description": "Scopes that the key must hold, all of them."})
    cost = Whole(least=1, most=1_000_000, load_default=1, metadata={"description": "What it takes of the quota."})

    def load(self, data: Any, **options: Any) -> Any:
        """Return a body of a key and scopes; one with anything odd about it goes the long way, which says what."""
        # The usual body is taken as it is: field by field, reading it would cost a fifteenth of the call.
        if type(data) is dict and data.keys() <= {"key", "scopes"}:
            key, scopes = data.get("key"), data.get("scopes", [])
            plain = type(scopes) is list and all(type(scope) is str and WORD.fullmatch(scope) for scope in scopes)
            if plain and len(scopes) <= _MOST_LISTED and type(key) is str and _LOOKS_LIKE_A_KEY.fullmatch(key):
                return {"key": key, "scopes": scopes}
        return super().load(data, **options)


class WindowView(Schema):
    """What is left of a window."""

    limit = fields.Integer(required=True)
    remaining = fields.Integer(required=True)
    reset_at = Moment(required=True)


class KeyWindows(Schema):
    """What is left of a key's own windows; only those it has."""

    requests_per_minute = fields.Nested(WindowView)
    requests_per_hour = fields.Nested(WindowView)
    requests_per_day = fields.Nested(WindowView)


class KeyVerdict(Schema):
    """Whether a key is good. `code` is null for a valid key; `remaining` is of its quota, null if it has none.

    `revoked` is also told while a user's own key is bound not to work: its owner is disabled, or has no second factor
    where the client asks for one.
    """

    valid = fields.Boolean(required=True)
    code = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(
            [
                "not_found",
                "revoked",
                "expired",
                "insufficient_scope",
                "quota_exceeded",
                "rate_limited",
                "forbidden_ip",
            ]
        ),
    )
    key_id = fields.UUID(required=True, allow_none=True)
    client_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True, allow_none=True)
    scopes = fields.List(fields.String(), required=True)
    remaining = fields.Integer(required=True, allow_none=True)
    rate_limit = fields.Nested(KeyWindows, required=True)
    expires_at = Moment(required=True, allow_none=True)
