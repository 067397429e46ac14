"""How often a code may be guessed, and what a lock of the account does to the second step."""

from datetime import timedelta

import pytest
import time_machine

from app.core import clock
from tests.factories import Person, Tenant
from tests.mfa.enrolling import Pocket, challenge, enrol, second_step


@pytest.fixture
def person(tenant: Tenant) -> Person:
    return tenant.sign_up()


@pytest.fixture
def pocket(person: Person) -> Pocket:
    return enrol(person)


def test_RL_08_a_challenge_takes_five_tries(tenant: Tenant, person: Person, pocket: Pocket) -> None:
    token, right = challenge(tenant, person), pocket.code()
    answers = [second_step(tenant, token, pocket.wrong()) for _ in range(5)]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "invalid_code")}
    assert second_step(tenant, token, right).json()["code"] == "invalid_code"
    assert second_step(tenant, challenge(tenant, person), right).status_code == 200


def test_RL_08_ten_wrong_ones_within_an_hour_end_all_guessing(tenant: Tenant, person: Person, pocket: Pocket) -> None:
    wrong = pocket.wrong()
    spelt = [wrong, f" {wrong}", f"{wrong} ", f"{wrong[:3]} {wrong[3:]}", f"{wrong[:3]}-{wrong[3:]}"] * 2
    started = clock.now()
    for code in spelt:
        assert second_step(tenant, challenge(tenant, person), code).status_code == 400
    refused = second_step(tenant, challenge(tenant, person), pocket.code())
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 3500 < int(refused.headers["retry-after"]) <= 3600
    assert second_step(tenant, challenge(tenant, person), pocket.recovery_codes[0]).status_code == 429
    proof = {"password": person.password, "code": pocket.recovery_codes[0]}
    assert person.call("POST", "/me/reauth", json=proof).status_code == 429
    with time_machine.travel(started + timedelta(minutes=59), tick=True):
        assert second_step(tenant, challenge(tenant, person), pocket.code()).status_code == 429
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=True):
        assert second_step(tenant, challenge(tenant, person), pocket.code()).status_code == 200
    reasons = [row["detail"].get("reason") for row in tenant.audit(action="login") if row["detail"].get("step")]
    assert reasons == ["rate_limited"] * 3 + ["invalid_code"] * 10


def test_RL_08_right_codes_do_not_count(tenant: Tenant, person: Person, pocket: Pocket) -> None:
    for code in pocket.recovery_codes[:9]:
        assert second_step(tenant, challenge(tenant, person), code).status_code == 200
    for _ in range(9):
        assert second_step(tenant, challenge(tenant, person), pocket.wrong()).status_code == 400
    assert second_step(tenant, challenge(tenant, person), pocket.code()).status_code == 200


def test_RL_02_a_locked_account_takes_no_second_step(tenant: Tenant, person: Person, pocket: Pocket) -> None:
    token = challenge(tenant, person)
    for _ in range(7):
        tenant.call("POST", "/login", json={"email": person.email, "password": "a guess"})
    locked = second_step(tenant, token, pocket.code())
    assert (locked.status_code, locked.json()["code"]) == (423, "account_locked")
    assert int(locked.headers["retry-after"]) >= 1
    assert tenant.audit(action="login")[0]["detail"] == {"reason": "account_locked", "step": "mfa"}
    assert person.call("GET", "/me").status_code == 200


def test_RL_02_guesses_by_a_stolen_access_token_count_in_both_throttles(
    tenant: Tenant, person: Person, pocket: Pocket
) -> None:
    proof = {"password": person.password, "code": pocket.wrong()}
    answers = [person.call("POST", "/me/reauth", json=proof).status_code for _ in range(6)]
    assert answers == [400] * 5 + [423]
    assert tenant.call("POST", "/login", json={"email": person.email, "password": person.password}).status_code == 423


@pytest.mark.parametrize(
    "body",
    [{}, {"code": "123456", "credential": {}}, {"code": ""}, {"code": 123456}, {"code": None}, {"code": ["123456"]}],
)
def test_the_second_step_takes_one_proof(
    tenant: Tenant, person: Person, pocket: Pocket, body: dict[str, object]
) -> None:
    answer = tenant.call("POST", "/login/mfa", json={"mfa_token": challenge(tenant, person), **body})
    assert answer.status_code == 422


@pytest.mark.parametrize("code", ["٤٩٢٠٣٩", "1" * 64, "000000000000", "-", "' OR 1=1"])
def test_odd_codes_are_wrong_codes(tenant: Tenant, person: Person, pocket: Pocket, code: str) -> None:
    assert second_step(tenant, challenge(tenant, person), code).json()["code"] == "invalid_code"
