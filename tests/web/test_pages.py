"""Lists: bounded pages, and cursors that only this service can make, for one list each."""

import base64
import itertools
import json
import time

import httpx
import pytest

from tests.factories import Person, Tenant

NOT_OURS = {"status": 400, "code": "invalid_request", "detail": "The cursor is not one of ours."}


@pytest.fixture
def busy(tenant: Tenant) -> Tenant:
    """A client with a dozen rows in its audit log."""
    for _ in range(11):
        tenant.call("POST", "/refresh", json={"refresh_token": "rlk_rt_none"})
    return tenant


@pytest.fixture
def person(tenant: Tenant) -> Person:
    """Somebody logged in four times."""
    made = tenant.sign_up()
    for _ in range(3):
        tenant.log_in(made.email)
    return made


def entries(tenant: Tenant, **query: str) -> httpx.Response:
    return tenant.call("GET", "/audit-logs", params=query)


def test_IN_06_a_page_at_a_time_shows_every_row_once(busy: Tenant) -> None:
    whole = [row["audit_id"] for row in entries(busy, limit="100").json()["items"]]
    walked, cursor = [], None
    while True:
        page = entries(busy, limit="1", **({"cursor": cursor} if cursor else {})).json()
        walked += [row["audit_id"] for row in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert walked == whole
    assert len(walked) == 12


def test_IN_06_sessions_are_walked_the_same_way(person: Person) -> None:
    whole = [row["session_id"] for row in person.call("GET", "/me/sessions").json()["items"]]
    assert len(whole) == 4
    first = person.call("GET", "/me/sessions", params={"limit": "3"}).json()
    rest = person.call("GET", "/me/sessions", params={"limit": "3", "cursor": first["next_cursor"]}).json()
    assert [row["session_id"] for row in first["items"] + rest["items"]] == whole
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("limit", ["1000000000", "101", "999999999999"])
def test_IN_06_more_than_a_hundred_are_never_given(tenant: Tenant, database_url: str, limit: str) -> None:
    assert entries(tenant, limit=limit).status_code == 200


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "1e3", "", "abc", "٣", "10000000000000", "0x10", " 5"])
def test_IN_06_a_limit_that_is_no_positive_number_is_refused(tenant: Tenant, limit: str) -> None:
    answer = entries(tenant, limit=limit)
    assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (
        422, "validation_failed", ["limit"],
    )  # fmt: skip


def test_IN_06_a_changed_cursor_is_refused(busy: Tenant) -> None:
    cursor = entries(busy, limit="1").json()["next_cursor"]
    flipped = ["A" if letter != "A" else "B" for letter in cursor]
    forged = [cursor[:at] + flipped[at] + cursor[at + 1 :] for at in (0, len(cursor) // 2, len(cursor) - 2)]
    position = json.dumps(["2030-01-01T00:00:00.000000Z", "01890000-0000-7000-8000-000000000000"]).encode()
    forged += [cursor[:-4], cursor + "AAAA", "x", "=", "%00", base64.urlsafe_b64encode(b"\0" * 16 + position).decode()]
    for one in forged:
        answer = entries(busy, limit="1", cursor=one)
        problem = answer.json()
        assert {name: problem[name] for name in NOT_OURS} == NOT_OURS, one
    assert entries(busy, limit="1", cursor=cursor).status_code == 200


def test_IN_06_a_cursor_is_good_for_its_own_list_only(busy: Tenant, other: Tenant, person: Person) -> None:
    lists = {
        "audit": lambda cursor: entries(busy, cursor=cursor),
        "other": lambda cursor: entries(other, cursor=cursor),
        "sessions": lambda cursor: person.call("GET", "/me/sessions", params={"cursor": cursor}),
    }
    other.call("POST", "/refresh", json={"refresh_token": "rlk_rt_none"})
    cursors = {
        "audit": entries(busy, limit="1").json()["next_cursor"],
        "other": entries(other, limit="1").json()["next_cursor"],
        "sessions": person.call("GET", "/me/sessions", params={"limit": "1"}).json()["next_cursor"],
    }
    for owner, reader in itertools.product(cursors, lists):
        assert lists[reader](cursors[owner]).status_code == (200 if owner == reader else 400), (owner, reader)


def test_IN_06_a_very_long_cursor_or_address_is_refused_before_any_work_on_it(tenant: Tenant) -> None:
    assert entries(tenant, cursor="A" * 7000).status_code == 422
    for email in (
        "a" * 60_000,
        "a@" + "b." * 30_000 + "c",
        '"' * 30_000 + "@example.com",
        "@" * 60_000,
        "\u3000" * 9000,
    ):
        seconds = []
        for _ in range(3):
            begun = time.perf_counter()
            answer = tenant.call("POST", "/login", json={"email": email, "password": "correct horse battery"})
            seconds.append(time.perf_counter() - begun)
            assert (answer.status_code, list(answer.json()["errors"])) == (422, ["email"])
        assert min(seconds) < 0.05
