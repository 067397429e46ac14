"""Sign-ups and registrations at one moment, and the same call twice: one outcome, however often it is asked for."""

import secrets
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine

from app.core import clock
from tests import database
from tests.concurrency import at_once
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email, register

REGISTER = "/api/v1/clients/register"
PROBLEM = {"type", "title", "status", "detail", "code", "request_id"}


def fresh_key() -> dict[str, str]:
    """Return the header of a call that nobody has made."""
    return {"Idempotency-Key": secrets.token_urlsafe(24)}


def until_heard(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Make a call; where the hashing queue sends it away unevaluated, come back when it says."""
    answer = call()
    while answer.status_code == 503:
        assert answer.json()["code"] == "temporarily_unavailable"
        time.sleep(int(answer.headers["retry-after"]))
        answer = call()
    return answer


def sign_up(tenant: Tenant, key: dict[str, str], email: str, api: httpx.Client | None = None) -> httpx.Response:
    body = {"email": email, "password": PASSWORD, "full_name": "Ada"}
    headers = bearer(tenant.access_key) | key
    return (api or tenant.api).post(f"{tenant.path}/signup", json=body, headers=headers)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a problem."""
    return answer.status_code, answer.json()["code"]


def test_R_12_of_fifty_sign_ups_of_one_address_at_once_one_is_made(live: httpx.Client, database_url: str) -> None:
    tenant, email = register(live), fresh_email()
    spellings = [email, email.upper(), f" {email}", email.replace("@", "＠"), email.title()]

    def attempt(number: int) -> httpx.Response:
        body = {"email": spellings[number % 5], "password": PASSWORD}
        return until_heard(lambda: tenant.call("POST", "/signup", json=body))

    answers = at_once(50, attempt)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"email_taken"}
    assert database.count(database_url, tenant.table) == 1
    of_client = {"c": database.uuid_text(database_url, tenant.client_id)}
    assert database.count(database_url, "sessions", "client_id = :c", **of_client) == 1
    assert database.count(database_url, "tokens", "client_id = :c", **of_client) == 1
    assert Counter(row["status"] for row in tenant.audit(action="signup")) == {"success": 1, "failed": 49}


def test_R_12_of_fifty_sign_ups_with_one_username_at_once_one_is_made(live: httpx.Client, database_url: str) -> None:
    tenant = register(live)

    def attempt(number: int) -> httpx.Response:
        body = {"email": fresh_email(), "password": PASSWORD, "username": "ada" if number % 2 else "ADA"}
        return until_heard(lambda: tenant.call("POST", "/signup", json=body))

    answers = at_once(50, attempt)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"conflict"}
    assert database.count(database_url, tenant.table) == 1


def test_R_12_of_twenty_registrations_of_one_slug_at_once_one_is_made(live: httpx.Client, database_url: str) -> None:
    before, slug = database.users_tables(database_url), f"race-{secrets.token_hex(4)}"
    answers = at_once(20, lambda _: live.post(REGISTER, json={"client_name": "Race", "slug": slug}))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"slug_taken"}
    assert len(database.users_tables(database_url) - before) == 1


def test_R_20_a_repeated_registration_answers_its_ids_and_makes_nothing(
    live: httpx.Client, api: httpx.Client, database_url: str
) -> None:
    key, body = fresh_key(), {"client_name": "Once", "admin": {"email": fresh_email(), "password": PASSWORD}}
    first = live.post(REGISTER, json=body, headers=key)
    assert first.status_code == 201
    made, tables = first.json(), database.users_tables(database_url)
    # The second process stands for a server that was started again: what is known is in the database.
    for client in (live, api, live):
        again = client.post(REGISTER, json=dict(reversed(body.items())), headers=key)
        assert code_of(again) == (409, "already_created")
        assert set(again.json()) == PROBLEM | {"client_id", "access_key_id"}
        assert again.json()["client_id"] == made["client_id"]
        assert made["access_key"] not in again.text
    assert database.users_tables(database_url) == tables
    assert api.get(f"/api/v1/{made['client_id']}/audit-logs", headers=bearer(made["access_key"])).status_code == 200


def test_R_20_a_repeated_sign_up_answers_the_user_id_and_logs_nobody_in(tenant: Tenant, database_url: str) -> None:
    key, email = fresh_key(), fresh_email()
    first = sign_up(tenant, key, email)
    assert first.status_code == 201
    for _ in range(3):
        again = sign_up(tenant, key, email)
        assert code_of(again) == (409, "already_created")
        assert set(again.json()) == PROBLEM | {"user_id"}
        assert again.json()["user_id"] == first.json()["user_id"]
    assert database.count(database_url, tenant.table) == 1
    assert len(tenant.audit(action="signup", status="success")) == 1
    sessions = tenant.api.get(f"{tenant.path}/me/sessions", headers=bearer(first.json()["access_token"]))
    assert len(sessions.json()["items"]) == 1


def test_R_20_twenty_equal_registrations_at_once_make_one_client(live: httpx.Client, database_url: str) -> None:
    key, before = fresh_key(), database.users_tables(database_url)
    answers = at_once(20, lambda _: live.post(REGISTER, json={"client_name": "Twenty"}, headers=key))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    repeats = [answer for answer in answers if answer.status_code == 409]
    assert {answer.json()["code"] for answer in repeats} <= {"already_created", "in_progress"}
    assert all(answer.headers["retry-after"] for answer in repeats if answer.json()["code"] == "in_progress")
    assert len(database.users_tables(database_url) - before) == 1


def test_R_20_twenty_equal_sign_ups_at_once_make_one_user(live: httpx.Client, database_url: str) -> None:
    tenant, key, email = register(live), fresh_key(), fresh_email()
    answers = at_once(20, lambda _: until_heard(lambda: sign_up(tenant, key, email)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    repeats = [answer for answer in answers if answer.status_code == 409]
    assert {answer.json()["code"] for answer in repeats} <= {"already_created", "in_progress"}
    assert database.count(database_url, tenant.table) == 1
    assert code_of(sign_up(tenant, key, email)) == (409, "already_created")


def test_R_20_another_body_under_the_same_key_is_refused(tenant: Tenant, database_url: str) -> None:
    key, email = fresh_key(), fresh_email()
    assert sign_up(tenant, key, email).status_code == 201
    assert code_of(sign_up(tenant, key, fresh_email())) == (422, "idempotency_mismatch")
    body = {"email": email, "password": "another fine sentence", "full_name": "Ada"}
    assert code_of(tenant.call("POST", "/signup", json=body, headers=key)) == (422, "idempotency_mismatch")
    assert database.count(database_url, tenant.table) == 1

    registration, key = {"client_name": "Mismatch"}, fresh_key()
    assert tenant.api.post(REGISTER, json=registration, headers=key).status_code == 201
    tables = database.users_tables(database_url)
    changed = tenant.api.post(REGISTER, json=registration | {"industry": "tea"}, headers=key)
    assert code_of(changed) == (422, "idempotency_mismatch")
    assert database.users_tables(database_url) == tables


def test_R_20_the_same_key_of_another_caller_or_route_is_another_call(
    tenant: Tenant, other: Tenant, operator: Operator, api_from: Any
) -> None:
    key, email = fresh_key(), fresh_email()
    assert sign_up(tenant, key, email).status_code == 201
    assert sign_up(other, key, email).status_code == 201
    body = {"client_name": "Neighbours"}
    made = [api_from(f"198.19.0.{number}").post(REGISTER, json=body, headers=key) for number in (1, 2)]
    made.append(operator.api.post(REGISTER, json=body, headers=key | bearer(operator.access_token)))
    assert [answer.status_code for answer in made] == [201] * 3
    assert len({answer.json()["client_id"] for answer in made}) == 3


def test_R_20_the_call_is_the_same_after_the_access_key_was_rotated(tenant: Tenant) -> None:
    key, email = fresh_key(), fresh_email()
    assert sign_up(tenant, key, email).status_code == 201
    tenant.access_key = tenant.call("POST", "/access-key/rotate", json={}).json()["access_key"]
    assert code_of(sign_up(tenant, key, email)) == (409, "already_created")


def test_R_20_a_failed_call_claims_nothing(tenant: Tenant, api: httpx.Client, database_url: str) -> None:
    key, taken = fresh_key(), tenant.sign_up().email
    for _ in range(2):
        assert code_of(sign_up(tenant, key, taken)) == (409, "email_taken")
    weak = {"email": fresh_email(), "password": "password"}
    assert code_of(tenant.call("POST", "/signup", json=weak, headers=key)) == (422, "validation_failed")
    assert sign_up(tenant, key, fresh_email()).status_code == 201
    assert len(tenant.audit(action="signup", status="failed")) == 3

    key, slug = fresh_key(), tenant.slug
    for _ in range(2):
        assert code_of(api.post(REGISTER, json={"client_name": "S", "slug": slug}, headers=key)) == (409, "slug_taken")
    assert api.post(REGISTER, json={"client_name": "S"}, headers=key).status_code == 201


def test_R_20_a_key_is_kept_for_a_day(tenant: Tenant) -> None:
    key, email, now = fresh_key(), fresh_email(), clock.now()
    assert sign_up(tenant, key, email).status_code == 201
    with time_machine.travel(now + timedelta(hours=23, minutes=59), tick=True):
        assert code_of(sign_up(tenant, key, email)) == (409, "already_created")
    with time_machine.travel(now + timedelta(hours=24, minutes=1), tick=True):
        assert code_of(sign_up(tenant, key, email)) == (409, "email_taken")


def test_R_20_nothing_secret_is_kept_of_a_call(tenant: Tenant, database_url: str) -> None:
    key, email = fresh_key(), fresh_email()
    made = sign_up(tenant, key, email).json()
    admin = {"email": fresh_email(), "password": "seven geese over the harbour"}
    registered = tenant.api.post(REGISTER, json={"client_name": "Quiet", "admin": admin}, headers=key).json()
    kept = str([{name: _readable(value) for name, value in row.items()} for row in _kept(database_url)])
    assert made["user_id"] in kept
    assert registered["client_id"] in kept
    secrets_of_the_calls = (
        PASSWORD, email, admin["password"], admin["email"], made["access_token"], made["refresh_token"],
        registered["access_key"], tenant.access_key, key["Idempotency-Key"],
    )  # fmt: skip
    assert [secret for secret in secrets_of_the_calls if secret in kept] == []


@pytest.mark.parametrize("key", [b"", b"x" * 256, "ключ".encode(), b"a\xff", b"a\tb"])
def test_R_20_an_unusable_key_is_an_error_and_makes_nothing(
    tenant: Tenant, live: httpx.Client, database_url: str, key: bytes
) -> None:
    headers = httpx.Headers([(b"Authorization", f"Bearer {tenant.access_key}".encode()), (b"Idempotency-Key", key)])
    body = {"email": fresh_email(), "password": PASSWORD}
    answer = live.post(f"{tenant.path}/signup", json=body, headers=headers)
    assert code_of(answer) == (400, "invalid_request")
    assert database.count(database_url, tenant.table) == 0


def _kept(url: str) -> list[dict[str, Any]]:
    return database.rows(url, "SELECT * FROM idempotency_keys")


def _readable(value: Any) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
