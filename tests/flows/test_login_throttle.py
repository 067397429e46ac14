"""Failed logins: five are free, then each waits twice as long; exact under concurrency, for unknown users too."""

from collections import Counter
from datetime import timedelta

import httpx
import pytest
import time_machine
from pytest import MonkeyPatch

from app.core import clock
from app.core.errors import TemporarilyUnavailable
from app.users import passwords
from tests.concurrency import at_once
from tests.factories import PASSWORD, Tenant, fresh_email, register


def attempt(tenant: Tenant, email: str, password: str = "a wrong password") -> httpx.Response:
    """Try to log in."""
    return tenant.call("POST", "/login", json={"email": email, "password": password})


@pytest.mark.parametrize("known", [True, False])
def test_RL_01_of_fifty_parallel_tries_five_are_evaluated_whatever_the_spelling(
    live: httpx.Client, known: bool
) -> None:
    tenant = register(live)
    email = tenant.sign_up().email if known else fresh_email()
    spellings = [email, email.upper(), f" {email}", f"{email} ", email.title()]
    answers = at_once(50, lambda number: attempt(tenant, spellings[number % 5]))
    found = Counter(answer.status_code for answer in answers)
    # The hashing queue may send some away unevaluated; those do not count.
    assert found[401] <= 5
    assert set(found) <= {401, 423, 503}
    assert found[423] >= 50 - 5 - found[503] - 5
    for answer in answers:
        if answer.status_code == 423:
            assert answer.json()["code"] == "account_locked"
            assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("known", [True, False])
def test_RL_01_the_delay_doubles_and_retry_after_is_true(tenant: Tenant, known: bool) -> None:
    email = tenant.sign_up().email if known else fresh_email()
    assert [attempt(tenant, email).status_code for _ in range(5)] == [401] * 5
    moment, waits = clock.now(), []
    for _ in range(5):
        with time_machine.travel(moment, tick=False):
            locked = attempt(tenant, email)
            assert locked.status_code == 423
            waits.append(int(locked.headers["retry-after"]))
        moment += timedelta(seconds=waits[-1])
        with time_machine.travel(moment, tick=False):
            assert attempt(tenant, email).status_code == 401
    assert waits == [1, 2, 4, 8, 16]


def test_RL_01_a_success_forgets_the_failures(tenant: Tenant) -> None:
    person = tenant.sign_up()
    for _ in range(3):
        assert [attempt(tenant, person.email).status_code for _ in range(4)] == [401] * 4
        assert attempt(tenant, person.email, PASSWORD).status_code == 200


def test_RL_03_the_lock_ends_by_itself_and_live_sessions_go_on(tenant: Tenant) -> None:
    person = tenant.sign_up()
    for _ in range(7):
        attempt(tenant, person.email)
    assert attempt(tenant, person.email, PASSWORD).status_code == 423
    assert person.call("GET", "/me").status_code == 200
    assert tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}).status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=1), tick=True):
        assert attempt(tenant, person.email, PASSWORD).status_code == 200


def test_TEN_07_the_same_address_at_two_clients_has_two_counters(tenant: Tenant, other: Tenant) -> None:
    email = fresh_email()
    tenant.sign_up(email)
    other.sign_up(email)
    for _ in range(6):
        attempt(tenant, email)
    assert attempt(tenant, email, PASSWORD).status_code == 423
    assert attempt(other, email, PASSWORD).status_code == 200


def test_RL_02_a_stolen_access_token_cannot_guess_the_password_faster(tenant: Tenant) -> None:
    person = tenant.sign_up()
    answers = [person.call("POST", "/me/reauth", json={"password": "a guess"}).status_code for _ in range(6)]
    assert answers == [401] * 5 + [423]
    change = {"current_password": PASSWORD, "new_password": "another fine sentence"}
    assert person.call("POST", "/me/password", json=change).status_code == 423
    assert attempt(tenant, person.email, PASSWORD).status_code == 423


def test_RL_01_an_attempt_that_the_hashing_queue_sends_away_is_handed_back(
    tenant: Tenant, monkeypatch: MonkeyPatch
) -> None:
    person = tenant.sign_up()

    def full(_password: str, _stored: str | None) -> bool:
        raise TemporarilyUnavailable(retry_after=1)

    with monkeypatch.context() as patched:
        patched.setattr(passwords, "verify", full)
        for _ in range(12):
            answer = attempt(tenant, person.email, PASSWORD)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert attempt(tenant, person.email, PASSWORD).status_code == 200


def test_RL_01_so_is_one_whose_new_password_finds_no_room_to_be_hashed(
    tenant: Tenant, monkeypatch: MonkeyPatch
) -> None:
    person, change = tenant.sign_up(), {"current_password": PASSWORD, "new_password": "another fine sentence"}

    def full(_password: str) -> str:
        raise TemporarilyUnavailable(retry_after=1)

    with monkeypatch.context() as patched:
        patched.setattr(passwords, "hash_password", full)
        assert [person.call("POST", "/me/password", json=change).status_code for _ in range(8)] == [503] * 8
        patched.setattr(passwords, "is_outdated", lambda _stored: True)
        # A login goes on with the hash that it has.
        assert [attempt(tenant, person.email, PASSWORD).status_code for _ in range(8)] == [200] * 8
    assert person.call("POST", "/me/password", json=change).status_code == 204


def test_every_attempt_leaves_one_row(tenant: Tenant) -> None:
    person = tenant.sign_up()
    for _ in range(6):
        attempt(tenant, person.email)
    attempt(tenant, fresh_email())
    rows = tenant.audit(action="login")
    assert [(row["user_id"], row["detail"]["reason"]) for row in rows] == [
        (None, "invalid_credentials"),
        (None, "account_locked"),
        *[(person.user_id, "invalid_credentials")] * 5,
    ]
