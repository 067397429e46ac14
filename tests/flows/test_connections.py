"""Fewer connections to the database than callers: they wait for a moment, then are sent away."""

import contextlib
import time
from collections.abc import Iterator

from flask import Flask

from app.core.engines import AUTOCOMMIT
from tests.concurrency import at_once
from tests.factories import PASSWORD, Tenant, bearer
from tests.flows.unavailable import ANSWERED_WITHIN, is_unavailable


@contextlib.contextmanager
def taken(app: Flask) -> Iterator[None]:
    """Take every connection of the application's own pools."""
    with contextlib.ExitStack() as held, app.app_context():
        engines = app.extensions["sqlalchemy"].engines
        for engine in (engines[None], engines[AUTOCOMMIT]):
            for _ in range(engine.pool.size()):
                # Taken from the pool itself: on SQLite a begun transaction would hold the write lock too.
                held.callback(engine.pool.connect().close)
        yield


def test_R_05_whoever_gets_no_connection_within_two_seconds_is_sent_away(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    calls = (
        lambda: person.call("GET", "/me"),
        lambda: tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD}),
        lambda: tenant.api.get("/healthz"),
    )
    with taken(app):
        began = time.monotonic()
        me, login, alive = at_once(3, lambda number: calls[number]())
        seconds = time.monotonic() - began
    assert [is_unavailable(answer) for answer in (me, login)] == [True, True]
    assert alive.status_code == 200
    assert 2 <= seconds <= ANSWERED_WITHIN
    assert person.call("GET", "/me").status_code == 200
    assert tenant.log_in(person.email).user_id == person.user_id


def test_R_05_more_callers_than_connections_are_never_a_500_and_leave_no_connection_behind(
    app: Flask, tenant: Tenant
) -> None:
    person = tenant.sign_up()
    stranger = bearer("rlk_ak_" + "0" * 49)

    def call(number: int) -> set[int]:
        taken_address = {"email": person.email, "password": PASSWORD}
        answers = [
            person.call("GET", "/me"),
            tenant.call("POST", "/signup", json=taken_address),
            tenant.api.get(f"{tenant.path}/audit-logs", headers=stranger),
            tenant.call("GET", "/me") if number % 2 else person.call("PATCH", "/me", json={"full_name": "Ada"}),
        ]
        return {answer.status_code for answer in answers}

    seen = set().union(*at_once(48, call))
    assert seen <= {200, 401, 403, 409, 503}
    assert {200, 409} <= seen
    with app.app_context():
        engines = app.extensions["sqlalchemy"].engines
    assert [engines[name].pool.checkedout() for name in (None, AUTOCOMMIT)] == [0, 0]
