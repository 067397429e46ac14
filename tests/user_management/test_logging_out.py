"""Sessions of other people: seeing and ending them; how many there may be, and for how long."""

from datetime import timedelta

import httpx
import time_machine
from flask import Flask

from app.core import clock
from tests.concurrency import at_once
from tests.factories import Operator, Tenant, bearer, register
from tests.flows.counting import code_of
from tests.flows.observing import watched
from tests.keys.making import make, verify
from tests.user_management.managing import refresh, sessions

REVOKED = (401, "token_revoked")


def test_an_admin_sees_a_users_sessions_and_ends_one_or_all(tenant: Tenant) -> None:
    admin, person, neighbour = tenant.make_admin(), tenant.sign_up(), tenant.sign_up()
    phone = tenant.log_in(person.email)
    newest, oldest = sessions(admin, person.user_id)
    assert set(newest) == {
        "session_id", "ip_address", "user_agent", "created_at", "last_seen_at", "current", "impersonated",
    }  # fmt: skip
    assert (newest["current"], newest["impersonated"]) == (False, False)
    assert [one["current"] for one in sessions(admin, admin.user_id)] == [True]
    path = f"/users/{person.user_id}/sessions"
    foreign = admin.call("DELETE", f"/users/{neighbour.user_id}/sessions/{newest['session_id']}")
    assert code_of(foreign) == (404, "not_found")
    assert admin.call("DELETE", f"{path}/{newest['session_id']}").status_code == 204
    assert (code_of(phone.call("GET", "/me")), person.call("GET", "/me").status_code) == (REVOKED, 200)
    key = make(person, scopes=["read"])["api_key"]
    assert admin.call("DELETE", path).status_code == tenant.call("DELETE", path).status_code == 204
    assert code_of(person.call("GET", "/me")) == code_of(refresh(tenant, person)) == REVOKED
    assert (verify(tenant, key)["valid"], neighbour.call("GET", "/me").status_code) == (True, 200)
    rows = tenant.audit(action="session.revoke")
    assert [(row["user_id"], row["detail"]) for row in rows] == [
        (person.user_id, {"sessions": 0}),
        (person.user_id, {"sessions": 1, "by_user": admin.user_id}),
        (person.user_id, {"session_id": newest["session_id"], "by_user": admin.user_id}),
    ]
    assert oldest["session_id"] != newest["session_id"]


def test_pages_of_a_users_sessions_show_each_once(tenant: Tenant) -> None:
    person = tenant.sign_up()
    tenant.log_in(person.email)
    path, query, seen = f"/users/{person.user_id}/sessions", {"limit": "1"}, []
    for _ in range(2):
        page = tenant.call("GET", path, params=query).json()
        seen += page["items"]
        query["cursor"] = page["next_cursor"]
    assert (page["next_cursor"], seen) == (None, sessions(tenant, person.user_id))


def test_TOK_07_everyone_of_a_client_is_logged_out_and_nobody_else(live: httpx.Client) -> None:
    tenant, other = register(live), register(live)
    people = [tenant.make_admin(), tenant.sign_up(), tenant.sign_up()]
    stranger = other.sign_up()
    assert code_of(people[1].call("POST", "/sessions/revoke-all")) == (403, "insufficient_scope")
    answer = people[0].call("POST", "/sessions/revoke-all")
    assert (answer.status_code, answer.json()) == (200, {"revoked": 3})
    answers = at_once(6, lambda number: people[number % 3].call("GET", "/me", headers={"Connection": "close"}))
    assert {code_of(answer) for answer in answers} == {code_of(refresh(tenant, one)) for one in people} == {REVOKED}
    assert stranger.call("GET", "/me").status_code == 200
    assert tenant.call("POST", "/sessions/revoke-all").json() == {"revoked": 0}
    rows = tenant.audit(action="session.revoke_all")
    assert [(row["user_id"], row["detail"]) for row in rows] == [
        (None, {"sessions": 0}), (people[0].user_id, {"sessions": 3}),
    ]  # fmt: skip


def test_an_operator_logs_a_client_out_while_fresh(tenant: Tenant, operator: Operator) -> None:
    person = tenant.sign_up()
    path = f"/clients/{tenant.client_id}/sessions/revoke-all"
    assert code_of(tenant.api.post(f"/api/v1{path}", headers=bearer(tenant.access_key))) == (403, "insufficient_scope")
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        assert code_of(operator.platform_call("POST", path)) == (403, "reauth_required")
    assert person.call("GET", "/me").status_code == 200
    headers = bearer(_fresh(operator))
    answer = operator.platform_call("POST", path, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"revoked": 1})
    assert code_of(person.call("GET", "/me")) == REVOKED
    (row,) = tenant.audit(action="session.revoke_all")
    assert row["detail"] == {"sessions": 1, "by": "operator"}


def test_one_session_too_many_ends_the_oldest_and_no_other_users(tenant: Tenant, app: Flask) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        person, neighbour = tenant.sign_up(), tenant.sign_up()
        held = [person]
        for _ in range(50):
            time.shift(1)
            held.append(tenant.log_in(person.email))
        assert code_of(held[0].call("GET", "/me")) == code_of(refresh(tenant, held[0])) == REVOKED
        assert {one.call("GET", "/me").status_code for one in held[1:]} == {200}
        assert [row["detail"].get("sessions_ended") for row in tenant.audit(action="login")] == [1] + [None] * 49
        assert len(sessions(tenant, person.user_id)) == 50
        # What has ended makes room, and an admin who looks in takes none.
        assert held[20].call("POST", "/logout", json={}).status_code == 204
        tenant.log_in(person.email)
        assert held[1].call("GET", "/me").status_code == neighbour.call("GET", "/me").status_code == 200
    with watched(app) as work:
        tenant.log_in(neighbour.email)
    assert len([statement for statement in work.statements if "row_number" in statement]) == 1


def test_logins_at_one_moment_keep_to_the_limit(live: httpx.Client) -> None:
    tenant = register(live)
    person = tenant.sign_up()
    for _ in range(47):
        tenant.log_in(person.email)
    body = {"email": person.email, "password": person.password}

    def log_in(_: int) -> bool:
        # One who is told to wait a moment, because others log in too, comes back.
        return any(tenant.call("POST", "/login", json=body).status_code == 200 for _ in range(100))

    assert at_once(4, log_in) == [True] * 4
    assert len(sessions(tenant, person.user_id)) == 50


def test_TOK_10_no_refreshing_keeps_a_session_past_its_thirtieth_day(tenant: Tenant) -> None:
    person, idle = tenant.sign_up(), tenant.sign_up()
    with time_machine.travel(clock.now(), tick=False) as time:
        for day in range(1, 30):
            time.shift(timedelta(days=1))
            renewed = refresh(tenant, person)
            assert renewed.status_code == 200, day
            person.access_token, person.refresh_token = (renewed.json()[name] for name in _PAIR)
            assert person.call("GET", "/me").status_code == 200
            if day == 8:
                assert code_of(refresh(tenant, idle)) == (401, "token_expired")
        time.shift(timedelta(hours=23, minutes=59))
        last = refresh(tenant, person).json()
        assert last["expires_in"] == 30 * 60
        time.shift(timedelta(minutes=2))
        person.access_token, person.refresh_token = (last[name] for name in _PAIR)
        assert code_of(person.call("GET", "/me")) == REVOKED
        time.shift(timedelta(days=1))
        assert code_of(refresh(tenant, person)) == (401, "token_expired")
        assert sessions(tenant, person.user_id) == []


_PAIR = ("access_token", "refresh_token")


def _fresh(operator: Operator) -> str:
    body = {"email": operator.email, "password": operator.password}
    answer = operator.api.post(f"{operator.path}/login", json=body, headers=bearer(operator.publishable_key))
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token
