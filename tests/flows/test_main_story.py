"""The main job from beginning to end."""

import httpx

from tests import database
from tests.factories import PASSWORD, Operator, bearer, fresh_email, register
from tests.servers import RunningServer

USER_COLUMNS = {
    "user_id", "email", "email_verified", "full_name", "username", "avatar_url", "role", "status", "custom_fields",
    "created_at", "updated_at", "last_login_at",
}  # fmt: skip


def test_a_client_registers_gets_its_own_table_and_its_people_sign_up_log_in_refresh_and_log_out(
    api: httpx.Client, database_url: str
) -> None:
    tenant = register(api)
    assert tenant.table in database.users_tables(database_url)

    email = fresh_email()
    answer = tenant.call("POST", "/signup", json={"email": email.upper(), "password": PASSWORD, "full_name": "Ada"})
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"user_id", "access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 1800)
    assert set(body["user"]) == USER_COLUMNS
    assert body["user"]["email"] == email
    assert database.count(database_url, tenant.table) == 1

    person = tenant.log_in(email)
    me = person.call("GET", "/me")
    assert me.status_code == 200
    assert set(me.json()) == USER_COLUMNS
    assert me.json()["last_login_at"] is not None

    answer = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
    assert answer.status_code == 200
    person.access_token, person.refresh_token = answer.json()["access_token"], answer.json()["refresh_token"]
    assert person.call("GET", "/me").status_code == 200

    assert person.call("POST", "/logout").status_code == 204
    gone = person.call("GET", "/me")
    assert (gone.status_code, gone.json()["code"]) == (401, "token_revoked")
    refused = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")

    actions = [row["action"] for row in reversed(tenant.audit())]
    assert actions[:4] == ["client.register", "signup", "login", "session.refresh"]
    assert "logout" in actions


def test_an_operator_logs_in_with_the_platforms_publishable_key_and_sees_the_clients(
    api: httpx.Client, operator: Operator
) -> None:
    tenant = register(api)
    found = operator.platform_call("GET", "/clients", params={"q": tenant.name})
    assert [item["client_id"] for item in found.json()["items"]] == [tenant.client_id]
    nobody = api.post(
        f"{operator.path}/signup",
        json={"email": fresh_email(), "password": "a long enough sentence"},
        headers=bearer(operator.publishable_key),
    )
    assert (nobody.status_code, nobody.json()["code"]) == (403, "insufficient_scope")


def test_the_same_story_on_a_real_server_of_two_workers(live: httpx.Client, server: RunningServer) -> None:
    tenant = register(live, admin=True)
    admin = tenant.log_in_admin()
    assert admin.call("GET", "/audit-logs").status_code == 200
    assert admin.call("POST", "/logout", json={"everywhere": True}).status_code == 204
    assert {live.get("/healthz").status_code, live.get("/readyz").status_code} == {200}
    assert {admin.call("GET", "/me").status_code for _ in range(10)} == {401}
    assert "Traceback" not in server.log()
