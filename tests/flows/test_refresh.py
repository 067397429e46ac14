"""Refreshing: single use, one lineage, and the end of a family whose token was copied."""

from datetime import timedelta

import httpx
import pytest
import time_machine

from app.core import clock, crypto
from tests import database
from tests.concurrency import at_once
from tests.factories import Person, Tenant, register


def refresh(tenant: Tenant, token: str) -> httpx.Response:
    """Present a refresh token."""
    return tenant.call("POST", "/refresh", json={"refresh_token": token})


@pytest.fixture
def person(tenant: Tenant) -> Person:
    return tenant.sign_up()


def test_a_refresh_answers_a_new_pair_and_the_same_user(tenant: Tenant, person: Person) -> None:
    answer = refresh(tenant, person.refresh_token)
    body = answer.json()
    assert answer.status_code == 200
    assert body["user_id"] == person.user_id
    assert body["refresh_token"] != person.refresh_token
    assert body["access_token"] != person.access_token
    rows = tenant.audit(action="session.refresh")
    assert [(row["status"], row["user_id"]) for row in rows] == [("success", person.user_id)]


def test_TOK_05_a_spent_token_presented_after_the_grace_ends_the_session(tenant: Tenant, person: Person) -> None:
    second = refresh(tenant, person.refresh_token).json()
    with time_machine.travel(clock.now() + timedelta(seconds=11), tick=True):
        replay = refresh(tenant, person.refresh_token)
        assert (replay.status_code, replay.json()["code"]) == (401, "token_revoked")
        assert refresh(tenant, second["refresh_token"]).json()["code"] == "token_revoked"
        person.access_token = second["access_token"]
        assert person.call("GET", "/me").json()["code"] == "token_revoked"
        rows = tenant.audit(action="session.refresh_reuse")
    assert [(row["status"], row["user_id"]) for row in rows] == [("failed", person.user_id)]


def test_TOK_05_within_the_grace_the_last_parent_gets_the_same_successor(tenant: Tenant, person: Person) -> None:
    first, again = (refresh(tenant, person.refresh_token).json() for _ in range(2))
    assert again["refresh_token"] == first["refresh_token"]
    assert again["access_token"] != first["access_token"]
    assert refresh(tenant, again["refresh_token"]).status_code == 200


def test_TOK_05_a_grandparent_ends_the_session_even_within_the_grace(tenant: Tenant, person: Person) -> None:
    second = refresh(tenant, person.refresh_token).json()["refresh_token"]
    third = refresh(tenant, second).json()["refresh_token"]
    assert refresh(tenant, person.refresh_token).json()["code"] == "token_revoked"
    assert refresh(tenant, third).json()["code"] == "token_revoked"


def test_TOK_06_R_15_one_token_fifty_times_at_once_has_one_lineage(live: httpx.Client, database_url: str) -> None:
    tenant = register(live)
    person = tenant.sign_up()
    answers = at_once(50, lambda _: refresh(tenant, person.refresh_token))
    assert {answer.status_code for answer in answers} == {200}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    where = "client_id = :client AND spent_at IS NULL"
    values = {"client": database.uuid_text(database_url, tenant.client_id)}
    assert database.count(database_url, "tokens", where, **values) == 1
    assert database.count(database_url, "tokens", "client_id = :client", **values) == 2
    assert refresh(tenant, successors.pop()).status_code == 200


def test_TOK_09_refresh_is_a_post_with_a_refresh_token(tenant: Tenant, person: Person) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = tenant.call(method, "/refresh")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert refresh(tenant, person.access_token).status_code in (401, 422)
    assert refresh(tenant, tenant.access_key).json()["code"] == "token_revoked"


def test_TOK_09_a_refresh_token_works_only_within_its_client(tenant: Tenant, other: Tenant, person: Person) -> None:
    answer = refresh(other, person.refresh_token)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_revoked")
    assert refresh(tenant, person.refresh_token).status_code == 200


def test_TOK_11_a_token_that_is_cut_padded_or_changed_is_refused(tenant: Tenant, person: Person) -> None:
    token = person.refresh_token
    flipped = token[:20] + token[20].swapcase() + token[21:]
    changed = [
        token[:-1],
        token + "A",
        token + "=",
        token.upper(),
        token.lower(),
        token[:7] + "é" + token[8:],
        token[4:],
    ]
    for wrong in [*changed, *([flipped] if flipped != token else [])]:
        answer = refresh(tenant, wrong)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_revoked"), wrong
    assert refresh(tenant, f" {token}").json()["code"] == "token_revoked"
    assert refresh(tenant, token).status_code == 200


def test_TOK_11_only_digests_are_stored(tenant: Tenant, person: Person, database_url: str) -> None:
    successor = refresh(tenant, person.refresh_token).json()["refresh_token"]
    stored = database.dump(database_url)
    for secret in (person.refresh_token, successor, tenant.access_key, person.access_token):
        assert secret not in stored
        assert secret[12:-6] not in stored
    assert str(crypto.digest(successor)) in stored or crypto.digest(successor).hex() in stored or "memory" in stored


def test_TOK_10_a_session_ends_when_idle_and_at_its_absolute_end(tenant: Tenant, person: Person) -> None:
    start = clock.now()
    with time_machine.travel(start + timedelta(days=7, seconds=1), tick=True):
        answer = refresh(tenant, person.refresh_token)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
    busy, token = tenant.sign_up(), ""
    token = busy.refresh_token
    for day in range(6, 30, 6):
        with time_machine.travel(start + timedelta(days=day), tick=True):
            token = refresh(tenant, token).json()["refresh_token"]
    with time_machine.travel(start + timedelta(days=30, minutes=5), tick=True):
        assert refresh(tenant, token).json()["code"] == "token_expired"


def test_a_dead_token_writes_one_failed_row(tenant: Tenant) -> None:
    refresh(tenant, "rlk_rt_nonsense")
    rows = tenant.audit(action="session.refresh")
    assert [(row["status"], row["detail"]) for row in rows] == [("failed", {"reason": "token_revoked"})]
