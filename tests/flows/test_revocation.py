"""What ends a session ends it at once, on every worker."""

import httpx
import pytest
from sqlalchemy import text

from tests import database
from tests.factories import PASSWORD, Operator, Person, Tenant, bearer, register


def statuses(person: Person, times: int = 10) -> set[tuple[int, str]]:
    """Call /me several times, each on a connection of its own, so that every worker is asked."""
    found = set()
    for _ in range(times):
        answer = person.call("GET", "/me", headers={"Connection": "close"})
        found.add((answer.status_code, answer.json().get("code", "")))
    return found


def test_TOK_07_after_a_logout_no_worker_takes_the_access_or_the_refresh_token(live: httpx.Client) -> None:
    tenant = register(live)
    person = tenant.sign_up()
    assert statuses(person) == {(200, "")}
    assert person.call("POST", "/logout").status_code == 204
    assert statuses(person) == {(401, "token_revoked")}
    refused = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
    assert refused.json()["code"] == "token_revoked"


def test_TOK_07_a_backend_logs_a_user_out_by_the_refresh_token(tenant: Tenant) -> None:
    person = tenant.sign_up()
    assert tenant.call("POST", "/logout", json={"refresh_token": person.refresh_token}).status_code == 204
    assert statuses(person, 1) == {(401, "token_revoked")}
    assert tenant.call("POST", "/logout", json={}).json()["errors"] == {
        "refresh_token": ["A key must name the session by its refresh token."]
    }


def test_logging_out_everywhere_ends_all_of_a_users_sessions_and_nobody_elses(tenant: Tenant) -> None:
    person, neighbour = tenant.sign_up(), tenant.sign_up()
    second = tenant.log_in(person.email)
    assert person.call("POST", "/logout", json={"everywhere": True}).status_code == 204
    assert statuses(person, 1) == statuses(second, 1) == {(401, "token_revoked")}
    assert statuses(neighbour, 1) == {(200, "")}
    rows = tenant.audit(action="logout")
    assert [row["detail"] for row in rows] == [{"sessions": 2, "everywhere": True}]


@pytest.mark.parametrize("state", ["spent", "logged out"])
def test_TOK_07_a_refresh_token_that_no_longer_works_cannot_log_its_user_out_everywhere(
    tenant: Tenant, state: str
) -> None:
    old = tenant.sign_up()
    now = tenant.log_in(old.email)
    if state == "spent":
        tenant.call("POST", "/refresh", json={"refresh_token": old.refresh_token})
    else:
        old.call("POST", "/logout")
    body = {"refresh_token": old.refresh_token, "everywhere": True}
    assert tenant.call("POST", "/logout", json=body).status_code == 204
    assert statuses(now, 1) == {(200, "")}
    body["refresh_token"] = now.refresh_token
    assert tenant.call("POST", "/logout", json=body).status_code == 204
    assert statuses(now, 1) == {(401, "token_revoked")}


def test_TOK_08_a_password_change_ends_all_other_sessions_before_it_answers(tenant: Tenant) -> None:
    person = tenant.sign_up()
    stolen = tenant.log_in(person.email)
    change = {"current_password": PASSWORD, "new_password": "a quite different sentence"}
    assert person.call("POST", "/me/password", json=change).status_code == 204
    assert statuses(stolen, 1) == {(401, "token_revoked")}
    assert tenant.call("POST", "/refresh", json={"refresh_token": stolen.refresh_token}).status_code == 401
    assert statuses(person, 1) == {(200, "")}
    old = tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD})
    assert old.json()["code"] == "invalid_credentials"
    tenant.log_in(person.email, "a quite different sentence")


def test_TOK_08_deleting_oneself_ends_everything(tenant: Tenant, database_url: str) -> None:
    person = tenant.sign_up()
    assert person.call("DELETE", "/me").status_code == 204
    assert statuses(person, 1) == {(401, "token_revoked")}
    assert tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}).status_code == 401
    user = database.uuid_text(database_url, person.user_id)
    for table in ("sessions", "tokens", tenant.table):
        assert database.count(database_url, table, "user_id = :user", user=user) == 0
    assert "user.delete" in [row["action"] for row in tenant.audit(user_id=person.user_id)]


@pytest.mark.parametrize("call", ["access", "refresh", "login"])
def test_TOK_08_a_disabled_user_is_out_at_once(tenant: Tenant, database_url: str, call: str) -> None:
    person = tenant.sign_up()
    engine = database.seeing_all(database_url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {tenant.table} SET status = 'disabled'"))
    engine.dispose()
    if call == "access":
        assert statuses(person, 1) == {(401, "token_revoked")}
    elif call == "refresh":
        answer = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
        assert (answer.status_code, answer.json()["code"]) == (403, "account_disabled")
    else:
        wrong = tenant.call("POST", "/login", json={"email": person.email, "password": "not the password"})
        assert wrong.json()["code"] == "invalid_credentials"
        right = tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD})
        assert (right.status_code, right.json()["code"]) == (403, "account_disabled")


def test_TEN_02_suspending_a_client_binds_from_the_next_request_on_every_worker(
    live: httpx.Client, operator: Operator
) -> None:
    tenant = register(live)
    person = tenant.sign_up()
    path = f"/api/v1/clients/{tenant.client_id}"
    changed = live.patch(path, json={"status": "suspended"}, headers=bearer(operator.access_token))
    assert (changed.status_code, changed.json()["status"]) == (200, "suspended")
    assert statuses(person) == {(403, "client_suspended")}
    for _ in range(6):
        answer = tenant.call("GET", "/audit-logs", headers={"Connection": "close"})
        assert (answer.status_code, answer.json()["code"]) == (403, "client_suspended")
    assert live.get(f"{tenant.path}/.well-known/jwks.json").status_code == 404
    live.patch(path, json={"status": "active"}, headers=bearer(operator.access_token))
    assert statuses(person) == {(200, "")}


def test_a_user_sees_and_ends_its_sessions(tenant: Tenant) -> None:
    person = tenant.sign_up()
    second = tenant.log_in(person.email)
    listed = person.call("GET", "/me/sessions").json()
    assert [item["current"] for item in listed["items"]] == [False, True]
    assert set(listed["items"][0]) == {
        "session_id", "ip_address", "user_agent", "created_at", "last_seen_at", "current", "impersonated",
    }  # fmt: skip
    target = listed["items"][0]["session_id"]
    assert person.call("DELETE", f"/me/sessions/{target}").status_code == 204
    assert statuses(second, 1) == {(401, "token_revoked")}
    assert person.call("DELETE", f"/me/sessions/{target}").json()["code"] == "not_found"
    stranger = tenant.sign_up()
    assert stranger.call("DELETE", f"/me/sessions/{listed['items'][1]['session_id']}").status_code == 404
