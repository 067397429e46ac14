"""Recovery codes: ten, readable, each good once."""

import re

import pytest

from tests.factories import Person, Tenant
from tests.mfa.enrolling import challenge, enrol, log_in, second_step


@pytest.fixture
def person(tenant: Tenant) -> Person:
    return tenant.sign_up()


def test_there_are_ten_readable_ones(person: Person) -> None:
    codes = enrol(person).recovery_codes
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{6}(-[0-9A-HJKMNP-TV-Z]{6}){3}", code) for code in codes)


def test_MFA_02_one_stands_in_for_the_app_once(tenant: Tenant, person: Person) -> None:
    codes = enrol(person).recovery_codes
    whole = log_in(tenant, person, codes[0])
    assert whole.call("GET", "/me/mfa").json()["recovery_codes_left"] == 9
    assert second_step(tenant, challenge(tenant, person), codes[0]).json()["code"] == "invalid_code"
    assert tenant.audit(action="login", status="success")[0]["detail"]["method"] == "recovery_code"


@pytest.mark.parametrize("spelt", ["lower", "spaced", "bare", "look-alikes"])
def test_however_one_is_typed_it_is_the_same(tenant: Tenant, person: Person, spelt: str) -> None:
    code = enrol(person).recovery_codes[0]
    typed = {
        "lower": code.lower(),
        "spaced": f"  {code.replace('-', ' ')} ",
        "bare": code.replace("-", ""),
        "look-alikes": code.replace("0", "O").replace("1", "l"),
    }[spelt]
    assert log_in(tenant, person, typed).access_token


def test_new_ones_replace_the_old(tenant: Tenant, person: Person) -> None:
    old = enrol(person).recovery_codes
    new = person.call("POST", "/me/mfa/recovery-codes").json()["recovery_codes"]
    assert len(set(old + new)) == 20
    assert second_step(tenant, challenge(tenant, person), old[0]).status_code == 400
    log_in(tenant, person, new[0])


def test_they_are_their_owners(tenant: Tenant, person: Person) -> None:
    neighbour = tenant.sign_up()
    codes = enrol(person).recovery_codes
    enrol(neighbour)
    assert second_step(tenant, challenge(tenant, neighbour), codes[0]).status_code == 400
