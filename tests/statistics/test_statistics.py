"""GET /stats: what the audit log, the users table, keys and the usage series say of a client."""

from typing import Any

from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email, register
from tests.mfa.enrolling import challenge, enrol, second_step, with_policy


def today(tenant: Tenant, **options: Any) -> dict[str, Any]:
    day: dict[str, Any] = tenant.call("GET", "/stats", **options).json()["per_day"][-1]
    del day["started_at"]
    return day


def test_a_client_sees_what_happened_today_and_nothing_of_another(tenant: Tenant, other: Tenant) -> None:
    person = tenant.sign_up()
    tenant.sign_up()
    tenant.log_in(person.email)
    tenant.call("POST", "/login", json={"email": person.email, "password": "not the password"})
    tenant.call("POST", "/signup", json={"email": person.email, "password": PASSWORD})
    tenant.call("POST", "/keys", json={"name": "One"})
    other.sign_up()
    answer = tenant.call("GET", "/stats").json()
    assert len(answer["per_day"]) == 30
    assert {day["logins"] + day["signups"] + day["requests"] for day in answer["per_day"][:-1]} == {0}
    seen = {"signups": 2, "logins": 1, "failures": 2, "active_users": 2, "refusals": 0}
    assert answer["per_day"][-1].items() >= seen.items()
    assert answer["per_day"][-1]["requests"] == 7
    assert (answer["users"], answer["users_by_role"]) == (2, {"user": 2})
    assert answer["sessions"] == 3
    assert answer["keys"] == {"secret": 1, "publishable": 0}
    assert answer["windows"] == []


def test_half_a_login_is_neither_a_login_nor_a_failure_and_a_sign_up_without_a_session_counts(tenant: Tenant) -> None:
    person = tenant.sign_up()
    pocket = enrol(person)
    token = challenge(tenant, person)
    assert today(tenant).items() >= {"signups": 1, "logins": 0, "failures": 0}.items()
    assert second_step(tenant, token, pocket.code()).status_code == 200
    with_policy(tenant, "required")
    assert tenant.call("POST", "/signup", json={"email": fresh_email(), "password": PASSWORD}).status_code == 401
    assert today(tenant).items() >= {"signups": 2, "logins": 1, "failures": 0, "active_users": 2}.items()


def test_TEN_08_a_clients_statistics_do_not_move_with_another(tenant: Tenant, other: Tenant) -> None:
    tenant.sign_up()
    before = today(tenant) | {"requests": 0}
    other.sign_up()
    assert today(tenant) | {"requests": 0} == before


def test_statistics_are_for_who_may_read_the_audit_log_and_for_operators(api: Any, operator: Operator) -> None:
    tenant = register(api, admin=True)
    person, leader = tenant.sign_up(), tenant.log_in_admin()
    assert person.call("GET", "/stats").status_code == 403
    assert leader.call("GET", "/stats").status_code == 200
    assert api.get(f"{tenant.path}/stats", headers=bearer(operator.access_token)).status_code == 200
    for scopes, status in ((["audit:read"], 200), (["keys:read"], 403)):
        key = tenant.call("POST", "/keys", json={"name": "Reader", "scopes": scopes}).json()["api_key"]
        assert tenant.call("GET", "/stats", headers=bearer(key)).status_code == status
