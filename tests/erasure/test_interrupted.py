"""R-17: erasures that are killed in the middle, and erasures of clients that are in full use."""

import subprocess
import sys
import threading
from datetime import timedelta

import httpx
import pytest
from flask import Flask

from app.core import chores
from app.erasure import carrying_out
from app.onboarding import documents
from tests import servers
from tests.concurrency import at_once
from tests.database import rows, uuid_text
from tests.erasure import traces
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email, register

KILLS = 3
PLANTED = 100
PEOPLE = 12


@pytest.mark.timeout(120)
def test_R_17_an_erasure_killed_again_and_again_is_finished_with_every_row_counted_once(
    app: Flask, tenant: Tenant, environment: dict[str, str], database_url: str
) -> None:
    tenant.sign_up()
    traces.plant(database_url, tenant.client_id, times=PLANTED)
    before = traces.left(database_url, tenant.client_id)
    command = [sys.executable, "-m", "tests.erasure.killed_process", tenant.client_id, tenant.slug, str(KILLS)]
    with subprocess.Popen(command, cwd=servers.ROOT, env=servers.clean_environment(environment), stdout=-1) as process:
        assert process.stdout is not None
        for killed in process.stdout:
            assert float(killed) >= 0, "it came to its end before it was killed: there is too little to do"
            assert tenant.call("GET", "/users").status_code == 401
    now = traces.left(database_url, tenant.client_id)
    assert now["clients"] == 1
    assert sum(now.values()) < sum(before.values()), "no process was killed in the middle of its work"
    with app.app_context():
        chores.run(carrying_out.CHORE)
    assert traces.left(database_url, tenant.client_id) == {}
    done = rows(
        database_url,
        "SELECT receipt FROM erasures WHERE erased_client_id = :id",
        id=uuid_text(database_url, tenant.client_id),
    )[0]
    with app.app_context():
        told = documents.verify(documents.ERASURE_RECEIPT, done["receipt"])["deleted"]
    assert told.items() >= {name: number for name, number in before.items() if name in told}.items()
    assert told["users"] == 1


def test_R_17_a_client_erased_while_its_people_come_and_go_leaves_nothing_and_nobody_in(
    app: Flask, live: httpx.Client, operator: Operator, database_url: str
) -> None:
    tenant = register(live)
    people, busy = [tenant.sign_up() for _ in range(PEOPLE)], threading.Semaphore(0)

    def come_and_go(number: int) -> set[int]:
        if number == PEOPLE:
            assert all(busy.acquire(timeout=30) for _ in range(PEOPLE // 2))
            path = f"/api/v1/clients/{tenant.client_id}"
            return {
                live.delete(path, params={"confirm": tenant.slug}, headers=bearer(operator.access_token)).status_code
            }
        person, seen = people[number], set()
        for _ in range(6):
            seen |= {
                tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}).status_code,
                tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD}).status_code,
                tenant.call("POST", "/signup", json={"email": fresh_email(), "password": PASSWORD}).status_code,
                tenant.call("POST", "/keys", json={"name": "race", "kind": "secret"}).status_code,
                person.call("PATCH", "/me", json={"full_name": "Racer"}).status_code,
                person.call("POST", "/logout").status_code,
            }
            busy.release()
        return seen

    *seen, erased = at_once(PEOPLE + 1, come_and_go)
    assert erased == {200}, erased
    assert {200, 401} <= set().union(*seen) <= {200, 201, 204, 401, 404}, seen
    for _ in range(12):  # whichever worker answers
        assert tenant.call("GET", "/users").status_code == 401
        assert people[0].call("GET", "/me").status_code == 401
    with app.app_context():
        list(carrying_out.sweep(after=timedelta(0)))
    assert traces.left(database_url, tenant.client_id) == {}
