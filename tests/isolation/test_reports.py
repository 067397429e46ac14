"""The isolation report: what it proves, who reads it, and that anybody can check it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from flask import Flask

from app.core import db
from app.core.errors import TemporarilyUnavailable
from app.isolation import database as examination
from app.isolation import service
from app.isolation.models import Check, Report
from app.onboarding import documents
from app.web import inner_calls
from tests import database, servers
from tests.factories import Operator, Tenant, bearer, register
from tests.isolation.examining import examined, failed

PROBES = "slug LIKE 'isolation-probe-%'"
ABSENT_ON_SQLITE = {"database.policies"}
OF_POSTGRESQL = {"database.grants", "database.roles", "database.functions", "database.reach"}


@pytest.fixture(scope="module")
def whole(app: Flask) -> Report:
    """The report of the installation, over every route."""
    return examined(app, routes=None)


def test_TEN_01_every_route_is_tried_with_every_credential_and_nothing_leaks(whole: Report, app: Flask) -> None:
    assert (whole.passed, failed(whole)) == (True, {})
    with app.app_context():
        routes = inner_calls.routes()
    assert whole.report["tried"]["routes"] == len(routes) == _routes_of(app)
    guarded = [route for route in routes if route.names_client and "anyone" not in route.kinds]
    checks = {check["name"]: check for check in whole.report["checks"]}
    # Each is tried on the real and on an invented path, by six credentials, by two clients' together, and by none.
    assert checks["routes.foreign_client"]["counts"]["requests"] >= 2 * 8 * len(guarded)
    assert whole.report["tried"]["credentials"] == 8
    assert min(checks[name]["counts"]["requests"] for name in ("routes.foreign_objects", "routes.operators_only")) > 0


def test_the_report_says_what_the_database_itself_enforces(whole: Report, database_url: str) -> None:
    on_sqlite = database_url.startswith("sqlite")
    status = {check["name"]: check["status"] for check in whole.report["checks"]}
    assert whole.report["enforced_by_database"] is not on_sqlite
    assert {name for name, how in status.items() if how == "absent"} == (ABSENT_ON_SQLITE if on_sqlite else set())
    assert OF_POSTGRESQL & status.keys() == (set() if on_sqlite else OF_POSTGRESQL)


def test_nothing_of_the_probes_is_left(whole: Report, database_url: str, operator: Operator) -> None:
    assert database.count(database_url, "clients", PROBES) == 0
    known = {row["client_id"] for row in database.rows(database_url, "SELECT client_id FROM clients")}
    for table in ("keys", "sessions", "audit_logs", "roles", "rate_limit_usage", "signing_keys"):
        named = {row["client_id"] for row in database.rows(database_url, f"SELECT client_id FROM {table}")}
        assert named <= known, table
    assert len(database.users_tables(database_url)) == len(known)


def test_a_clients_report_is_signed_and_its_own(whole: Report, tenant: Tenant, other: Tenant, app: Flask) -> None:
    tenant.sign_up()
    answer = tenant.call("GET", "/isolation-report")
    assert answer.status_code == 200
    told = answer.json()
    report = told["report"]
    assert (report["passed"], report["scope"], report["client_id"]) == (True, "client", tenant.client_id)
    assert report["users_table"] == tenant.table
    assert report["installation"]["measured_at"] == whole.report["measured_at"]
    assert report["tried"] == whole.report["tried"]
    with app.app_context():
        signed = documents.verify(documents.ISOLATION_REPORT, told["document"])
    assert {name: signed[name] for name in report} == report
    assert other.client_id not in answer.text
    # How many tables and clients there are beside its own is nothing that a client learns (TEN-08).
    private = [
        one for one in report["installation"]["checks"] if one["name"].startswith(("rows.of_no", "database.pol"))
    ]
    assert [one["counts"] for one in private] == [{}] * 3


def test_who_may_read_a_clients_report(whole: Report, api: httpx.Client, operator: Operator, other: Tenant) -> None:
    mine = register(api, admin=True)
    user, admin = mine.sign_up(), mine.log_in_admin()
    path = f"{mine.path}/isolation-report"
    for credential in (mine.access_key, admin.access_token, operator.access_token):
        assert api.get(path, headers=bearer(credential)).status_code == 200
    assert api.get(path, headers=bearer(user.access_token)).status_code == 403
    assert api.get(path, headers=bearer(other.access_key)).status_code == 404


def test_a_report_is_measured_anew_after_five_minutes_at_the_earliest(whole: Report, tenant: Tenant) -> None:
    first, again = (tenant.call("GET", "/isolation-report").json() for _ in range(2))
    assert first == again


def test_a_report_has_one_measurer_at_a_time_and_none_for_a_while_after_a_failure(
    whole: Report, api: httpx.Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(client_id: UUID) -> list[Check]:
        waiting.append(tenant.call("GET", "/isolation-report"))
        return of_client(client_id)

    def fails(_client_id: UUID) -> list[Check]:
        tried.append(1)
        raise TemporarilyUnavailable

    of_client, waiting, tried = examination.of_client, list[httpx.Response](), list[int]()
    monkeypatch.setattr(examination, "of_client", meanwhile)
    first = tenant.call("GET", "/isolation-report")
    assert (first.status_code, waiting[0].status_code) == (200, 503)
    assert int(waiting[0].headers["Retry-After"]) > 2
    monkeypatch.setattr(service, "KEPT", timedelta(0))
    second = tenant.call("GET", "/isolation-report").json()
    assert waiting[1].json() == first.json() != second
    monkeypatch.setattr(examination, "of_client", fails)
    assert tenant.call("GET", "/isolation-report").status_code == 503
    assert [tenant.call("GET", "/isolation-report").json() for _ in range(2)] == [second, second]
    assert (len(tried), len(waiting)) == (1, 2)


def test_the_cost_of_a_report_is_not_that_of_the_clients_rows(
    whole: Report, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def noted(statement: Any, *rest: Any, **named: Any) -> Any:
        sent.append(str(statement))
        return execute(statement, *rest, **named)

    sent, execute = list[str](), db.execute
    monkeypatch.setattr(db, "execute", noted)
    assert tenant.call("GET", "/isolation-report").json()["report"]["passed"] is True
    assert [one for one in sent if "count(" in one] == []


def test_the_report_is_checked_without_the_service(
    whole: Report, tenant: Tenant, environment: dict[str, str], tmp_path: Path
) -> None:
    document = tmp_path / "report.jws"
    document.write_text(tenant.call("GET", "/isolation-report").json()["document"])
    keys = tmp_path / "keys.json"
    keys.write_text(servers.flask("documents", "keys", environment=environment).stdout)
    nowhere = environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'nowhere.db'}"}
    check = ("documents", "verify", str(document), "--jwks", str(keys), "--json")
    ended = servers.flask(*check, environment=nowhere)
    assert (ended.returncode, json.loads(ended.stdout)["client_id"]) == (0, tenant.client_id)
    head, payload, signature = document.read_text().split(".")
    document.write_text(f"{head}.{payload[:-4]}AAAA.{signature}")
    assert servers.flask(*check, environment=nowhere).returncode == 1


def test_a_probe_has_a_slug_that_no_client_takes_and_stands_in_no_list(
    api: httpx.Client, tenant: Tenant, operator: Operator
) -> None:
    body = {"client_name": "Impostor", "slug": "isolation-probe-00"}
    assert api.post("/api/v1/clients/register", json=body).json()["code"] == "slug_taken"
    change = {"slug": "isolation-probe-00"}
    path = f"/api/v1/clients/{tenant.client_id}"
    assert api.patch(path, json=change, headers=bearer(tenant.access_key)).json()["code"] == "slug_taken"
    found = operator.platform_call("GET", "/clients", params={"q": "isolation-probe"}).json()["items"]
    assert found == []


def _routes_of(app: Flask) -> int:
    return sum(len((rule.methods or set()) - {"HEAD", "OPTIONS"}) for rule in app.url_map.iter_rules())
