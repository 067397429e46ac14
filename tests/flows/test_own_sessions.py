"""A user's own sessions: which devices are logged in, from where, and ending one of them."""

from datetime import timedelta
from typing import Any

import httpx
import time_machine

from app.core import clock
from tests.factories import PASSWORD, Person, Tenant, register
from tests.flows.counting import code_of
from tests.flows.observing import rows_of


def log_in(tenant: Tenant, person: Person, headers: dict[str, str] | None = None) -> Person:
    """Log somebody in from a device, through the client's backend."""
    login = {"email": person.email, "password": PASSWORD}
    answer = tenant.call("POST", "/login", json=login, headers=headers or {})
    assert answer.status_code == 200, answer.text
    tokens = answer.json()["access_token"], answer.json()["refresh_token"]
    return Person(tenant.api, tenant.path, person.user_id, person.email, PASSWORD, *tokens)


def sessions(person: Person, **query: Any) -> list[dict[str, Any]]:
    """Return somebody's sessions as they are shown to them."""
    answer = person.call("GET", "/me/sessions", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def current(person: Person) -> str:
    """Return the id of the session that somebody calls with."""
    (session_id,) = [one["session_id"] for one in sessions(person) if one["current"]]
    return str(session_id)


def end(person: Person, session_id: str) -> httpx.Response:
    return person.call("DELETE", f"/me/sessions/{session_id}")


def test_a_session_shows_its_device_its_address_and_whether_it_is_this_one(tenant: Tenant) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        begun = clock.rfc3339(clock.now())
        person = tenant.sign_up()
        time.shift(60)
        login = clock.rfc3339(clock.now())
        phone = log_in(tenant, person, {"User-Agent": "Phone/7", "Rowlock-Client-IP": "203.0.113.9"})
        newest, oldest = sessions(person)
        assert {name: newest[name] for name in newest if name != "session_id"} == {
            "ip_address": "203.0.113.9", "user_agent": "Phone/7", "created_at": login, "last_seen_at": login,
            "current": False, "impersonated": False,
        }  # fmt: skip
        assert {name: oldest[name] for name in oldest if name not in ("session_id", "user_agent")} == {
            "ip_address": "127.0.0.1", "created_at": begun, "last_seen_at": begun, "current": True,
            "impersonated": False,
        }  # fmt: skip
        assert oldest["user_agent"].startswith("python-httpx/")
        assert [one["current"] for one in sessions(phone)] == [True, False]


def test_a_session_was_last_seen_where_it_was_refreshed(tenant: Tenant) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        person, begun = tenant.sign_up(), clock.rfc3339(clock.now())
        time.shift(600)
        now = clock.rfc3339(clock.now())
        assert [one["last_seen_at"] for one in sessions(person)] == [begun]
        headers = {"User-Agent": "Laptop/2", "Rowlock-Client-IP": "2001:db8::7"}
        answer = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}, headers=headers)
        assert answer.status_code == 200
        (one,) = sessions(person)
    assert (one["ip_address"], one["user_agent"]) == ("2001:db8::7", "Laptop/2")
    assert (one["created_at"], one["last_seen_at"]) == (begun, now)


def test_a_session_that_is_ended_is_out_at_once_and_the_others_go_on(tenant: Tenant) -> None:
    person = tenant.sign_up()
    phone, tablet = log_in(tenant, person), log_in(tenant, person)
    target = current(phone)
    answer = end(person, target)
    assert (answer.status_code, answer.content) == (204, b"")
    assert code_of(phone.call("GET", "/me")) == (401, "token_revoked")
    dead = tenant.call("POST", "/refresh", json={"refresh_token": phone.refresh_token})
    assert code_of(dead) == (401, "token_revoked")
    assert target not in [one["session_id"] for one in sessions(person)]
    assert tablet.call("GET", "/me").status_code == 200
    assert tenant.call("POST", "/refresh", json={"refresh_token": tablet.refresh_token}).status_code == 200
    (row,) = tenant.audit(action="session.revoke")
    assert (row["user_id"], row["status"], row["detail"], row["request_id"]) == (
        person.user_id, "success", {"session_id": target}, answer.headers["x-request-id"],
    )  # fmt: skip
    assert code_of(end(person, target)) == (404, "not_found")


def test_one_may_end_the_session_one_calls_with(tenant: Tenant) -> None:
    person = tenant.sign_up()
    phone = log_in(tenant, person)
    assert end(phone, current(phone)).status_code == 204
    assert code_of(phone.call("GET", "/me/sessions")) == (401, "token_revoked")
    assert [one["current"] for one in sessions(person)] == [True]


def test_TOK_07_no_worker_takes_a_session_that_was_ended(live: httpx.Client) -> None:
    tenant = register(live)
    person = tenant.sign_up()
    phone = log_in(tenant, person)
    assert end(person, current(phone)).status_code == 204
    answers = [phone.call("GET", "/me", headers={"Connection": "close"}) for _ in range(10)]
    assert {code_of(answer) for answer in answers} == {(401, "token_revoked")}


def test_TEN_01_somebody_elses_session_is_not_found_and_goes_on(
    tenant: Tenant, other: Tenant, database_url: str
) -> None:
    person, neighbour, stranger = tenant.sign_up(), tenant.sign_up(), other.sign_up()
    targets = [current(neighbour), current(stranger), "01890000-0000-7000-8000-000000000000", "1", "me"]
    before = rows_of(database_url, tenant), rows_of(database_url, other)
    assert {code_of(end(person, target)) for target in targets} == {(404, "not_found")}
    assert (rows_of(database_url, tenant), rows_of(database_url, other)) == before
    assert {one.call("GET", "/me").status_code for one in (neighbour, stranger)} == {200}


def test_the_pages_show_every_session_once_and_only_to_their_owner(tenant: Tenant) -> None:
    person, neighbour = tenant.sign_up(), tenant.sign_up()
    with time_machine.travel(clock.now(), tick=False):
        for _ in range(4):
            log_in(tenant, person)
    whole, seen, cursor = sessions(person), [], None
    for _ in range(5):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = person.call("GET", "/me/sessions", params=query).json()
        seen += page["items"]
        cursor = page["next_cursor"] or cursor
        if page["next_cursor"] is None:
            break
    assert (len(whole), seen) == (5, whole)
    foreign = neighbour.call("GET", "/me/sessions", params={"cursor": cursor})
    assert code_of(foreign) == (400, "invalid_request")
    assert len(sessions(neighbour)) == 1


def test_a_session_past_its_end_is_no_longer_shown(tenant: Tenant) -> None:
    person, now = tenant.sign_up(), clock.now()
    with time_machine.travel(now + timedelta(days=7, minutes=1), tick=True):
        again = log_in(tenant, person)
        assert [one["current"] for one in sessions(again)] == [True]
