"""What a known caller is refused is in its client's audit log, summed up per credential, code and minute."""

from datetime import timedelta
from typing import Any

import httpx
import time_machine

from app.core import clock
from tests.factories import PASSWORD, Operator, Tenant, bearer, register


def refusals(tenant: Tenant) -> list[tuple[Any, ...]]:
    """Return who was refused, with which code, how many times."""
    rows = tenant.audit(action="credential.refuse")
    return sorted((row["user_id"] or "", row["detail"]["code"], row["detail"].get("times", 1)) for row in rows)


def test_LOG_03_calls_that_a_known_caller_may_not_make_are_in_its_audit_log(api: httpx.Client) -> None:
    tenant = register(api, admin=True)
    user, admin = tenant.sign_up(), tenant.log_in_admin()
    calls = [
        user.call("GET", "/audit-logs"),
        user.call("GET", "/audit-logs"),
        user.call("POST", "/access-key/rotate", json={}),
        api.get("/api/v1/clients", headers=bearer(user.access_token)),
        tenant.call("GET", "/me"),
        api.patch(f"/api/v1/clients/{tenant.client_id}", json={"tier": "pro"}, headers=bearer(admin.access_token)),
    ]
    assert [(call.status_code, call.json()["code"]) for call in calls] == [(403, "insufficient_scope")] * 6
    assert sum(times for _, _, times in refusals(tenant)) == 6
    # A test that ends in another minute than it began in finds a user's four refusals on two rows.
    assert {(who, code) for who, code, _ in refusals(tenant)} == {
        (user.user_id, "insufficient_scope"), (admin.user_id, "insufficient_scope"), ("", "insufficient_scope"),
    }  # fmt: skip


def test_LOG_03_so_is_a_call_that_wants_a_fresher_login(tenant: Tenant) -> None:
    person = tenant.sign_up()
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        assert person.call("DELETE", "/me").json()["code"] == "reauth_required"
    assert refusals(tenant) == [(person.user_id, "reauth_required", 1)]


def test_LOG_03_a_sign_up_refused_for_its_password_is_there_too(tenant: Tenant) -> None:
    answer = tenant.call("POST", "/signup", json={"email": "weak@example.com", "password": "password1"})
    assert (answer.status_code, answer.json()["reason"]) == (422, "too_common")
    (row,) = tenant.audit(action="signup")
    assert (row["status"], row["user_id"], row["detail"]) == ("failed", None, {"reason": "too_common"})
    assert tenant.sign_up(password=PASSWORD).call("GET", "/me").status_code == 200


def test_LOG_03_what_an_operator_does_at_a_client_says_that_it_was_an_operator(
    tenant: Tenant, operator: Operator
) -> None:
    operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"tier": "pro"})
    (row,) = tenant.audit(action="client.update")
    assert (row["user_id"], row["detail"]) == (operator.user_id, {"fields": ["tier"], "tier": "pro", "by": "operator"})
