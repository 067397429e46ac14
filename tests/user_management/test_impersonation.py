"""Acting for a user: short, marked, told, and good for reading only."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine

from app.core import clock
from tests.factories import PASSWORD, Operator, Person, Tenant, bearer, register
from tests.flows.counting import code_of
from tests.flows.observing import rows_of
from tests.keys.making import make, through
from tests.user_management.managing import change, delete, impersonate, sessions, shown

REFUSED, REVOKED = (403, "insufficient_scope"), (401, "token_revoked")


def acting(admin: Person, user: Person) -> Person:
    """Return the user as an admin is who acts for it."""
    answer = impersonate(admin, user.user_id)
    assert answer.status_code == 200, answer.text
    return Person(user.api, user.path, user.user_id, user.email, "", answer.json()["access_token"], "")


def claims(token: str) -> dict[str, Any]:
    """Return what an access token says."""
    payload = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def test_an_admin_acts_for_a_user_for_fifteen_minutes_and_the_token_says_so(tenant: Tenant) -> None:
    admin, person = tenant.make_admin(), tenant.sign_up(full_name="Ada")
    answer = impersonate(admin, person.user_id, reason=" Ticket 4711 ")
    body = answer.json()
    assert answer.status_code == 200
    assert body == {
        "user_id": person.user_id, "session_id": body["session_id"], "access_token": body["access_token"],
        "token_type": "Bearer", "expires_in": 900, "user": shown(tenant, person.user_id),
    }  # fmt: skip
    told = claims(body["access_token"])
    assert (told["sub"], told["act"], told["role"], told["amr"]) == (
        person.user_id, {"sub": admin.user_id}, "user", ["pwd"],
    )  # fmt: skip
    # Whose proof of identity it was, and when: the admin's.
    assert told["auth_time"] == claims(admin.access_token)["auth_time"]
    assert (told["exp"] - told["iat"], told["sid"]) == (900, body["session_id"])
    assert told["scopes"] == ["read"]
    assert "act" not in claims(admin.access_token)
    introspected = tenant.call("POST", "/tokens/introspect", json={"token": body["access_token"]}).json()
    assert (introspected["active"], introspected["act"], introspected["scope"]) == (
        True, {"sub": admin.user_id}, "read",
    )  # fmt: skip
    (row,) = tenant.audit(action="user.impersonate")
    assert (row["status"], row["user_id"], row["detail"]) == (
        "success", person.user_id,
        {"reason": "Ticket 4711", "session_id": body["session_id"], "by_user": admin.user_id},
    )  # fmt: skip
    seen = {one["session_id"]: one["impersonated"] for one in person.call("GET", "/me/sessions").json()["items"]}
    assert (seen.pop(body["session_id"]), list(seen.values())) == (True, [False])


def test_it_ends_after_fifteen_minutes_and_cannot_be_refreshed(tenant: Tenant) -> None:
    admin, person = tenant.make_admin(), tenant.sign_up()
    with time_machine.travel(clock.now(), tick=False) as time:
        actor = acting(admin, person)
        time.shift(timedelta(minutes=14, seconds=59))
        assert actor.call("GET", "/me").json()["user_id"] == person.user_id
        time.shift(timedelta(seconds=2))
        assert code_of(actor.call("GET", "/me")) == REVOKED
        time.shift(timedelta(minutes=1))
        assert code_of(actor.call("GET", "/me")) == (401, "token_expired")
    refusals = [row["detail"] for row in tenant.audit(action="credential.refuse")]
    assert {detail["impersonated_by"] for detail in refusals} == {admin.user_id}


def test_who_acts_for_a_user_reads_and_changes_nothing(tenant: Tenant, database_url: str) -> None:
    admin, person = tenant.make_admin(), tenant.sign_up()
    actor = acting(admin, person)
    own = sessions(tenant, person.user_id)[-1]["session_id"]
    before = rows_of(database_url, tenant, without=("audit_logs",))
    for path in ("/me", "/me/sessions", "/keys"):
        assert actor.call("GET", path).status_code == 200
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", "/me", {"full_name": "Eve"}), ("DELETE", "/me", {}), ("DELETE", f"/me/sessions/{own}", {}),
        ("POST", "/me/reauth", {"password": PASSWORD}), ("POST", "/keys", {"name": "Mine", "scopes": []}),
        ("POST", "/me/password", {"current_password": PASSWORD, "new_password": "another long sentence"}),
        ("POST", "/me/email", {"email": "eve@example.com"}), ("POST", "/me/mfa/totp", {}),
        ("POST", "/me/passkeys/options", {}), ("POST", f"/users/{person.user_id}/impersonate", {"reason": "x"}),
        ("POST", "/logout", {"everywhere": True}), ("POST", "/logout", {"refresh_token": person.refresh_token}),
    ]  # fmt: skip
    answers = {f"{method} {path}": code_of(actor.call(method, path, json=body)) for method, path, body in calls}
    assert set(answers.values()) == {REFUSED}, answers
    assert rows_of(database_url, tenant, without=("audit_logs",)) == before
    (refusal,) = [row for row in tenant.audit(action="credential.refuse") if row["user_id"] == person.user_id]
    assert refusal["detail"]["impersonated_by"] == admin.user_id


def test_who_acts_for_a_user_logs_itself_out_and_nobody_else(tenant: Tenant) -> None:
    admin, person = tenant.make_admin(), tenant.sign_up()
    actor = acting(admin, person)
    assert actor.call("POST", "/logout", json={}).status_code == 204
    assert code_of(actor.call("GET", "/me")) == REVOKED
    assert person.call("GET", "/me").status_code == admin.call("GET", "/me").status_code == 200
    (row,) = tenant.audit(action="logout")
    assert (row["user_id"], row["detail"]["impersonated_by"]) == (person.user_id, admin.user_id)


def test_ADM_04_nobody_acts_for_an_admin_or_for_who_holds_what_they_do_not(tenant: Tenant) -> None:
    roles = {
        "support": ["users:read", "users:impersonate", "tickets"], "half": ["users:impersonate"],
        "editor": ["read", "write", "docs:edit", "users:read"], "chief": ["read", "write", "admin"],
    }  # fmt: skip
    for name, held in roles.items():
        assert tenant.call("PUT", f"/roles/{name}", json={"permissions": held}).status_code == 200
    admin, support, half = tenant.make_admin(), tenant.make("support"), tenant.make("half")
    editor, person, chief = tenant.make("editor"), tenant.sign_up(), tenant.make("chief")
    refused = [(support, admin), (support, editor), (half, editor), (half, support), (admin, tenant.make_admin())]
    refused.append((admin, chief))
    answers = [impersonate(caller, target.user_id) for caller, target in refused]
    assert [code_of(answer) for answer in answers] == [REFUSED] * 6
    missing = [answer.json()["missing"] for answer in answers]
    assert missing[1:] == [["docs:edit"], ["docs:edit", "users:read"], ["tickets", "users:read"], [], []]
    assert {"admin", "keys:write"} <= set(missing[0])
    rows = tenant.audit(action="user.impersonate")
    assert [(row["status"], row["user_id"], row["detail"]["reason"]) for row in rows] == [
        ("failed", target.user_id, "insufficient_scope") for _, target in reversed(refused)
    ]
    assert [row["detail"]["missing"] for row in rows] == missing[::-1]
    # Support reads and writes nothing of its own, and acts for an ordinary user all the same.
    for caller, target in ((support, person), (half, person), (admin, editor), (admin, person)):
        assert acting(caller, target).call("GET", "/me").json()["user_id"] == target.user_id


def test_nobody_acts_for_themselves(tenant: Tenant) -> None:
    admin = tenant.make_admin()
    assert code_of(impersonate(admin, admin.user_id)) == (409, "conflict")
    assert sessions(tenant, admin.user_id)[1:] == []


def test_who_acts_for_a_user_has_of_its_scopes_those_that_read(tenant: Tenant) -> None:
    held = ["decay", "docs:edit", "docs:read", "read", "users:read", "users:write", "write"]
    assert tenant.call("PUT", "/roles/editor", json={"permissions": held}).status_code == 200
    admin, editor = tenant.make_admin(), tenant.make("editor")
    actor = acting(admin, editor)
    assert claims(editor.access_token)["scopes"] == held
    assert claims(actor.access_token)["scopes"] == ["docs:read", "read", "users:read"]
    for person, scope in ((editor, " ".join(held)), (actor, "docs:read read users:read")):
        body = {"token": person.access_token}
        assert tenant.call("POST", "/tokens/introspect", json=body).json()["scope"] == scope
    # Other people's sessions are behind users:write, though reading them is a GET.
    path = f"/users/{admin.user_id}/sessions"
    assert [one.call("GET", "/users").status_code for one in (editor, actor)] == [200, 200]
    assert editor.call("GET", path).status_code == 200
    assert code_of(actor.call("GET", path)) == REFUSED


def test_impersonation_wants_a_fresh_admin_in_person(tenant: Tenant) -> None:
    admin, person = tenant.make_admin(), tenant.sign_up()
    key = make(tenant, scopes=["users:impersonate"])["api_key"]
    path, body = f"/users/{person.user_id}/impersonate", {"reason": "Ticket 4711"}
    assert code_of(through(tenant, key, "POST", path, json=body)) == REFUSED
    assert code_of(tenant.call("POST", path, json=body)) == code_of(impersonate(person, person.user_id)) == REFUSED
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        assert code_of(impersonate(admin, person.user_id)) == (403, "reauth_required")
    for reason in ("", "   ", "x" * 501):
        assert code_of(impersonate(admin, person.user_id, reason)) == (422, "validation_failed")
    assert sessions(tenant, person.user_id)[1:] == []


def test_only_a_user_who_could_log_in_is_acted_for(tenant: Tenant) -> None:
    admin, person = tenant.make_admin(), tenant.sign_up()
    assert change(tenant, person.user_id, status="disabled").status_code == 200
    assert code_of(impersonate(admin, person.user_id)) == (409, "conflict")


def test_ADM_04_no_operator_acts_for_anybody(tenant: Tenant, operator: Operator) -> None:
    person = tenant.sign_up()
    body = {"reason": "Ticket 4711"}
    elsewhere = operator.platform_call("POST", f"/{tenant.client_id}/users/{person.user_id}/impersonate", json=body)
    assert code_of(elsewhere) == (404, "client_not_found")


@pytest.mark.parametrize("whose", ["the admin's", "the user's"])
def test_TOK_08_a_change_of_either_ends_the_impersonation_at_once(live: httpx.Client, whose: str) -> None:
    tenant = register(live)
    tenant.make_admin()
    ways: tuple[Callable[[str], httpx.Response], ...] = (
        lambda user_id: change(tenant, user_id, status="disabled"),
        lambda user_id: change(tenant, user_id, role="user" if whose == "the admin's" else "admin"),
        lambda user_id: delete(tenant, user_id),
        lambda user_id: tenant.call("DELETE", f"/users/{user_id}/sessions"),
    )
    for end in ways:
        admin, person = tenant.make_admin(), tenant.sign_up()
        actor = acting(admin, person)
        assert actor.call("GET", "/me").status_code == 200
        assert end((admin if whose == "the admin's" else person).user_id).is_success
        assert code_of(actor.call("GET", "/me", headers={"Connection": "close"})) == REVOKED


def test_it_ends_with_the_right_to_do_it(tenant: Tenant) -> None:
    held = {"permissions": ["read", "write", "users:read", "users:impersonate"]}
    assert tenant.call("PUT", "/roles/support", json=held).is_success
    helper, person = tenant.make("support"), tenant.sign_up()
    begun = helper.call("POST", f"/users/{person.user_id}/impersonate", json={"reason": "Looking"})
    token = begun.json()["access_token"]
    assert tenant.api.get(f"{tenant.path}/me", headers=bearer(token)).status_code == 200
    assert tenant.call("PUT", "/roles/support", json={"permissions": ["read", "users:read"]}).is_success
    ended = tenant.api.get(f"{tenant.path}/me", headers=bearer(token))
    assert (ended.status_code, ended.json()["code"]) == (401, "token_revoked")
    assert tenant.call("POST", "/tokens/introspect", json={"token": token}).json() == {"active": False}
