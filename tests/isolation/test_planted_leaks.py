"""What is planted in the routes or among the rows is found, and the report says where."""

from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import db, isolation
from app.core.actors import SystemActor
from app.core.isolation import Crossing
from app.isolation import database as examination
from app.isolation import probes
from app.isolation.models import Target
from app.isolation.open_routes import OPEN, OPEN_ROUTES
from app.isolation.walk import Walk
from app.onboarding import registration
from app.users.store import UserDirectory
from app.web import front_door, inner_calls, rights
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import anyone, client_key, guard
from tests import database
from tests.conftest import settings_from
from tests.factories import Tenant
from tests.isolation.examining import READS, examined, failed
from tests.support.applications import another_application

VIEW = "users.list_users"
WRITES = (
    "DELETE /api/v1/clients/{client_id}",
    "PATCH /api/v1/clients/{client_id}",
    "POST /api/v1/clients/{client_id}/access-key/rotate",
    "POST /api/v1/clients/{client_id}/limits/reset",
    "POST /api/v1/clients/{client_id}/sessions/revoke-all",
)
OWNED = "INSERT INTO recovery_codes (client_id, user_id, digest) VALUES (:client, :user, :digest)"


def test_planted_leak_a_front_door_that_forgets_whose_path_it_is(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_door, "_check_path", lambda *_: None)
    report = examined(app)
    found = failed(report)
    assert report.passed is False
    # Most services ask the caller, not the path, whose rows are meant: what is answered is the caller's own.
    assert f"{READS}: access key got 200" in found["routes.foreign_client"]


def test_planted_leak_a_guard_that_is_taken_off(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_path(client_id: UUID) -> dict[str, list[str]]:
        with db.reading():
            return {"users": [user.email for user in UserDirectory(client_id).batch(after=None, limit=9)]}

    monkeypatch.setitem(app.view_functions, VIEW, guard(anyone)(of_path))
    found = failed(examined(app))
    assert found.keys() == {"canaries.unseen", "routes.guarded"}
    assert f"{READS}: no credential was shown rows of another client" in found["canaries.unseen"]
    monkeypatch.setitem(app.view_functions, VIEW, of_path)
    assert failed(examined(app)) == {"routes.guarded": [f"{READS}: no guard"]}


def test_planted_leak_a_guard_that_is_taken_off_what_writes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        writing = [route for route in inner_calls.routes() if str(route) in WRITES]
    for route in writing:
        monkeypatch.setitem(app.view_functions, route.endpoint, guard(anyone)(lambda **_: None))
    opened = [f"{route}: open to anyone, which only a few routes may be" for route in writing]
    assert failed(examined(app, WRITES)) == {"routes.guarded": opened}
    assert len(opened) == len(WRITES)


def test_the_list_of_open_routes_is_that_of_the_live_map(app: Flask) -> None:
    with app.app_context():
        found = {str(route) for route in inner_calls.routes() if route.kinds & OPEN}
    assert found == OPEN_ROUTES


def test_planted_leak_what_is_for_operators_admits_everyone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "admitted", lambda *_: True)
    assert "GET /api/v1/clients: access key got 200" in failed(examined(app))["routes.operators_only"]


def test_planted_leak_in_a_route_that_is_new(app: Flask, environment: dict[str, str]) -> None:
    bp, theirs = Blueprint("leaks", __name__, url_prefix=CLIENT), list[UUID]()

    @bp.route("/leak")
    @guard(client_key())
    @bp.response(200)
    def leak() -> dict[str, list[str]]:
        with isolation.across(Crossing.REPORT), db.reading():
            return {"users": [user.email for user in UserDirectory(theirs[0]).batch(after=None, limit=9)]}

    with another_application(settings_from(environment)) as application, pytest.MonkeyPatch.context() as patched:
        application.register_blueprint(bp)
        every = inner_calls.routes
        patched.setattr(inner_calls, "routes", lambda: [route for route in every() if route.path.endswith("/leak")])
        attacker, target = probes.make(), probes.make()
        theirs.append(target.client_id)
        walk = Walk(attacker, Target(target.client_id, target.ids, target.canaries, target.user_token, watched=True))
        assert list(walk.steps()) == [(1, 1)]
        for probe in (attacker, target):
            probes.remove(probe.client_id)
    places = {place.partition(":")[0] for check in walk.checks for place in check.failures}
    assert places == {"GET /api/v1/{client_id}/leak"}


def test_planted_rows_without_a_client_or_a_user_are_found(app: Flask, tenant: Tenant) -> None:
    tenant.sign_up()
    client_id, before = UUID(tenant.client_id), tenant.call("GET", "/me/nothing").status_code
    with app.app_context():
        assert examination.rows_of_no_client().failures == []
        for client in (uuid4(), client_id):
            plant(OWNED, client=client, user=uuid4(), digest=uuid4().bytes * 2)
        nobodys, own = examination.rows_of_no_client(), examination.of_client(client_id)[-1]
        users = examination.new_check_of_users()
        assert sum(examination.rows_of_no_user(users)) > 0
        plant("DELETE FROM recovery_codes WHERE digest IS NOT NULL AND spent_at IS NULL")
    assert before == 404
    assert nobodys.failures == ["recovery_codes: rows of 1 clients that do not exist"]
    assert own.failures == ["recovery_codes: 1 users that do not exist"]
    assert f"{client_id}: recovery_codes: 1 users that do not exist" in users.failures


def test_a_probe_that_a_run_left_behind_is_swept_and_nobody_else(
    app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        left = probes.make()
        slug = "isolation-probe-0123456789abcdef-0123456789abcdef"
        real = registration.register(SystemActor(), client_name="Named before", slug=slug, probe=True)
        assert probes.sweep() == 0
        monkeypatch.setattr(probes, "LEFT_ALONE", -probes.LEFT_ALONE)
        assert probes.sweep() == 1
        known = {UUID(str(row["client_id"])) for row in database.rows(database_url, "SELECT client_id FROM clients")}
        assert (left.client_id in known, real.client_id in known) == (False, True)
        probes.remove(real.client_id)


def plant(statement: str, **values: object) -> None:
    """Send a statement of one's own, as something that went wrong would have."""
    sent = {name: _as_kept(value) for name, value in values.items()}
    with isolation.across(Crossing.REPORT), db.unit_of_work():
        db.execute(text(statement), sent)


def _as_kept(value: object) -> object:
    if isinstance(value, UUID):
        return str(value) if db.is_postgresql() else value.hex
    return value
