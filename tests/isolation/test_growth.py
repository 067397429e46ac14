"""What a client reads of itself does not move with its neighbours, on any route that reads (TEN-08)."""

from collections.abc import Iterator
from uuid import UUID

import httpx
from flask import Flask

from app.web import inner_calls
from tests.factories import Tenant, bearer, register
from tests.isolation.examining import examined

MOVES_BY_ITSELF = ("/isolation-report", "/rate-limit-status", "/stats", "/storage", "/.well-known/")
"""What tells of moments or of the client's own calls; app.statistics and others have tests of their own."""


def reads(app: Flask, tenant: Tenant) -> Iterator[tuple[str, str]]:
    """Yield every route of the live map that reads of a client without naming anything else, and its path."""
    with app.app_context():
        for route in inner_calls.routes():
            still = not any(part in route.path for part in MOVES_BY_ITSELF)
            if still and route.method == "GET" and route.parameters == ("client_id",) and "anyone" not in route.kinds:
                yield str(route), route.filled({"client_id": tenant.client_id})


def test_TEN_08_no_answer_moves_when_another_client_grows(app: Flask, api: httpx.Client) -> None:
    mine = register(api, admin=True)
    user, admin = mine.sign_up(), mine.log_in_admin()
    sent = [bearer(mine.access_key), bearer(user.access_token), bearer(admin.access_token)]

    def answers() -> dict[tuple[str, int], tuple[int, str]]:
        found = {}
        for name, path in reads(app, mine):
            for who, headers in enumerate(sent):
                answer = api.get(path, headers=headers)
                body = answer.text.replace(answer.headers["x-request-id"], "")
                found[name, who] = answer.status_code, body
        return found

    answers()  # what is refused is noted once for each minute
    before = {name: told for name, told in answers().items() if "audit-logs" not in name[0]}
    theirs = register(api, admin=True)
    for _ in range(3):
        theirs.sign_up().call("GET", "/me")
    theirs.call("POST", "/keys", json={"name": "Growth"})
    theirs.call("PUT", "/roles/growth", json={"permissions": ["read"]})
    after = {name: told for name, told in answers().items() if name in before}
    assert after == before
    assert sum(status == 200 for status, _ in before.values()) >= 12


def test_TEN_08_a_report_of_isolation_tells_no_client_how_many_others_there_are(app: Flask, tenant: Tenant) -> None:
    def told() -> dict[str, object]:
        whole = examined(app, newer_than=UUID(tenant.client_id)).report["checks"]
        known.append({check["name"]: check["counts"] for check in whole})
        installation: dict[str, object] = tenant.call("GET", "/isolation-report").json()["report"]["installation"]
        return {name: value for name, value in installation.items() if name != "measured_at"}

    known: list[dict[str, dict[str, int]]] = []
    before = told()
    register(tenant.api)
    assert told() == before
    assert [one["rows.of_no_user"].get("clients", 0) for one in known] == [0, 1], "the operators' own does count them"
