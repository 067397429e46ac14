"""A restoring in the middle of life: killed anywhere it leaves the old or the new, and nobody else feels it."""

import threading
from typing import Any
from uuid import UUID

import httpx
import pytest
from flask import Flask

from app.core import db, isolation
from app.users import bulk
from app.users import service as users
from tests import servers
from tests.factories import PASSWORD, Tenant, register
from tests.transfer import dying
from tests.transfer.snapping import can_log_in, done, keep, put_back, users_of

USERS = 1_000
STEPS = (
    "INSERT INTO restoring_users",
    'DELETE FROM "users_',
    'INSERT INTO "users_',
    "INSERT INTO keys",
    "INSERT INTO audit_logs",
)
"""Statements of a restoring in their order, from laying rows out to the last before its commit."""


def state(tenant: Tenant) -> tuple[Any, ...]:
    """Return all that a restoring changes, as the API shows it."""
    keys = tenant.call("GET", "/keys", params={"limit": "100"}).json()["items"]
    return users_of(tenant), {key["key_id"]: (key["name"], key["status"]) for key in keys}


def test_R_a_restoring_that_is_killed_anywhere_leaves_the_client_as_it_was_or_as_it_is_to_be(
    app: Flask, tenant: Tenant, environment: dict[str, str]
) -> None:
    people, key = [tenant.sign_up() for _ in range(3)], tenant.call("POST", "/keys", json={"name": "Then"}).json()
    then, snapshot_id = state(tenant), keep(app, tenant)
    for person in people[:2]:
        assert tenant.call("DELETE", f"/users/{person.user_id}").status_code == 200
    newcomer = tenant.sign_up()
    assert tenant.call("PATCH", f"/keys/{key['key_id']}", json={"name": "Now"}).status_code == 200
    assert tenant.call("POST", "/keys", json={"name": "Later"}).status_code == 201
    now = state(tenant)
    arguments = ("clients", "restore", tenant.slug, "--snapshot", snapshot_id, "--confirm", tenant.slug)
    with dying.commands(servers.clean_environment(environment)) as commands:
        assert commands.run("clients", "snapshot", tenant.slug, until="FROM recovery_codes")
        assert len(done(app, "snapshots", tenant.slug)) == 1, "one that was cut off never counts"
        for step in STEPS:
            assert commands.run(*arguments, until=step), step
            reached = state(tenant)
            assert reached in (now, then), step
            if reached == then:
                assert step == STEPS[-1], "only the last statement brings its commit along"
            else:
                assert newcomer.call("GET", "/me").status_code == 200, step
    put_back(app, tenant, snapshot_id)
    assert state(tenant) == then
    assert [can_log_in(tenant, person) for person in (*people, newcomer)] == [True, True, True, False]
    assert tenant.audit(action="client.restore")


@pytest.mark.usefixtures("server")
def test_R_others_log_in_all_the_while_that_a_client_is_put_back(
    app: Flask, api: httpx.Client, live: httpx.Client
) -> None:
    restored, other = register(api), register(live)
    someone = other.sign_up()
    fill(app, restored, range(USERS))
    snapshot_id = keep(app, restored)
    with app.app_context(), isolation.within(UUID(restored.client_id)), db.unit_of_work():
        assert users.delete_some(UUID(restored.client_id), limit=USERS) == USERS
    fill(app, restored, range(USERS // 2, 2 * USERS))
    with Logins(other, someone.email) as logins:
        told = put_back(app, restored, snapshot_id)
        undone = put_back(app, restored, told["before"]["snapshot_id"])
    assert told["changes"]["users"] == {"added": USERS, "changed": 0, "removed": USERS * 3 // 2, "same": 0}
    assert undone["changes"]["users"]["added"] == USERS * 3 // 2
    assert len(logins.statuses) > 5
    assert set(logins.statuses) == {200}


def fill(app: Flask, tenant: Tenant, numbers: range) -> None:
    """Give a client many users at once."""
    people = [
        {
            "email": f"person{number}@example.com",
            "role": "user",
            "status": "active",
            "custom_fields": {"number": number},
        }
        for number in numbers
    ]
    with app.app_context(), isolation.within(UUID(tenant.client_id)), db.unit_of_work():
        assert all(bulk.add_many(UUID(tenant.client_id), people))


class Logins:
    """Logs somebody in, again and again, until the block ends."""

    def __init__(self, tenant: Tenant, email: str) -> None:
        self._tenant, self._body = tenant, {"email": email, "password": PASSWORD}
        self.statuses: list[int] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on)

    def __enter__(self) -> "Logins":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._over.wait(0.03):
            self.statuses.append(self._tenant.call("POST", "/login", json=self._body).status_code)
