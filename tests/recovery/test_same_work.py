"""ACC-04, ACC-06: who is known and who is not cost the same: hashes, statements, rows and mails are counted, not time.

`python -m bench.timing` measures the times themselves.
"""

from collections.abc import Callable

import httpx
import pytest
from flask import Flask

from tests import database
from tests.console_session.browsing import ORIGIN, PLACE
from tests.factories import Tenant, fresh_email
from tests.flows.observing import Work, watched
from tests.recovery.asking import NEW, forget, invite, newest, redeem, resend, set_up

COUNTED = ("sessions", "tokens", "one_time_codes", "outbox", "audit_logs")
Attempt = Callable[[Tenant, str], httpx.Response]


def sign_up(tenant: Tenant, email: str) -> httpx.Response:
    return tenant.call("POST", "/signup", json={"email": email, "password": NEW, "username": "ada", "full_name": "A"})


def ask_again(tenant: Tenant, email: str) -> httpx.Response:
    return tenant.call("POST", "/email/resend", json={"email": email})


def ask_for_reset(tenant: Tenant, email: str) -> httpx.Response:
    return tenant.call("POST", "/password/forgot", json={"email": email})


def ask_again_in_the_console(tenant: Tenant, email: str) -> httpx.Response:
    return of_console(tenant, "email/resend", email)


def ask_for_reset_in_the_console(tenant: Tenant, email: str) -> httpx.Response:
    return of_console(tenant, "password/forgot", email)


def of_console(tenant: Tenant, call: str, email: str) -> httpx.Response:
    body = {"client": tenant.slug, "email": email}
    return tenant.api.post(f"{ORIGIN}{PLACE}/{call}", json=body, headers={"Origin": ORIGIN})


def work_of(
    app: Flask, tenant: Tenant, url: str, attempt: Attempt, email: str
) -> tuple[Work, dict[str, int], tuple[int, str, list[str]]]:
    """Return the work of one attempt, the rows it adds, and its answer."""
    of_client = {"where": "client_id = :client", "client": database.uuid_text(url, tenant.client_id)}
    before = {table: database.count(url, table, **of_client) for table in COUNTED}
    with watched(app) as work:
        answer = attempt(tenant, email)
    after = {table: database.count(url, table, **of_client) for table in COUNTED}
    return work, {table: after[table] - before[table] for table in COUNTED}, answered(answer)


def answered(answer: httpx.Response) -> tuple[int, str, list[str]]:
    return answer.status_code, answer.text, sorted(answer.headers.keys())


@pytest.mark.parametrize(
    "attempt", [sign_up, ask_again, ask_for_reset, ask_again_in_the_console, ask_for_reset_in_the_console]
)
def test_ACC_04_known_and_unknown_addresses_are_the_same_work(
    app: Flask, tenant: Tenant, database_url: str, attempt: Attempt
) -> None:
    proved, unproved = tenant.sign_up().email, tenant.sign_up().email
    resend(tenant, proved)
    redeem(tenant, "verify-email", newest(app, proved, "verify-email"))
    set_up(tenant, email_verification="required")
    attempt(tenant, fresh_email())  # fills the caches
    waiting, busy, invited = fresh_email(), fresh_email(), invite(tenant)
    sign_up(tenant, waiting)
    for _ in range(6):
        for ask in (sign_up, ask_again, ask_for_reset):
            ask(tenant, busy)
    known = [fresh_email(), proved, unproved, waiting, busy, invited]
    works = [work_of(app, tenant, database_url, attempt, email) for email in known]
    first = works[0]
    assert first[1]["outbox"] == first[1]["audit_logs"] == 1
    assert first[1]["one_time_codes"] == (2 if attempt is sign_up else 1)
    assert len(first[0].hashes) == (1 if attempt is sign_up else 0)
    for work, rows, answer in works[1:]:
        assert (work.hashes, work.statements) == (first[0].hashes, first[0].statements)
        assert (rows, answer) == first[1:]


def test_ACC_06_the_answer_does_not_wait_for_the_mail(app: Flask, tenant: Tenant, database_url: str) -> None:
    person = tenant.sign_up()
    forget(tenant, person.email)
    query = "SELECT status FROM outbox WHERE client_id = :client"
    rows = database.rows(database_url, query, client=database.uuid_text(database_url, tenant.client_id))
    assert [row["status"] for row in rows] == ["waiting"]
