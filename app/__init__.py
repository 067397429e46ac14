"""Rowlock: an authentication service in which every client has its users in a table of its own.

create_app() is the only place that knows every feature.
"""

from flask import Flask

from app.accounts import authentication, me_routes, mfa_routes, passkey_routes, recovery_routes
from app.accounts import routes as account_routes
from app.audit import routes as audit_routes
from app.audit import service as audit
from app.clients import freshness
from app.clients import service as clients
from app.console import routes as console_routes
from app.core import background, engines, logs, settings
from app.core import db as doors
from app.core.settings import Settings
from app.erasure import carrying_out
from app.erasure import cli as erasure_cli
from app.erasure import routes as erasure_routes
from app.extensions import db, jwt, migrate
from app.hosted import routes as hosted_routes
from app.isolation import cli as isolation_cli
from app.isolation import routes as isolation_routes
from app.isolation import service as isolation_reports
from app.keys import authentication as key_authentication
from app.keys import origins, verify_routes
from app.keys import routes as key_routes
from app.limits import routes as limit_routes
from app.onboarding import boot, cli, client_defaults, diagrams, housekeeping, outbox_routes, readiness
from app.onboarding import routes as client_routes
from app.roles import routes as role_routes
from app.sessions import routes as session_routes
from app.statistics import routes as statistics_routes
from app.statistics import service as statistics
from app.transfer import cli as transfer_cli
from app.transfer import jobs, snapshot_chores, snapshot_cli
from app.transfer import routes as bundle_routes
from app.user_management import routes as user_routes
from app.user_management import transfer_routes
from app.users import service as user_service
from app.users import store as users
from app.web import cli as docs_cli
from app.web import (
    console_pages,
    cors,
    docs,
    front_door,
    guards,
    headers,
    health,
    limits,
    metrics,
    nowhere,
    page_session,
    problems,
    requests,
    uploads,
)
from app.web.application import Application
from app.web.authenticators import FrontDoor
from app.web.blueprint import Api
from config import flask_config

BLUEPRINTS = (
    health.bp,
    metrics.bp,
    docs.bp,
    client_routes.bp,
    erasure_routes.bp,
    session_routes.bp,
    account_routes.bp,
    me_routes.bp,
    mfa_routes.bp,
    recovery_routes.bp,
    passkey_routes.bp,
    console_routes.bp,
    role_routes.bp,
    user_routes.bp,
    key_routes.bp,
    verify_routes.bp,
    limit_routes.bp,
    statistics_routes.bp,
    statistics_routes.admin_bp,
    outbox_routes.bp,
    audit_routes.bp,
    transfer_routes.bp,
    bundle_routes.bp,
    isolation_routes.bp,
)
CHORES = (
    housekeeping.tidy,
    carrying_out.carry_on_all,
    statistics.keep,
    isolation_reports.daily,
    jobs.carry_out,
    snapshot_chores.take_due,
    snapshot_chores.tidy,
)
"""What is done in the background; a chore is known from the import of its module on (app.core.chores)."""
CHECKS = {"database": readiness.database, "migrations": readiness.migrations, "redis": readiness.redis}


def create_app(chosen: Settings | None = None) -> Flask:
    """Return the application under the settings given, else those of the environment; raises SettingsError."""
    chosen = chosen or Settings.from_environment()
    settings.use(chosen)
    client_defaults.check()
    logs.configure(chosen)
    app = Application(__name__, instance_path=str(chosen.instance_path), static_folder=None)
    app.config.update(flask_config(chosen))
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False  # an empty id in a path is no id, never a redirect to a shorter path
    chosen.instance_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(readiness.MIGRATIONS), compare_type=True)
    jwt.init_app(app)
    _open_front_door(app)
    background.attach(app, chosen)
    freshness.ask_elsewhere(boot.redis_is_in_use)
    role_routes.init_app(app, count_holders=user_service.count_of_role)
    with app.app_context():
        engines.prepare_engines()
        if not chosen.is_sqlite:
            for name in (engines.AUTOCOMMIT, engines.ASIDE):
                doors.frame_transactions(db.engines[name])
        for engine in db.engines.values():
            users.fill_in_names(engine)
    cli.init_app(app)
    erasure_cli.init_app(app)
    isolation_cli.init_app(app)
    transfer_cli.init_app(app)
    snapshot_cli.init_app(app)
    docs_cli.init_app(app, tables=diagrams.page)
    guards.check_all_guarded(app)
    return app


def _open_front_door(app: Flask) -> None:
    """Install hooks, errors and routes; the order of the hooks is the order in which a request meets them."""
    headers.init_app(app)
    requests.init_app(app)
    metrics.init_app(app)
    cors.init_app(app, origins.is_allowed)
    door = FrontDoor(
        keys=key_authentication.authenticate,
        confirm=key_authentication.confirm,
        used=key_authentication.use,
        access_tokens=authentication.authenticate,
        enrollees=authentication.authenticate_enrollee,
        refused=audit.record_refusal,
    )
    front_door.init_app(app, door)
    page_session.init_app(app)
    limits.init_app(app)
    problems.init_app(app)
    health.init_app(app, CHECKS)
    api = Api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    uploads.init_app(app)
    docs.init_app(app, api, find_client=clients.require_active)
    nowhere.init_app(app)
    app.register_blueprint(hosted_routes.bp)
    app.register_blueprint(console_pages.bp)
