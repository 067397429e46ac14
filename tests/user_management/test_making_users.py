"""Making users for others: with a password or by invitation, with no right that the maker lacks, and once."""

import uuid
from typing import Any

import httpx
import pytest
from flask import Flask

from tests import database
from tests.concurrency import at_once
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email, register
from tests.flows.counting import code_of
from tests.flows.observing import rows_of
from tests.keys.making import make, through
from tests.mails import mails_to
from tests.user_management.managing import delete, shown


def create(caller: Any, headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
    body = {"email": fresh_email(), **fields}
    answer: httpx.Response = caller.call("POST", "/users", json=body, headers=headers or {})
    return answer


def test_a_user_made_with_a_password_logs_in_with_it(tenant: Tenant) -> None:
    profile: dict[str, Any] = {
        "full_name": "Grace Hopper", "username": "grace", "avatar_url": "https://example.com/g", "role": "admin",
        "custom_fields": {"plan": "gold"}, "email_verified": True,
    }  # fmt: skip
    email = fresh_email()
    answer = create(tenant, email=email.upper(), password=PASSWORD, **profile)
    made = answer.json()
    assert answer.status_code == 201
    assert {name: made[name] for name in (*profile, "email", "status", "last_login_at")} == profile | {
        "email": email, "status": "active", "last_login_at": None,
    }  # fmt: skip
    assert made == shown(tenant, made["user_id"])
    assert tenant.log_in(email).call("GET", "/users").status_code == 200
    (row,) = tenant.audit(action="user.create")
    assert (row["status"], row["user_id"], row["detail"]) == (
        "success", made["user_id"], {"role": "admin", "invited": False},
    )  # fmt: skip


def test_a_user_made_without_a_password_is_invited_and_chooses_one(app: Flask, tenant: Tenant) -> None:
    admin, email = tenant.make_admin(), fresh_email()
    made = create(admin, email=email, full_name="Grace").json()
    assert (made["status"], made["email_verified"], made["role"]) == ("invited", False, "user")
    login = {"email": email, "password": PASSWORD}
    assert code_of(tenant.call("POST", "/login", json=login)) == (401, "invalid_credentials")
    (mail,) = mails_to(app, email)
    accepted = tenant.call("POST", "/invitations/accept", json={"token": mail.code, "password": PASSWORD})
    assert accepted.status_code == 200, accepted.text
    assert (accepted.json()["user"]["status"], accepted.json()["user"]["email_verified"]) == ("active", True)
    (row, _) = tenant.audit(action="user.create")
    assert (row["user_id"], row["detail"]) == (
        made["user_id"], {"role": "user", "invited": True, "by_user": admin.user_id},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"password": "short"}, "password"), ({"password": PASSWORD, "role": "emperor"}, "role"),
        ({"password": PASSWORD, "redirect_to": "https://app.example.com/in"}, "redirect_to"),
        ({"email_verified": True}, "email_verified"), ({"email": "nobody"}, "email"), ({"status": "active"}, "status"),
        ({"user_id": str(uuid.uuid4())}, "user_id"), ({"password_hash": "$2b$12$x"}, "password_hash"),
        ({"password": PASSWORD, "username": "-x"}, "username"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_makes_nobody(
    tenant: Tenant, database_url: str, fields: dict[str, Any], wrong: str
) -> None:
    before = rows_of(database_url, tenant)
    answer = create(tenant, **fields)
    assert (code_of(answer), list(answer.json()["errors"])) == ((422, "validation_failed"), [wrong])
    assert rows_of(database_url, tenant) == before


def test_an_invitation_leads_only_to_a_page_that_the_client_has_named(tenant: Tenant, database_url: str) -> None:
    before = rows_of(database_url, tenant)
    answer = create(tenant, redirect_to="https://app.example.com/in")
    assert code_of(answer) == (400, "invalid_request")
    assert rows_of(database_url, tenant) == before


def test_an_address_or_username_that_is_taken_is_refused(tenant: Tenant, database_url: str) -> None:
    person = tenant.sign_up(username="ada")
    before = rows_of(database_url, tenant)
    assert code_of(create(tenant, email=person.email.upper())) == (409, "email_taken")
    assert code_of(create(tenant, username="ADA", password=PASSWORD)) == (409, "conflict")
    assert rows_of(database_url, tenant) == before


def test_ADM_04_nobody_makes_a_user_that_holds_more_than_they_do(tenant: Tenant, database_url: str) -> None:
    tenant.call("PUT", "/roles/support", json={"permissions": ["read", "write", "users:read", "users:write"]})
    support, admin, key = tenant.make("support"), tenant.make_admin(), make(tenant, scopes=["users:write"])["api_key"]
    before = rows_of(database_url, tenant, without=("audit_logs", "keys"))
    beyond = {"email": fresh_email(), "role": "support"}
    refused = [create(support, role="admin", password=PASSWORD), through(tenant, key, "POST", "/users", json=beyond)]
    refused += [create(caller, role="super_admin") for caller in (support, admin, tenant)]
    assert [code_of(answer) for answer in refused] == [(403, "insufficient_scope")] * 5
    assert rows_of(database_url, tenant, without=("audit_logs", "keys")) == before
    assert [row["action"] for row in tenant.audit(status="failed")] == ["user.create"] * 5
    assert create(support, role="support").status_code == create(support).status_code == 201
    assert through(tenant, key, "POST", "/users", json={"email": fresh_email()}).status_code == 201


def test_operators_are_not_made_by_the_api(operator: Operator) -> None:
    answer = create(operator, password="a long enough sentence for operators")
    assert code_of(answer) == (403, "insufficient_scope")


def test_R_20_an_idempotency_key_makes_one_user_and_a_repeat_answers_it(tenant: Tenant, database_url: str) -> None:
    body: dict[str, Any] = {"email": fresh_email(), "password": PASSWORD}
    key = {"Idempotency-Key": "one"}
    first = create(tenant, key, **body)
    again = create(tenant, key, **body)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert code_of(create(tenant, key, **body | {"full_name": "Ada"})) == (422, "idempotency_mismatch")
    assert code_of(create(tenant, **body)) == (409, "email_taken")
    assert database.count(database_url, tenant.table) == len(tenant.audit(action="user.create")) == 1
    # Another caller's key of the same name is another key.
    admin = tenant.make_admin()
    assert create(admin, key, password=PASSWORD).status_code == 201
    assert delete(tenant, first.json()["user_id"]).status_code == 200
    gone = create(tenant, key, **body)
    assert (code_of(gone), gone.json()["user_id"]) == ((409, "already_created"), first.json()["user_id"])


def test_R_20_parallel_calls_with_one_key_make_and_invite_one_user(live: httpx.Client, database_url: str) -> None:
    tenant = register(live)
    body, headers = {"email": fresh_email()}, bearer(tenant.access_key) | {"Idempotency-Key": "one"}
    answers = at_once(20, lambda _: live.post(f"{tenant.path}/users", json=body, headers=headers))
    made = {answer.json()["user_id"] for answer in answers if answer.status_code == 201}
    others = {code_of(answer) for answer in answers if answer.status_code != 201}
    assert (len(made), others <= {(409, "in_progress")}) == (1, True)
    assert len(tenant.audit(action="user.create")) == 1
    of_client = {"c": database.uuid_text(database_url, tenant.client_id)}
    assert database.count(database_url, "outbox", "client_id = :c", **of_client) == 1


def test_R_20_a_refused_call_keeps_no_key(tenant: Tenant) -> None:
    person, key = tenant.sign_up(), {"Idempotency-Key": "one"}
    body: dict[str, Any] = {"email": person.email, "password": PASSWORD}
    assert code_of(create(tenant, key, **body)) == (409, "email_taken")
    assert delete(tenant, person.user_id).status_code == 200
    assert create(tenant, key, **body).status_code == 201


def test_custom_fields_keep_to_the_clients_schema(tenant: Tenant) -> None:
    schema = {"type": "object", "properties": {"plan": {"enum": ["gold", "silver"]}}, "required": ["plan"]}
    settings = {"settings": {"custom_fields_schema": schema}}
    answer = tenant.api.patch(f"/api/v1/clients/{tenant.client_id}", json=settings, headers=bearer(tenant.access_key))
    assert answer.status_code == 200, answer.text
    for fields in ({}, {"custom_fields": {"plan": "lead"}}):
        assert code_of(create(tenant, **fields)) == (422, "validation_failed")
    made = create(tenant, custom_fields={"plan": "gold"}).json()
    path = f"/users/{made['user_id']}"
    wrong = tenant.call("PATCH", path, json={"custom_fields": {"plan": 1}, "full_name": "Ada"})
    assert (code_of(wrong), list(wrong.json()["errors"])) == ((422, "validation_failed"), ["custom_fields.plan"])
    assert tenant.call("PATCH", path, json={"custom_fields": {"plan": "silver"}}).status_code == 200
    assert shown(tenant, made["user_id"])["custom_fields"] == {"plan": "silver"}
