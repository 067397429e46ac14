"""Calls of the console that keep somebody logged in or log them out: nobody at the same address can use them up."""

import uuid

import pytest
from flask import Flask

from app.core import settings
from tests.console_session.browsing import CSRF, PLACE, REFRESH, Page, told
from tests.factories import Operator, Tenant, bearer
from tests.limits.calling import limit

ADDRESS = "203.0.113.77"


@pytest.fixture
def page(app: Flask) -> Page:
    """A browser without cookies."""
    return Page(app, address=ADDRESS)


def test_RL_07_a_session_is_refreshed_by_a_limit_of_its_own(app: Flask, page: Page, tenant: Tenant) -> None:
    page.enter(tenant, tenant.sign_up())
    with settings.changed(login_limit="3 per minute"):
        neighbour = Page(app, address=ADDRESS)
        tries = [told(neighbour.refresh()) for _ in range(2)]
        made_up = f"{tenant.client_id}.{uuid.uuid4()}.rlk_rt_x"
        neighbour.holds(**{REFRESH: made_up, CSRF: "x" * 43})
        tries += [told(neighbour.refresh()) for _ in range(2)]
        assert tries == [(401, "authentication_required")] * 2 + [(403, "insufficient_scope"), (429, "rate_limited")]
        assert [page.refresh().status_code for _ in range(4)] == [200] * 3 + [429]


def test_logging_out_is_never_limited(app: Flask, page: Page, tenant: Tenant) -> None:
    page.enter(tenant, tenant.sign_up())
    with settings.changed(login_limit="1 per minute"):
        neighbour = Page(app, address=ADDRESS)
        assert {neighbour.leave().status_code for _ in range(5)} == {204}
        assert page.leave().status_code == 204
    assert told(page.show()) == (401, "authentication_required")


def test_whoever_has_met_the_limit_still_sees_who_is_logged_in_and_logs_out(
    page: Page, tenant: Tenant, operator: Operator
) -> None:
    person = tenant.sign_up()
    page.enter(tenant, person)
    limit(operator, tenant, user_requests_per_minute=2)
    assert [page.show().status_code for _ in range(5)] == [200] * 5
    own = f"{tenant.path}/me"
    assert [page.call("GET", own).status_code for _ in range(3)] == [200, 200, 429], "what came before used nothing up"
    assert page.show().json()["user"]["email"] == person.email
    by_token = tenant.api.get(f"{PLACE}/session", headers=bearer(person.access_token))
    assert told(by_token) == (429, "rate_limited"), "only by cookie"
    assert page.leave().status_code == 204


def test_RL_07_a_session_is_read_by_a_limit_of_its_own(app: Flask, page: Page, tenant: Tenant) -> None:
    page.enter(tenant, tenant.sign_up())
    neighbour = Page(app, address=ADDRESS)
    neighbour.enter(tenant, tenant.sign_up())
    with settings.changed(login_limit="3 per minute"):
        assert [neighbour.show().status_code for _ in range(4)] == [200] * 3 + [429]
        answer = page.show()
    assert answer.status_code == 200
    assert answer.headers["RateLimit-Policy"] == '"session_per_minute";q=3;w=60'
