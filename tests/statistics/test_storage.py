"""The room that clients take, and the totals of all of them: as large as what they have, and nobody else's."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from app.audit.tables import audit_logs
from app.core import clock, db, isolation
from app.core.ids import new_id
from app.core.isolation import Crossing
from app.statistics import measuring
from tests import database
from tests.factories import PASSWORD, Operator, Tenant, bearer
from tests.flows.observing import watched
from tests.statistics.conftest import Installation

pytestmark = pytest.mark.usefixtures("at_once_counted")
PARTS = {"users", "sessions", "tokens", "keys", "audit_logs", "usage", "mails", "codes", "factors", "other"}


def storage(tenant: Tenant) -> dict[str, Any]:
    answer = tenant.call("GET", "/storage")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def parts(tenant: Tenant) -> dict[str, dict[str, Any]]:
    return {part["name"]: part for part in storage(tenant)["parts"]}


def test_storage_is_measured_at_the_first_call_and_grows_with_what_a_client_has(installation: Installation) -> None:
    tenant, other = installation.tenant(), installation.tenant()
    before, others = storage(tenant), storage(other)
    assert {part["name"] for part in before["parts"]} == PARTS
    assert before["bytes"] == sum(part["bytes"] for part in before["parts"])
    for _ in range(50):
        tenant.sign_up()
    installation.roll_up()
    after, grown = storage(tenant), parts(tenant)
    assert after["measured_at"] > before["measured_at"]
    assert [grown[name]["rows"] for name in ("users", "sessions", "tokens")] == [50] * 3
    assert grown["audit_logs"]["rows"] >= 51
    assert grown["keys"]["rows"] == 2  # its access key and its signing key
    assert [grown[name]["estimated"] for name in ("users", "tokens")] == [False, True]
    assert grown["users"]["bytes"] > 50 * 100
    assert after["bytes"] > before["bytes"] + 50 * 300
    assert [part["bytes"] for part in after["parts"]] == sorted(
        (part["bytes"] for part in after["parts"]), reverse=True
    )
    assert storage(other)["parts"] == others["parts"]  # TEN-08


def test_TEN_08_what_a_client_takes_is_told_alike_however_many_rows_another_has(installation: Installation) -> None:
    tenant, other = installation.tenant(), installation.tenant()
    tenant.sign_up()
    storage(tenant)
    told = []
    for _ in range(2):
        measure(installation, tenant)
        told.append(storage(tenant))
        fill(installation, other, 1100)
    before, after = ({**answer, "measured_at": None} for answer in told)
    assert told[0]["measured_at"] < told[1]["measured_at"]
    assert after == before


def measure(installation: Installation, tenant: Tenant) -> None:
    with installation.app.app_context(), isolation.across(Crossing.WORKER):
        measuring.measure([UUID(tenant.client_id)])


def fill(installation: Installation, tenant: Tenant, number: int) -> None:
    """Give a client so many wide rows at once, and let the database know how many there are."""
    row = {"client_id": UUID(tenant.client_id), "action": "login", "status": "success", "times": 1}
    row |= {"detail": {"wide": "w" * 500}, "timestamp": clock.now()}
    with installation.app.app_context(), isolation.across(Crossing.SHELL), db.unit_of_work():
        db.execute(insert(audit_logs), [{**row, "audit_id": new_id()} for _ in range(number)])
    database.change(installation.url, "ANALYZE audit_logs")


def test_storage_is_for_who_may_read_it_and_for_operators(installation: Installation) -> None:
    tenant, operator = installation.tenant(admin=True), installation.operator()
    person, leader = tenant.sign_up(), tenant.log_in_admin()
    assert person.call("GET", "/storage").status_code == 403
    assert leader.call("GET", "/storage").status_code == 200
    answer = installation.api.get(f"{tenant.path}/storage", headers=bearer(operator.access_token))
    assert answer.json() == storage(tenant)
    for scopes, status in ((["storage:read"], 200), (["audit:read"], 403)):
        key = tenant.call("POST", "/keys", json={"name": "Reader", "scopes": scopes}).json()["api_key"]
        assert tenant.call("GET", "/storage", headers=bearer(key)).status_code == status


@pytest.fixture(scope="module")
def platform(installation: Installation) -> Iterator[Operator]:
    yield installation.operator()


def totals(platform: Operator) -> dict[str, Any]:
    answer = platform.platform_call("GET", "/admin/stats")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_totals_of_all_clients_are_the_sums_of_what_each_has(
    installation: Installation, platform: Operator
) -> None:
    installation.roll_up()
    before = totals(platform)
    tenant, probe = installation.tenant(admin=True), installation.tenant()
    rename(installation, probe, "isolation-probe-1")
    person = tenant.sign_up()
    probe.sign_up()
    tenant.log_in(person.email)
    tenant.call("POST", "/login", json={"email": person.email, "password": "not the password"})
    tenant.call("POST", "/keys", json={"name": "One"})
    platform.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"status": "suspended", "tier": "pro"})
    assert totals(platform) == before  # until it is summed up
    installation.roll_up()
    after = totals(platform)

    def more(name: str) -> dict[str, int]:
        return {
            key: value - before[name].get(key, 0)
            for key, value in after[name].items()
            if value != before[name].get(key)
        }

    assert after["clients"] - before["clients"] == 1
    assert (more("clients_by_status"), more("clients_by_tier")) == ({"suspended": 1}, {"pro": 1})
    assert after["users"] - before["users"] == 2
    assert more("users_by_role") == {"user": 1, "admin": 1}
    assert (after["sessions"] - before["sessions"], more("keys")) == (2, {"secret": 1})
    assert after["storage_bytes"] > before["storage_bytes"]
    today, then = after["per_day"][-1], before["per_day"][-1]
    assert [today[name] - then[name] for name in ("signups", "logins", "failures")] == [1, 1, 1]
    assert len(after["per_day"]) == 30
    listed = [client["bytes"] for client in after["largest_clients"]]
    assert listed == sorted(listed, reverse=True)
    assert len(listed) <= 10
    assert after["measured_at"] > before["measured_at"]


def rename(installation: Installation, tenant: Tenant, slug: str) -> None:
    with installation.app.app_context(), isolation.across(Crossing.SHELL), db.unit_of_work():
        db.execute(text("UPDATE clients SET slug = :slug WHERE slug = :old"), {"slug": slug, "old": tenant.slug})


def test_the_totals_are_for_operators_alone(installation: Installation) -> None:
    tenant = installation.tenant(admin=True)
    assert installation.api.get("/api/v1/admin/stats").status_code == 401
    for credential in (tenant.access_key, tenant.log_in_admin().access_token):
        assert installation.api.get("/api/v1/admin/stats", headers=bearer(credential)).status_code == 403


def test_clients_are_listed_by_the_room_they_take_page_by_page(installation: Installation, platform: Operator) -> None:
    small, large, new = installation.tenant(), installation.tenant(), installation.tenant()
    for _ in range(60):
        large.sign_up()
    installation.roll_up()
    late = installation.tenant()  # not measured yet
    listed: list[str] = []
    query: dict[str, Any] = {"sort": "storage", "limit": 2}
    while True:
        page = platform.platform_call("GET", "/clients", params=query).json()
        listed += [client["client_id"] for client in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    everybody = platform.platform_call("GET", "/clients", params={"limit": 100}).json()["items"]
    assert sorted(listed) == sorted(client["client_id"] for client in everybody)
    places = [listed.index(client.client_id) for client in (large, small, new, late)]
    assert places[0] < min(places[1:])
    assert listed[-1] == late.client_id
    sizes = [storage(Tenant(large.api, one.client_id, one.access_key, one.slug, "")) for one in (large, small)]
    assert sizes[0]["bytes"] > sizes[1]["bytes"]


def test_what_a_call_asks_the_database_does_not_grow_with_clients_or_their_past(
    installation: Installation, platform: Operator
) -> None:
    tenant = installation.tenant()
    installation.roll_up()

    def asked() -> list[int]:
        numbers = []
        for call in (
            lambda: tenant.call("GET", "/stats"),
            lambda: tenant.call("GET", "/storage"),
            lambda: totals(platform),
            lambda: platform.platform_call("GET", "/clients", params={"sort": "storage", "limit": 1}),
        ):
            call()
            with watched(installation.app) as work:
                call()
            numbers.append(len(work.statements))
        return numbers

    before = asked()
    for _ in range(5):
        installation.tenant().sign_up()
        person = tenant.sign_up()
        tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD})
    installation.roll_up()
    assert asked() == before
    assert max(before) <= 12
