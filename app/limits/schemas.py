"""Tiers and limits over HTTP."""

from typing import Any

from marshmallow import fields, validate

from app.core.settings_rules import MOST_REQUESTS
from app.web.pages import page_of
from app.web.schemas import Moment, Schema, Text, Whole


class Limit(Whole):
    """How many calls a window lets through; null means that there is no such window."""

    def __init__(self, **options: Any) -> None:
        """Bound the number."""
        super().__init__(least=1, most=MOST_REQUESTS, allow_none=True, **options)


class TierLimits(Schema):
    """The limits of a tier; null means that there is no such window."""

    requests_per_minute = Limit(required=True)
    requests_per_hour = Limit(required=True)
    requests_per_day = Limit(required=True)
    user_requests_per_minute = Limit(required=True)
    user_requests_per_hour = Limit(required=True)
    verify_requests_per_minute = Limit(required=True)


class NewTierLimits(TierLimits):
    """All limits of a tier; null means that there is no such window.

    The limits of each user are 60 a minute and 1,000 an hour if not named; `POST /keys/verify` has none if not named.
    """

    user_requests_per_minute = Limit()
    user_requests_per_hour = Limit()
    verify_requests_per_minute = Limit()


class Overrides(Schema):
    """What a client has of its own over its tier: a limit that is not named is the tier's, null means no window."""

    requests_per_minute = Limit()
    requests_per_hour = Limit()
    requests_per_day = Limit()
    user_requests_per_minute = Limit()
    user_requests_per_hour = Limit()
    verify_requests_per_minute = Limit()


class LevelView(Schema):
    """A limit and the level it comes from."""

    value = fields.Integer(required=True, allow_none=True)
    source = fields.String(required=True, validate=validate.OneOf(["tier", "client"]))


class LimitLevels(Schema):
    """Every limit in force, with the level it comes from; null means that there is no such window."""

    requests_per_minute = fields.Nested(LevelView, required=True)
    requests_per_hour = fields.Nested(LevelView, required=True)
    requests_per_day = fields.Nested(LevelView, required=True)
    user_requests_per_minute = fields.Nested(LevelView, required=True)
    user_requests_per_hour = fields.Nested(LevelView, required=True)
    verify_requests_per_minute = fields.Nested(LevelView, required=True)


class TierView(Schema):
    """A tier, and where it is set."""

    name = Text(required=True)
    source = fields.String(required=True, validate=validate.OneOf(["built_in", "setting", "operator"]))
    limits = fields.Nested(TierLimits, required=True)


TierPage = page_of(TierView)


class WindowStatus(Schema):
    """One window as it stands: one more call is free at `reset_at`."""

    name = fields.String(required=True)
    limit = fields.Integer(required=True)
    seconds = fields.Integer(required=True)
    remaining = fields.Integer(required=True)
    reset_at = Moment(required=True, attribute="reset_moment")


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
