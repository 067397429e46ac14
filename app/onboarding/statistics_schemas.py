"""Statistics over HTTP."""

from marshmallow import fields

from app.limits.schemas import WindowStatus
from app.web.schemas import Moment, Schema


class DayView(Schema):
    """One day (UTC). Failures are refused sign-ups and logins; refusals are calls over a limit."""

    started_at = Moment(required=True)
    signups = fields.Integer(required=True)
    logins = fields.Integer(required=True)
    failures = fields.Integer(required=True)
    active_users = fields.Integer(required=True)
    requests = fields.Integer(required=True)
    refusals = fields.Integer(required=True)


class KeysInUse(Schema):
    """API keys in use by kind."""

    secret = fields.Integer(required=True)
    publishable = fields.Integer(required=True)


class StatisticsView(Schema):
    """What happened at a client in the last 30 days, oldest first."""

    per_day = fields.List(fields.Nested(DayView), required=True)
    users = fields.Integer(required=True)
    users_by_role = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    keys = fields.Nested(KeysInUse, required=True)
    windows = fields.List(fields.Nested(WindowStatus), required=True)
    measured_at = Moment(required=True)
