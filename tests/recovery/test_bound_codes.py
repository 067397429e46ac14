"""A code works for its own client, purpose and user, once; also when fifty come at one moment."""

from collections import Counter
from collections.abc import Callable

import httpx
import pytest
from flask import Flask

from tests import database
from tests.concurrency import at_once
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email, register
from tests.flows.test_signup_races import until_heard
from tests.recovery.asking import (
    CALLS,
    NEW,
    ask_for_email,
    code_of,
    forget,
    invite,
    log_in,
    newest,
    redeem,
    resend,
)
from tests.servers import RunningServer

INVALID = (400, "invalid_code")
Made = Callable[[Flask, Tenant, str], str]


def a_verification(app: Flask, tenant: Tenant, email: str) -> str:
    tenant.sign_up(email)
    resend(tenant, email)
    return newest(app, email, "verify-email")


def a_reset(app: Flask, tenant: Tenant, email: str) -> str:
    tenant.sign_up(email)
    forget(tenant, email)
    return newest(app, email, "reset-password")


def an_invitation(app: Flask, tenant: Tenant, email: str) -> str:
    return newest(app, invite(tenant, email), "accept-invitation")


def a_change(app: Flask, tenant: Tenant, email: str) -> str:
    ask_for_email(tenant.sign_up(), email)
    return newest(app, email, "change-email")


MAKERS = {
    "verify-email": a_verification,
    "reset-password": a_reset,
    "accept-invitation": an_invitation,
    "change-email": a_change,
}


def test_TEN_03_a_code_of_one_client_or_purpose_is_nothing_to_another_and_stays_good_at_home(
    app: Flask, tenant: Tenant, other: Tenant
) -> None:
    emails = {page: fresh_email() for page in MAKERS}
    own = {page: make(app, tenant, emails[page]) for page, make in MAKERS.items()}
    theirs = {page: make(app, other, emails[page]) for page, make in MAKERS.items()}
    for page in MAKERS:
        assert code_of(redeem(other, page, own[page])) == INVALID
        assert code_of(redeem(tenant, page, theirs[page])) == INVALID
        for purpose in CALLS.keys() - {page}:
            assert code_of(redeem(tenant, purpose, own[page])) == INVALID
        refused = tenant.api.get(f"{tenant.path}/me", headers=bearer(own[page]))
        assert refused.status_code == 401
    assert [redeem(place, page, code).status_code for place, held in ((tenant, own), (other, theirs))
            for page, code in held.items()] == [204, 204, 200, 204] * 2  # fmt: skip


def test_an_unknown_or_suspended_client_takes_no_code(app: Flask, tenant: Tenant, operator: Operator) -> None:
    code, place = a_reset(app, tenant, fresh_email()), f"/clients/{tenant.client_id}"
    assert operator.platform_call("PATCH", place, json={"status": "suspended"}).status_code == 200
    for client in ("nobody", "0" * 32, "00000000-0000-7000-8000-000000000000", tenant.client_id):
        answer = tenant.api.post(f"/api/v1/{client}/password/reset", json={"token": code, "new_password": NEW})
        assert code_of(answer) == (404, "client_not_found")
    assert operator.platform_call("PATCH", place, json={"status": "active"}).status_code == 200
    assert redeem(tenant, "reset-password", code).status_code == 204


def test_REC_01_codes_are_kept_as_digests(app: Flask, tenant: Tenant, database_url: str) -> None:
    codes = [make(app, tenant, fresh_email()) for make in MAKERS.values()]
    dump = database.dump(database_url)
    assert not any(code[7:23] in dump for code in codes)


@pytest.mark.parametrize("page", ["reset-password", "verify-email", "accept-invitation"])
def test_REC_01_R_16_of_fifty_callers_with_one_code_at_once_one_succeeds(
    app: Flask, api: httpx.Client, live: httpx.Client, page: str
) -> None:
    tenant, email = register(api), fresh_email()
    code = MAKERS[page](app, tenant, email)
    secret = {"reset-password": "new_password", "accept-invitation": "password"}.get(page)

    def attempt(number: int) -> httpx.Response:
        body = {"token": code} | ({secret: f"{NEW} {number}"} if secret else {})
        return until_heard(lambda: live.post(tenant.path + CALLS[page], json=body))

    answers = at_once(50, attempt)
    won = [number for number, answer in enumerate(answers) if answer.status_code in (200, 204)]
    assert len(won) == 1
    assert Counter(code_of(answer) for answer in answers if answer.status_code >= 400) == {INVALID: 49}
    password = f"{NEW} {won[0]}" if secret else PASSWORD
    assert log_in(tenant, email, password).status_code == 200
    if secret:
        assert log_in(tenant, email, f"{NEW} {won[0] + 1}").status_code == 401


def test_REC_08_looking_at_a_link_spends_no_code_and_no_log_has_it(
    app: Flask, api: httpx.Client, live: httpx.Client, server: RunningServer
) -> None:
    tenant, email = register(api), fresh_email()
    code = a_reset(app, tenant, email)
    page = f"/pages/{tenant.client_id}/reset-password"
    for method in ("GET", "HEAD"):
        for path in (page, tenant.path + "/password/reset", tenant.path + "/email/verify"):
            live.request(method, path)
    answer = live.post(tenant.path + "/password/reset", json={"token": code, "new_password": NEW})
    assert answer.status_code == 204
    refused = live.post(tenant.path + "/password/reset", json={"token": code, "new_password": NEW})
    assert code_of(refused) == INVALID
    assert code[7:] not in server.log()
