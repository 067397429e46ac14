"""Statistics and storage over HTTP."""

from marshmallow import fields

from app.limits.schemas import WindowStatus
from app.web.schemas import Moment, Schema, Text


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
    """What happened at a client in the last 30 days, oldest first, up to now.

    Users, sessions in force and keys are as of `measured_at`.
    """

    per_day = fields.List(fields.Nested(DayView), required=True)
    users = fields.Integer(required=True)
    users_by_role = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    sessions = fields.Integer(required=True)
    keys = fields.Nested(KeysInUse, required=True)
    windows = fields.List(fields.Nested(WindowStatus), required=True)
    measured_at = Moment(required=True)


class PartView(Schema):
    """One kind of what a client has; `estimated`: its bytes are its rows times the mean width of such rows."""

    name = Text(required=True, metadata={"example": "users"})
    rows = fields.Integer(required=True)
    bytes = fields.Integer(required=True)
    estimated = fields.Boolean(required=True)


class StorageView(Schema):
    """The room that a client takes, indexes included, the largest part first."""

    bytes = fields.Integer(required=True)
    parts = fields.List(fields.Nested(PartView), required=True)
    measured_at = Moment(required=True)


class DayOfAll(Schema):
    """One day (UTC) of all clients. Failures are refused sign-ups and logins."""

    started_at = Moment(required=True)
    signups = fields.Integer(required=True)
    logins = fields.Integer(required=True)
    failures = fields.Integer(required=True)


class LargeClient(Schema):
    """A client that takes much room."""

    client_id = fields.UUID(required=True)
    client_name = Text(required=True)
    slug = Text(required=True)
    bytes = fields.Integer(required=True)


class InstallationView(Schema):
    """All clients that there are, together, save the operators' own; days are oldest first, the last is today."""

    clients = fields.Integer(required=True)
    clients_by_status = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    clients_by_tier = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    users = fields.Integer(required=True)
    users_by_role = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    sessions = fields.Integer(required=True)
    keys = fields.Nested(KeysInUse, required=True)
    storage_bytes = fields.Integer(required=True)
    largest_clients = fields.List(fields.Nested(LargeClient), required=True)
    per_day = fields.List(fields.Nested(DayOfAll), required=True)
    measured_at = Moment(required=True)
