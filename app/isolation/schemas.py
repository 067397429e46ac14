"""Isolation reports over HTTP."""

from marshmallow import fields

from app.web.schemas import Moment, Schema


class IsolationCheck(Schema):
    """One question of a report: what it asks, how it ended (`absent`: the database has no such means), and where not.

    `failures` of the installation's checks are told to the operator alone.
    """

    name = fields.String(required=True)
    says = fields.String(required=True)
    status = fields.String(required=True, metadata={"enum": ["passed", "failed", "absent"]})
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    failures = fields.List(fields.String(), required=True)


class IsolationOfInstallation(Schema):
    """What the installation's own report of the day proved of every route."""

    passed = fields.Boolean(required=True)
    measured_at = fields.String(required=True)
    checks = fields.List(fields.Nested(IsolationCheck), required=True)


class IsolationTried(Schema):
    """How much was tried: routes of the live route map, requests, and kinds of credentials."""

    routes = fields.Integer(required=True)
    requests = fields.Integer(required=True)
    credentials = fields.Integer(required=True)


class IsolationVersions(Schema):
    """What was examined: the version of the service and the revision of its tables."""

    rowlock = fields.String(required=True)
    migrations = fields.String(required=True)


class IsolationReport(Schema):
    """What was asked and what was found, as the document says it.

    `enforced_by_database`: the database itself holds every statement to its client (PostgreSQL). `client_id`,
    `users_table` and `installation` stand in a client's own report.
    """

    form = fields.Integer(required=True)
    scope = fields.String(required=True, metadata={"enum": ["client", "installation"]})
    passed = fields.Boolean(required=True)
    measured_at = fields.String(required=True)
    versions = fields.Nested(IsolationVersions, required=True)
    database = fields.String(required=True, metadata={"enum": ["postgresql", "sqlite"]})
    enforced_by_database = fields.Boolean(required=True)
    client_id = fields.String()
    users_table = fields.String()
    checks = fields.List(fields.Nested(IsolationCheck), required=True)
    tried = fields.Nested(IsolationTried, required=True)
    installation = fields.Nested(IsolationOfInstallation)


class IsolationReportView(Schema):
    """A report, and the same signed with the platform's key (compact JWS, ES256; `flask documents verify`)."""

    report = fields.Nested(IsolationReport, required=True)
    document = fields.String(required=True)
    measured_at = Moment(required=True)
