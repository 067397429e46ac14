"""Changing other people: who may change whom, and that a change of role or status binds before it is answered."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from flask import Flask

from app.core import errors
from tests import database
from tests.concurrency import at_once
from tests.factories import PASSWORD, Operator, Person, Tenant, bearer, fresh_email, make_operator, register
from tests.flows.counting import code_of
from tests.flows.observing import rows_of
from tests.keys.making import make, through, verify
from tests.mails import mails_to
from tests.user_management.managing import change, delete, refresh, sessions, shown

ALONE = {"Connection": "close"}
NOBODY = "8535a44f-05b1-4acc-8d17-9456a1f2aa6a"


def test_a_change_changes_what_was_sent_and_nothing_else(tenant: Tenant) -> None:
    admin, person = tenant.make_admin(), tenant.sign_up(full_name="Ada", custom_fields={"a": 1})
    before = shown(tenant, person.user_id)
    fields: dict[str, Any] = {"full_name": "Ada L.", "username": "ada", "avatar_url": None, "custom_fields": {"b": [2]}}
    answer = change(admin, person.user_id, **fields)
    after = answer.json()
    assert (answer.status_code, after) == (200, shown(tenant, person.user_id))
    assert after == before | fields | {"updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]
    (row,) = tenant.audit(action="user.update")
    assert (row["user_id"], row["status"], row["request_id"]) == (
        person.user_id, "success", answer.headers["x-request-id"],
    )  # fmt: skip
    assert row["detail"] == {"fields": ["custom_fields", "full_name", "username"], "by_user": admin.user_id}
    assert person.call("GET", "/me").json() == after


def test_a_change_of_nothing_changes_nothing(tenant: Tenant, database_url: str) -> None:
    person = tenant.sign_up(full_name="Ada")
    before = rows_of(database_url, tenant)
    for fields in ({}, {"full_name": "Ada", "role": "user", "status": "active"}):
        assert change(tenant, person.user_id, **fields).status_code == 200
    assert rows_of(database_url, tenant) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "new@example.com"), ("email_verified", True), ("password", PASSWORD), ("password_hash", "x"),
        ("status", "invited"), ("status", None), ("role", "emperor"), ("role", None), ("user_id", NOBODY),
        ("custom_fields", None), ("created_at", "2026-01-01T00:00:00Z"), ("username", "a b"),
    ],
)  # fmt: skip
def test_ACC_09_what_is_not_an_admins_to_change_is_refused_with_all_else(
    tenant: Tenant, database_url: str, name: str, value: Any
) -> None:
    person = tenant.sign_up()
    before = rows_of(database_url, tenant)
    answer = change(tenant, person.user_id, full_name="Ada", **{name: value})
    assert (code_of(answer), list(answer.json()["errors"])) == ((422, "validation_failed"), [name])
    assert rows_of(database_url, tenant) == before


def test_a_username_that_is_taken_is_refused(tenant: Tenant) -> None:
    tenant.sign_up(username="ada")
    person = tenant.sign_up()
    assert code_of(change(tenant, person.user_id, username="ADA", status="disabled")) == (409, "conflict")
    assert shown(tenant, person.user_id)["status"] == "active"


Change = Callable[[Tenant, str], httpx.Response]
CHANGES: dict[str, Change] = {
    "disabled": lambda tenant, user_id: change(tenant, user_id, status="disabled"),
    "demoted": lambda tenant, user_id: change(tenant, user_id, role="user"),
    "deleted": delete,
}


@pytest.mark.parametrize("done", CHANGES)
def test_TOK_08_what_was_held_before_a_change_is_refused_from_the_answer_on(live: httpx.Client, done: str) -> None:
    tenant = register(live)
    tenant.call("PUT", "/roles/reader", json={"permissions": ["read", "write", "users:read"]})
    person = tenant.make("reader")
    elsewhere = tenant.log_in(person.email)
    key = make(person, scopes=["users:read"])["api_key"]
    held_by_client = make(tenant, scopes=["users:read"])["api_key"]

    def used(_: int) -> list[tuple[int, str]]:
        answers = [one.call("GET", "/users", headers=ALONE) for one in (person, elsewhere)]
        answers.append(through(tenant, key, "GET", "/users", headers=ALONE))
        return [(answer.status_code, answer.json().get("code", "")) for answer in answers]

    assert {str(used(0)), str(used(1))} == {str([(200, "")] * 3)}
    assert CHANGES[done](tenant, person.user_id).status_code == 200
    refused = (403, "insufficient_scope") if done == "demoted" else (401, "authentication_required")
    expected = [(401, "token_revoked"), (401, "token_revoked"), refused]
    assert {str(answer) for answer in at_once(6, used)} == {str(expected)}
    assert {code_of(refresh(tenant, one)) for one in (person, elsewhere)} == {(401, "token_revoked")}
    assert through(tenant, held_by_client, "GET", "/users").status_code == 200
    again = tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD})
    assert (again.status_code, again.json().get("code")) == {
        "disabled": (403, "account_disabled"), "demoted": (200, None), "deleted": (401, "invalid_credentials"),
    }[done]  # fmt: skip


def test_TOK_08_who_is_enabled_again_logs_in_anew_and_has_the_keys_back(tenant: Tenant) -> None:
    person = tenant.sign_up()
    key = make(person, scopes=["read"])["api_key"]
    assert verify(tenant, key)["valid"]
    assert change(tenant, person.user_id, status="disabled").json()["status"] == "disabled"
    assert code_of(through(tenant, key, "GET", "/keys")) == (401, "authentication_required")
    assert verify(tenant, key)["code"] == "revoked"
    assert change(tenant, person.user_id, status="active").json()["status"] == "active"
    assert code_of(person.call("GET", "/me")) == (401, "token_revoked")
    assert code_of(refresh(tenant, person)) == (401, "token_revoked")
    assert sessions(tenant, person.user_id) == []
    assert tenant.log_in(person.email).call("GET", "/me").status_code == 200
    assert verify(tenant, key)["valid"]
    rows = [row for action in ("user.disable", "user.enable") for row in tenant.audit(action=action)]
    assert [row["detail"] for row in rows] == [
        {"status": {"from": "active", "to": "disabled"}, "sessions_ended": 1},
        {"status": {"from": "disabled", "to": "active"}, "sessions_ended": 0},
    ]


def test_an_invited_user_is_made_active_by_nobody_else_and_told_what_to_do(tenant: Tenant) -> None:
    invited = tenant.call("POST", "/users", json={"email": fresh_email()}).json()
    refused = change(tenant, invited["user_id"], status="active")
    assert code_of(refused) == (409, "conflict")
    assert refused.json()["title"] == "This user has not accepted the invitation yet."
    told = {error.title: error.advice for error in errors.Conflict.__subclasses__()}
    assert "POST /users/{user_id}/invitation" in told[refused.json()["title"]]


def accepts(tenant: Tenant, code: str) -> httpx.Response:
    return tenant.call("POST", "/invitations/accept", json={"token": code, "password": PASSWORD})


@pytest.mark.parametrize("way", ["invited", "imported"])
def test_REC_04_who_has_no_password_is_never_enabled_but_invited_again(app: Flask, tenant: Tenant, way: str) -> None:
    email = fresh_email()
    if way == "invited":
        user_id = tenant.call("POST", "/users", json={"email": email}).json()["user_id"]
        assert change(tenant, user_id, status="disabled").json()["status"] == "disabled"
    else:
        row = json.dumps({"email": email, "email_verified": True, "status": "disabled"})
        headers = {"Content-Type": "application/x-ndjson"}
        assert tenant.call("POST", "/users/import", content=row, headers=headers).status_code == 200
        user_id = tenant.call("GET", "/users", params={"email": email}).json()["items"][0]["user_id"]
    before = [mail.code for mail in mails_to(app, email)]
    enabled = change(tenant, user_id, status="active", full_name="Ada").json()
    assert (enabled["status"], enabled["email_verified"]) == ("invited", False)
    told = {row["action"]: row["detail"] for row in tenant.audit(user_id=user_id)[:2]}
    assert told == {
        "user.enable": {"status": {"from": "disabled", "to": "invited"}, "sessions_ended": 0},
        "user.update": {"fields": ["full_name"]},
    }
    *earlier, newest = (mail.code for mail in mails_to(app, email))
    assert earlier == before
    assert [accepts(tenant, code).status_code for code in earlier] == [400] * len(earlier)
    assert accepts(tenant, newest).json()["user"]["status"] == "active"
    assert tenant.log_in(email).call("GET", "/me").status_code == 200


def test_a_role_and_a_status_changed_at_once_are_two_changes_in_the_audit_log(tenant: Tenant) -> None:
    person = tenant.sign_up()
    assert change(tenant, person.user_id, role="admin", status="disabled", username="ada").status_code == 200
    rows = {row["action"]: (row["user_id"], row["detail"]) for row in tenant.audit(user_id=person.user_id)[:3]}
    assert rows == {
        "role.change": (person.user_id, {"role": {"from": "user", "to": "admin"}, "sessions_ended": 1}),
        "user.disable": (person.user_id, {"status": {"from": "active", "to": "disabled"}}),
        "user.update": (person.user_id, {"fields": ["username"]}),
    }
    assert len(tenant.audit(user_id=person.user_id)) == 4  # with its sign-up


def test_a_new_role_is_in_the_next_token_and_in_the_audit_log(tenant: Tenant) -> None:
    admin, person = tenant.make_admin(), tenant.sign_up()
    assert change(admin, person.user_id, role="admin").json()["role"] == "admin"
    assert code_of(person.call("GET", "/me")) == (401, "token_revoked")
    assert tenant.log_in(person.email).call("GET", "/users").status_code == 200
    (row,) = tenant.audit(action="role.change")
    assert (row["user_id"], row["detail"]) == (
        person.user_id,
        {"role": {"from": "user", "to": "admin"}, "sessions_ended": 1, "by_user": admin.user_id},
    )  # fmt: skip


def test_ADM_04_nobody_grants_or_handles_what_is_above_them(tenant: Tenant, database_url: str) -> None:
    tenant.call("PUT", "/roles/support", json={"permissions": ["read", "write", "users:read", "users:write"]})
    support, admin, person = tenant.make("support"), tenant.make_admin(), tenant.sign_up()
    key = make(tenant, scopes=["users:write"])["api_key"]
    path = f"/users/{admin.user_id}"
    before = rows_of(database_url, tenant, without=("audit_logs", "keys"))
    refused = [change(support, one.user_id, role="admin") for one in (support, person)]
    refused += [change(one, person.user_id, role="super_admin") for one in (admin, support, tenant)]
    refused += [change(support, admin.user_id, full_name="Nobody"), change(support, admin.user_id, status="disabled")]
    refused += [delete(support, admin.user_id), support.call("DELETE", f"{path}/sessions")]
    refused += [through(tenant, key, "DELETE", path), through(tenant, key, "DELETE", f"/users/{support.user_id}")]
    assert [code_of(answer) for answer in refused] == [(403, "insufficient_scope")] * 11
    assert rows_of(database_url, tenant, without=("audit_logs", "keys")) == before
    assert Counter(row["action"] for row in tenant.audit(status="failed")) == {
        "role.change": 5, "user.update": 1, "user.disable": 1, "user.delete": 3, "session.revoke": 1,
    }  # fmt: skip
    assert change(support, person.user_id, role="support").status_code == 200
    assert through(tenant, key, "PATCH", f"/users/{tenant.sign_up().user_id}", json={"full_name": "Ada"}).is_success


def test_ADM_03_the_last_active_admin_is_neither_demoted_nor_disabled_nor_deleted(
    tenant: Tenant, database_url: str
) -> None:
    admin, off = tenant.make_admin(), tenant.make_admin()
    assert change(tenant, off.user_id, status="disabled").status_code == 200
    before = rows_of(database_url, tenant)
    for caller in (admin, tenant):
        answers = [change(caller, admin.user_id, role="user"), change(caller, admin.user_id, status="disabled")]
        answers.append(delete(caller, admin.user_id))
        assert [code_of(answer) for answer in answers] == [(409, "last_admin")] * 3
    assert rows_of(database_url, tenant) == before
    # One who is disabled leads nobody: it may go, and with another active admin the first may too.
    assert delete(tenant, off.user_id).status_code == 200
    tenant.make_admin()
    assert change(admin, admin.user_id, role="user").json()["role"] == "user"


def test_ADM_03_R_13_of_admins_who_end_each_other_at_once_one_is_left(live: httpx.Client, database_url: str) -> None:
    ways = [*CHANGES.values()]
    for admins, each, rounds in ((2, 1, 3), (2, 25, 1), (5, 10, 1)):
        for turn in range(rounds):
            tenant = register(live)
            people = [tenant.make_admin() for _ in range(admins)]

            def end(number: int) -> httpx.Response:
                caller, target = people[number % admins], people[(number + 1) % admins]  # noqa: B023 - called at once
                return ways[(number + turn) % 3](_As(caller), target.user_id)  # type: ignore[arg-type] # noqa: B023

            answers = at_once(admins * each, end)
            codes = {answer.json().get("code") for answer in answers if answer.status_code != 200}
            assert codes <= {"last_admin", "token_revoked", "not_found", "insufficient_scope"}
            left = database.rows(
                database_url, f"SELECT email FROM \"{tenant.table}\" WHERE role = 'admin' AND status = 'active'"
            )
            assert len(left) >= 1
            assert tenant.log_in(left[0]["email"]).call("GET", "/users").status_code == 200


class _As:
    """Calls as a person does."""

    def __init__(self, person: Person) -> None:
        self.call = person.call


def test_a_deletion_takes_everything_along_and_says_how_much(tenant: Tenant, database_url: str) -> None:
    person, neighbour = tenant.sign_up(full_name="Augusta"), tenant.sign_up()
    make(person, scopes=["read"])
    assert refresh(tenant, tenant.log_in(person.email)).status_code == 200
    answer = delete(tenant, person.user_id)
    gone = {"sessions": 2, "tokens": 3, "keys": 1, "codes": 0, "factors": 0}
    assert (answer.status_code, answer.json()) == (200, {"deleted": gone})
    left, user = rows_of(database_url, tenant), database.uuid_text(database_url, person.user_id)
    assert {table for table, rows in left.items() if user in str(rows)} == {"audit_logs"}
    assert not [word for word in (person.email, "Augusta") if word in str(left)]
    (row,) = tenant.audit(action="user.delete")
    assert (row["user_id"], row["detail"]) == (person.user_id, {"role": "user", "deleted": gone})
    assert code_of(delete(tenant, person.user_id)) == (404, "not_found")
    assert neighbour.call("GET", "/me").status_code == 200


def test_a_deletion_takes_an_invitation_along(tenant: Tenant) -> None:
    invited = tenant.call("POST", "/users", json={"email": fresh_email()}).json()
    assert delete(tenant, invited["user_id"]).json()["deleted"]["codes"] == 1


def test_operators_end_each_other_but_keep_their_role_and_never_all_go(app: Flask, api: httpx.Client) -> None:
    first, second = make_operator(app, api), make_operator(app, api)
    assert code_of(change(first, second.user_id, role="user")) == (403, "insufficient_scope")
    assert change(first, second.user_id, status="disabled").status_code == 200
    assert code_of(second.call("GET", "/me")) == (401, "token_revoked")
    assert delete(first, second.user_id).status_code == 200


def test_an_operator_manages_nobody_in_another_client(tenant: Tenant, operator: Operator) -> None:
    person = tenant.sign_up()
    for method, path in (("GET", "/users"), ("DELETE", f"/users/{person.user_id}"), ("POST", "/sessions/revoke-all")):
        answer = operator.api.request(method, tenant.path + path, headers=bearer(operator.access_token))
        assert code_of(answer) == (404, "client_not_found")
