"""R-16: fifty callers with one code, on a server of two workers; one of them gets in."""

from collections import Counter

import httpx
import pytest

from tests.concurrency import at_once
from tests.factories import register
from tests.mfa.enrolling import challenge, enrol, second_step


@pytest.mark.parametrize("kind", ["totp", "recovery_code"])
def test_R_16_MFA_02_one_code_lets_one_caller_in(live: httpx.Client, kind: str) -> None:
    tenant = register(live)
    person = tenant.sign_up()
    pocket = enrol(person)
    tokens = [challenge(tenant, person) for _ in range(10)]
    code = pocket.code() if kind == "totp" else pocket.recovery_codes[0]
    answers = at_once(50, lambda number: second_step(tenant, tokens[number % 10], code))
    found = Counter(answer.status_code for answer in answers)
    assert found[200] == 1, found
    assert found.keys() <= {200, 400, 429}
    assert second_step(tenant, challenge(tenant, person), code).status_code in (400, 429)
    assert len(tenant.audit(action="login", status="success")) == 1


def test_R_16_one_confirmation_of_many_puts_an_app_into_use(live: httpx.Client) -> None:
    tenant = register(live)
    person = tenant.sign_up()
    begun = person.call("POST", "/me/mfa/totp").json()
    pocket = enrol(person)
    assert begun["secret"] != pocket.secret
    again = person.call("POST", "/me/mfa/totp").json()
    pocket.secret = again["secret"]
    code = pocket.code()
    answers = at_once(20, lambda _: person.call("POST", "/me/mfa/totp/confirm", json={"code": code}))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 19}
    assert person.call("GET", "/me/mfa").json()["recovery_codes_left"] == 10
