"""Makes isolation reports for tests, of the whole route map or of some of it."""

from collections.abc import Iterable
from uuid import UUID

from flask import Flask
from pytest import MonkeyPatch

from app.core import chores, db, isolation
from app.core.ids import new_id
from app.core.isolation import Crossing
from app.isolation import queries, service, store
from app.isolation.models import FAILED, Report
from app.onboarding import platform
from app.web import inner_calls

READS = "GET /api/v1/{client_id}/users"
FEW = (READS, "GET /api/v1/{client_id}/keys/{key_id}", "GET /api/v1/clients", "GET /api/v1/{client_id}/me")


def examined(app: Flask, routes: Iterable[str] | None = FEW, *, newer_than: UUID | None = None) -> Report:
    """Have the chore make the report of the installation, over some routes or (None) all of them; return it.

    With only some routes, lost rows are looked for only of clients that are newer than one, or than this moment: other
    tests have left many.
    """
    wanted, every, first = None if routes is None else set(routes), inner_calls.routes, newer_than or new_id()
    listed = queries.clients_after
    with MonkeyPatch.context() as patched, app.app_context():
        if wanted is not None:
            patched.setattr(inner_calls, "routes", lambda: [route for route in every() if str(route) in wanted])
            patched.setattr(queries, "clients_after", lambda last, *, limit: listed(last or first, limit=limit))
        assert chores.run(service.CHORE)
        with isolation.across(Crossing.REPORT), db.reading():
            found = store.find(platform.require().client_id)
    assert found is not None
    return found


def failed(report: Report) -> dict[str, list[str]]:
    """Return where a report says that something is wrong, by check."""
    return {check["name"]: check["failures"] for check in report.report["checks"] if check["status"] == FAILED}
