"""Tiers and limits over HTTP."""

from marshmallow import fields, validate

from app.core.settings_rules import MOST_REQUESTS
from app.limits.tiers import LIMIT_NAMES
from app.web.schemas import Moment, Schema, Text, Whole


class TierLimits(Schema):
    """The limits of a tier; null means that there is no such window."""


class NewTierLimits(Schema):
    """All limits of a tier.

    A `requests_per_…` that is not named has no window; the limits of each user are 60 and 1,000 if not named.
    """


class LevelView(Schema):
    """A limit and the level it comes from."""

    value = fields.Integer(required=True, allow_none=True)
    source = fields.String(required=True, validate=validate.OneOf(["tier", "client"]))


class LimitLevels(Schema):
    """Every limit in force, with the level it comes from."""


class Overrides(Schema):
    """What a client has of its own; only those it has."""


for _name in LIMIT_NAMES:
    TierLimits._declared_fields[_name] = fields.Integer(required=True, allow_none=True)
    NewTierLimits._declared_fields[_name] = Whole(least=1, most=MOST_REQUESTS, allow_none=True)
    LimitLevels._declared_fields[_name] = fields.Nested(LevelView, required=True)
    Overrides._declared_fields[_name] = fields.Integer(allow_none=True)


class TierView(Schema):
    """A tier, and where it is set."""

    name = Text(required=True)
    source = fields.String(required=True, validate=validate.OneOf(["built_in", "setting", "operator"]))
    limits = fields.Nested(TierLimits, required=True)


class Tiers(Schema):
    """All tiers."""

    items = fields.List(fields.Nested(TierView), required=True)


class WindowStatus(Schema):
    """One window as it stands."""

    name = fields.String(required=True)
    limit = fields.Integer(required=True)
    seconds = fields.Integer(required=True)
    remaining = fields.Integer(required=True)
    reset_at = Moment(required=True)


class RefusalsView(Schema):
    """The calls that were refused in one hour (UTC)."""

    started_at = Moment(required=True)
    refusals = fields.Integer(required=True)


class LimitStatusView(Schema):
    """How a client stands against its limits."""

    tier = Text(required=True)
    windows = fields.List(fields.Nested(WindowStatus), required=True)
    limits = fields.Nested(LimitLevels, required=True)
    overrides = fields.Nested(Overrides, required=True)
    refusals_per_hour = fields.List(fields.Nested(RefusalsView), required=True)
