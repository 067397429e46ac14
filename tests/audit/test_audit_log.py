"""LOG-03: every event writes its one audit row; each story is told call by call and compared with the whole log."""

import json
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
import time_machine

from app.core import clock
from tests import database
from tests.factories import PASSWORD, Operator, Person, Tenant, bearer, fresh_email, register

NEW_PASSWORD = "a quite different sentence"
WRONG = {"reason": "invalid_credentials"}
Row = dict[str, Any]


class Story:
    """What the log of a client must hold, row by row, in the order of the calls."""

    def __init__(self, tenant: Tenant) -> None:
        """Begin after the registration."""
        self.tenant = tenant
        (self.first,) = tenant.audit()
        self.key_id: str = self.first["key_id"]
        self.rows: list[Row] = [self.first]

    def tells(
        self, answer: httpx.Response, status: int, action: str = "", *, user: str | None = None, **detail: Any
    ) -> httpx.Response:
        """Expect the status, and the row of an action (none if it has no name); `!` marks one that failed."""
        assert answer.status_code == status, answer.text
        if action:
            own = answer.request.headers["authorization"] == f"Bearer {self.tenant.access_key}"
            self.rows.append(
                {
                    "client_id": self.tenant.client_id,
                    "user_id": user,
                    "key_id": self.key_id if own else None,
                    "action": action.rstrip("!"),
                    "status": "failed" if action.endswith("!") else "success",
                    "ip_address": "127.0.0.1",
                    "user_agent": answer.request.headers["user-agent"],
                    "request_id": answer.headers["x-request-id"],
                    "detail": detail,
                }
            )
        return answer

    def ends(self) -> None:
        """Compare with the log, oldest first."""
        logged = list(reversed(self.tenant.audit()))
        moments = [row.pop("timestamp") for row in logged]
        assert moments == sorted(moments)
        assert len({row.pop("audit_id") for row in logged}) == len(logged)
        expected = [{name: row[name] for name in row if name not in ("audit_id", "timestamp")} for row in self.rows]
        assert logged == expected


@pytest.fixture
def story(tenant: Tenant) -> Story:
    return Story(tenant)


def session_of(token: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False})["sid"])


def signed_up(story: Story) -> Person:
    """Sign somebody up as a part of the story."""
    email = fresh_email()
    answer = story.tenant.call("POST", "/signup", json={"email": email, "password": PASSWORD})
    body = answer.json()
    story.tells(answer, 201, "signup", user=body["user_id"], session_id=session_of(body["access_token"]))
    tokens = body["access_token"], body["refresh_token"]
    return Person(story.tenant.api, story.tenant.path, body["user_id"], email, PASSWORD, *tokens)


def test_LOG_03_sign_ups_and_logins_each_write_one_row_also_when_they_fail(story: Story) -> None:
    tenant, person = story.tenant, signed_up(story)
    right = {"email": person.email, "password": PASSWORD}
    wrong, nobody = right | {"password": "not the right one"}, right | {"email": fresh_email()}
    story.tells(tenant.call("POST", "/signup", json=right), 409, "signup!", reason="email_taken")
    for malformed in ({}, right | {"role": "admin"}, {"email": "x", "password": PASSWORD}):
        story.tells(tenant.call("POST", "/signup", json=malformed), 422)
        story.tells(tenant.call("POST", "/login", json=malformed), 422)
    body = tenant.call("POST", "/login", json=right)
    session = session_of(body.json()["access_token"])
    story.tells(body, 200, "login", user=person.user_id, session_id=session)
    story.tells(tenant.call("POST", "/login", json=nobody), 401, "login!", **WRONG)
    for _ in range(5):
        story.tells(tenant.call("POST", "/login", json=wrong), 401, "login!", user=person.user_id, **WRONG)
    for attempt in (wrong, right):
        story.tells(tenant.call("POST", "/login", json=attempt), 423, "login!", reason="account_locked")
    story.ends()


def test_LOG_03_refreshes_reuse_and_logouts_each_write_one_row(story: Story) -> None:
    tenant, person = story.tenant, signed_up(story)
    user, session = person.user_id, session_of(person.access_token)

    def refresh(token: str) -> httpx.Response:
        return tenant.call("POST", "/refresh", json={"refresh_token": token})

    second = story.tells(refresh(person.refresh_token), 200, "session.refresh", user=user, session_id=session)
    repeat = refresh(person.refresh_token)
    story.tells(repeat, 200, "session.refresh", user=user, session_id=session, repeated=True)
    story.tells(refresh("rlk_rt_nobody"), 401, "session.refresh!", reason="token_revoked")
    with time_machine.travel(clock.now() + timedelta(seconds=11), tick=True):
        reused = refresh(person.refresh_token)
        story.tells(reused, 401, "session.refresh_reuse!", user=user, session_id=session)
        dead = refresh(second.json()["refresh_token"])
        story.tells(dead, 401, "session.refresh!", user=user, session_id=session, reason="token_revoked")
        here, there = tenant.log_in(person.email), tenant.log_in(person.email)
        story.rows += reversed(tenant.audit(limit="2"))
        ended = here.call("POST", "/logout")
        story.tells(ended, 204, "logout", user=user, sessions=1, everywhere=False)
        ended = tenant.call("POST", "/logout", json={"refresh_token": there.refresh_token, "everywhere": True})
        story.tells(ended, 204, "logout", user=user, sessions=1, everywhere=True)
        story.tells(tenant.call("POST", "/logout", json={"refresh_token": there.refresh_token}), 204)
        story.tells(tenant.call("POST", "/logout", json={"refresh_token": "rlk_rt_nobody"}), 204)
        other = signed_up(story)
    with time_machine.travel(clock.now() + timedelta(days=31), tick=True):
        story.tells(refresh(other.refresh_token), 401, "session.refresh!", reason="token_expired")
        story.ends()


def test_LOG_03_what_people_do_with_their_account_writes_one_row_each(story: Story) -> None:
    person = signed_up(story)
    user, second = person.user_id, story.tenant.log_in(person.email)
    story.rows += story.tenant.audit(limit="1")
    wrong = person.call("POST", "/me/reauth", json={"password": "not the right one"})
    story.tells(wrong, 401, "session.reauth!", user=user, **WRONG)
    story.tells(person.call("POST", "/me/reauth", json={"password": PASSWORD}), 204, "session.reauth", user=user)
    profile = {"full_name": "Ada", "custom_fields": {"a": 1}}
    fields = sorted(profile)
    story.tells(person.call("PATCH", "/me", json=profile), 200, "user.update", user=user, fields=fields)
    story.tells(person.call("PATCH", "/me", json={}), 200)
    story.tells(person.call("PATCH", "/me", json={"role": "admin"}), 422)
    session = session_of(second.access_token)
    ended = person.call("DELETE", f"/me/sessions/{session}")
    story.tells(ended, 204, "session.revoke", user=user, session_id=session)
    story.tells(person.call("DELETE", f"/me/sessions/{session}"), 404)
    change = {"current_password": "not the right one", "new_password": NEW_PASSWORD}
    story.tells(person.call("POST", "/me/password", json=change), 401, "password.change!", user=user, **WRONG)
    change = {"current_password": PASSWORD, "new_password": "12345678"}
    story.tells(person.call("POST", "/me/password", json=change), 422)
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    done = person.call("POST", "/me/password", json=change)
    story.tells(done, 204, "password.change", user=user, sessions_ended=0, keys_ended=0)
    gone = {"sessions": 2, "tokens": 2, "keys": 0, "codes": 0, "factors": 0}
    story.tells(person.call("DELETE", "/me"), 204, "user.delete", user=user, deleted=gone)
    story.ends()


def test_LOG_03_what_is_done_to_a_client_writes_one_row_each(story: Story, operator: Operator) -> None:
    tenant, path = story.tenant, f"/clients/{story.tenant.client_id}"
    assert (story.first["action"], story.first["detail"]["slug"]) == ("client.register", tenant.slug)

    def patch(**body: Any) -> httpx.Response:
        return tenant.api.patch(f"/api/v1{path}", json=body, headers=bearer(tenant.access_key))

    fields = ["contact_email", "industry"]
    story.tells(patch(industry="Steel", contact_email="a@b.example"), 200, "client.update", fields=fields)
    story.tells(patch(), 200)
    taken = register(tenant.api).slug
    story.tells(patch(slug=taken), 409)
    raised = operator.platform_call("PATCH", path, json={"tier": "pro"})
    story.tells(raised, 200, "client.update", user=operator.user_id, fields=["tier"], tier="pro", by="operator")
    rotated = tenant.call("POST", "/access-key/rotate", json={})
    story.tells(rotated, 201, "access_key.rotate", ended=1, grace_seconds=0)
    (row,) = [one for one in _log(tenant, rotated.json()["access_key"]) if one["action"] == "access_key.rotate"]
    story.rows[-1]["detail"]["new_key_id"] = row["detail"]["new_key_id"]
    tenant.access_key = rotated.json()["access_key"]
    story.ends()


def test_LOG_03_refusals_are_summed_up_by_credential_code_and_minute(
    tenant: Tenant, other: Tenant, database_url: str
) -> None:
    person, key_id = tenant.sign_up(), tenant.audit()[-1]["key_id"]
    begin = clock.now().replace(second=5, microsecond=0) + timedelta(minutes=1)
    with time_machine.travel(begin, tick=False) as travel:
        for _ in range(3):
            assert other.api.get(f"{other.path}/audit-logs", headers=bearer(tenant.access_key)).status_code == 404
            assert other.api.get(f"{other.path}/me", headers=bearer(person.access_token)).status_code == 404
        travel.shift(60)
        assert other.api.get(f"{other.path}/me", headers=bearer(person.access_token)).status_code == 404
        assert person.call("POST", "/logout").status_code == 204
        assert [person.call("GET", "/me").json()["code"] for _ in range(2)] == ["token_revoked"] * 2
        rows = tenant.audit(action="credential.refuse")
    found = sorted((row["user_id"] or "-", row["key_id"] or "-", json.dumps(row["detail"])) for row in rows)
    user = person.user_id
    assert found == sorted(
        [
            ("-", key_id, '{"code": "client_not_found", "times": 3}'),
            (user, "-", '{"code": "client_not_found", "times": 3}'),
            (user, "-", '{"code": "client_not_found"}'),
            (user, "-", '{"code": "token_revoked", "times": 2}'),
        ]
    )
    assert {row["status"] for row in rows} == {"failed"}
    assert [row["action"] for row in other.audit()] == ["client.register"]
    client = database.uuid_text(database_url, tenant.client_id)
    stored = "client_id = :client AND action = 'credential.refuse'"
    assert database.count(database_url, "audit_logs", stored, client=client) == len(rows) == 4


def test_LOG_03_a_dead_key_and_an_expired_token_are_refused_and_noted(tenant: Tenant) -> None:
    person, old = tenant.sign_up(), tenant.access_key
    tenant.access_key = tenant.call("POST", "/access-key/rotate", json={}).json()["access_key"]
    old_id = tenant.audit()[-1]["key_id"]
    assert tenant.api.get(f"{tenant.path}/audit-logs", headers=bearer(old)).status_code == 401
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
        assert person.call("GET", "/me").json()["code"] == "token_expired"
        rows = tenant.audit(action="credential.refuse")
    assert [(row["user_id"], row["key_id"], row["detail"]) for row in rows] == [
        (person.user_id, None, {"code": "token_expired"}),
        (None, old_id, {"code": "authentication_required"}),
    ]


def test_LOG_03_a_credential_that_names_nobody_leaves_no_row(tenant: Tenant, database_url: str) -> None:
    before = database.count(database_url, "audit_logs")
    for credential in ("x", "rlk_ak_" + "a" * 49, "e30.e30.e30", tenant.access_key[:-1] + "-"):
        assert tenant.api.get(f"{tenant.path}/audit-logs", headers=bearer(credential)).status_code == 401
    assert database.count(database_url, "audit_logs") == before


def _log(tenant: Tenant, key: str) -> list[Row]:
    answer = tenant.api.get(f"{tenant.path}/audit-logs", headers=bearer(key))
    rows: list[Row] = answer.json()["items"]
    return rows
