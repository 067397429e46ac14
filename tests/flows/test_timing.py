"""The same work for people who exist and people who do not: hashes and statements are counted, time is not.

`python -m bench.timing` measures the times themselves.
"""

from collections.abc import Callable

import httpx
import pytest
from flask import Flask

from app.core import settings
from tests.factories import PASSWORD, Tenant, fresh_email, register
from tests.flows.observing import Work, watched

WRONG = "not the right password"
Attempt = Callable[[Tenant, str], httpx.Response]


def log_in(tenant: Tenant, email: str) -> httpx.Response:
    return tenant.call("POST", "/login", json={"email": email, "password": WRONG})


def sign_up(tenant: Tenant, email: str) -> httpx.Response:
    return tenant.call("POST", "/signup", json={"email": email, "password": PASSWORD})


def work_of(app: Flask, tenant: Tenant, attempt: Attempt, email: str, status: int) -> Work:
    """Return the work of one attempt, after a first one that fills the caches."""
    attempt(tenant, fresh_email())
    with watched(app) as work:
        assert attempt(tenant, email).status_code == status
    return work


def general(work: Work, tenant: Tenant) -> list[str]:
    """Return the statements of some work without the client's digits."""
    return [statement.replace(tenant.table, "users") for statement in work.statements]


@pytest.mark.parametrize("rounds", [4, 5])
def test_ACC_04_a_login_of_an_unknown_user_is_the_same_work_as_one_with_a_wrong_password(
    app: Flask, api: httpx.Client, rounds: int
) -> None:
    tenant = register(api)
    with settings.changed(bcrypt_rounds=rounds):
        email = tenant.sign_up().email
        known = work_of(app, tenant, log_in, email, 401)
        unknown = work_of(app, tenant, log_in, fresh_email(), 401)
    assert known.hashes == unknown.hashes == [rounds]
    assert known.statements == unknown.statements


@pytest.mark.parametrize("password", ["x" * 128, "пароль которого нет " * 5, "short but fine"])
def test_ACC_04_a_password_of_any_length_is_one_hash_for_anybody(app: Flask, tenant: Tenant, password: str) -> None:
    known = tenant.sign_up().email
    for email in (known, fresh_email()):
        with watched(app) as work:
            answer = tenant.call("POST", "/login", json={"email": email, "password": password})
        assert (answer.status_code, work.hashes) == (401, [4])


def test_ACC_04_a_locked_account_is_the_same_work_whether_or_not_it_exists(app: Flask, tenant: Tenant) -> None:
    known, unknown = tenant.sign_up().email, fresh_email()
    for email in (known, unknown):
        for _ in range(5):
            log_in(tenant, email)
    works = [work_of(app, tenant, log_in, email, 423) for email in (known, unknown)]
    assert [work.hashes for work in works] == [[], []]
    assert works[0].statements == works[1].statements


def test_ACC_04_a_sign_up_hashes_once_whether_or_not_the_address_is_taken(app: Flask, tenant: Tenant) -> None:
    taken = work_of(app, tenant, sign_up, tenant.sign_up().email, 409)
    free = work_of(app, tenant, sign_up, fresh_email(), 201)
    assert taken.hashes == free.hashes == [4]
    # Up to the insert nothing differs; then 201 and 409 part, as the answer itself says.
    sent = general(free, tenant)
    until = next(number for number, statement in enumerate(sent) if 'INSERT INTO "users"' in statement) + 1
    assert general(taken, tenant)[:until] == sent[:until]


def test_ACC_04_a_proof_of_identity_hashes_once(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    with watched(app) as work:
        assert person.call("POST", "/me/reauth", json={"password": WRONG}).status_code == 401
        assert person.call("POST", "/me/reauth", json={"password": PASSWORD}).status_code == 204
    assert work.hashes == [4, 4]
