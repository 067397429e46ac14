"""A client's own page: who sees it, who changes what of it, and from when a change binds."""

import secrets
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from app.clients.models import BOUNDS
from app.limits.tiers import LIMIT_NAMES
from tests.concurrency import at_once
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email, register
from tests.flows.counting import code_of, own_row
from tests.flows.observing import REFUSED, rows_of

NOBODY = "01890000-0000-7000-8000-000000000000"
DEFAULTS: dict[str, Any] = {
    "password_min_length": 8, "access_token_ttl": 1800, "session_idle_ttl": 604_800, "session_absolute_ttl": 2_592_000,
    "allowed_origins": [], "password_blocklist": [], "email_verification": "off", "signup": "open",
    "mfa_policy": "optional", "redirect_urls": [], "passkey_rp_id": "localhost", "passkey_origins": ["http://localhost:8000"],
    "brand_color": None, "mail_texts": {}, "custom_fields_schema": None,
}  # fmt: skip
# The tier `free` of the tests has no windows (tests/conftest.py); `pro` is the built-in one.
FREE = dict.fromkeys(LIMIT_NAMES)


def place_of(tenant: Tenant) -> str:
    """Return the path of a client's own page."""
    return f"/api/v1/clients/{tenant.client_id}"


def read(tenant: Tenant) -> dict[str, Any]:
    """Return a client as its access key sees it."""
    answer = tenant.api.get(place_of(tenant), headers=bearer(tenant.access_key))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def change(tenant: Tenant, credential: str | None = None, **fields: Any) -> httpx.Response:
    """Change a client, with its access key if nothing else is given."""
    return tenant.api.patch(place_of(tenant), json=fields, headers=bearer(credential or tenant.access_key))


def defaults(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """Return the settings of a client that has set none, as they are shown."""
    return levels(DEFAULTS | {"sender_name": tenant.name}, "default")


def levels(values: Mapping[str, int | None], source: str) -> dict[str, dict[str, Any]]:
    """Return settings as they are shown when all come from one level."""
    return {name: {"value": value, "source": source} for name, value in values.items()}


def test_a_client_is_shown_whole_with_the_level_of_each_setting_and_no_secret(
    api: httpx.Client, operator: Operator, database_url: str
) -> None:
    tenant = register(api, admin=True, industry="tea", domain="tea.example", contact_email="desk@tea.example")
    admin = tenant.log_in_admin()
    shown = read(tenant)
    created_at = shown.pop("created_at")
    assert shown == {
        "client_id": tenant.client_id, "client_name": tenant.name, "slug": tenant.slug, "domain": "tea.example",
        "industry": "tea", "contact_email": "desk@tea.example", "status": "active", "tier": "free",
        "settings": defaults(tenant), "limits": levels(FREE, "tier"),
    }  # fmt: skip
    answers = [api.get(place_of(tenant), headers=bearer(one)) for one in (admin.access_token, operator.access_token)]
    assert [answer.json() for answer in answers] == [shown | {"created_at": created_at}] * 2
    digest = bytes(own_row(database_url, "keys", tenant.client_id)["digest"]).hex()
    for secret in (tenant.access_key[-20:], tenant.access_key[:12], digest, "PRIVATE", PASSWORD):
        assert secret not in answers[0].text


def test_ADM_01_nobody_else_sees_or_changes_a_client(api: httpx.Client, other: Tenant, database_url: str) -> None:
    tenant = register(api, admin=True)
    plain, stranger = tenant.sign_up(), register(api, admin=True).log_in_admin()
    before = rows_of(database_url, tenant, without=REFUSED)
    refusals = {
        plain.access_token: (403, "insufficient_scope"),
        other.access_key: (404, "client_not_found"),
        stranger.access_token: (404, "client_not_found"),
        plain.refresh_token: (401, "authentication_required"),
    }
    for credential, expected in refusals.items():
        assert code_of(api.get(place_of(tenant), headers=bearer(credential))) == expected
        assert code_of(change(tenant, credential, client_name="Taken over")) == expected
        # Who may call is settled before the body is looked at.
        assert code_of(change(tenant, credential, nonsense=True)) == expected
    assert code_of(api.get(place_of(tenant))) == (401, "authentication_required")
    assert code_of(api.patch(place_of(tenant), json={"client_name": "Taken over"})) == (401, "authentication_required")
    assert rows_of(database_url, tenant, without=REFUSED) == before


def test_an_unknown_client_is_not_found_by_an_operator_either(operator: Operator) -> None:
    for method, more in (("GET", {}), ("PATCH", {"json": {"client_name": "Ghost"}})):
        for client_id in (NOBODY, "nobody"):
            answer = operator.platform_call(method, f"/clients/{client_id}", **more)
            assert code_of(answer) == (404, "client_not_found")


@pytest.mark.parametrize("who", ["access key", "admin", "operator"])
def test_whoever_may_change_a_client_changes_what_it_sends_and_nothing_else(
    api: httpx.Client, operator: Operator, who: str
) -> None:
    tenant = register(api, admin=True, industry="tea", domain="tea.example")
    admin, before = tenant.log_in_admin(), read(tenant)
    credential = {"access key": tenant.access_key, "admin": admin.access_token, "operator": operator.access_token}[who]
    answer = change(tenant, credential, client_name="Renamed", domain=None, contact_email=" Desk@Tea.Example")
    settings = before["settings"] | {"sender_name": {"value": "Renamed", "source": "default"}}
    changes = {"client_name": "Renamed", "domain": None, "contact_email": "desk@tea.example", "settings": settings}
    assert (answer.status_code, answer.json()) == (200, before | changes)
    assert read(tenant) == before | changes
    (row,) = tenant.audit(action="client.update")
    actor = {"access key": None, "admin": admin.user_id, "operator": operator.user_id}[who]
    assert (row["user_id"], row["key_id"] is not None) == (actor, who == "access key")
    by = {"by": "operator"} if who == "operator" else {}
    assert row["detail"] == {"fields": ["client_name", "contact_email", "domain"], **by}
    assert row["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "reserved", [{"tier": "enterprise"}, {"status": "active"}, {"limits": {"requests_per_minute": 10_000}}]
)
def test_TEN_06_what_is_the_operators_is_refused_to_a_client_together_with_all_else_it_sent(
    api: httpx.Client, operator: Operator, database_url: str, reserved: dict[str, Any]
) -> None:
    tenant = register(api, admin=True)
    admin = tenant.log_in_admin()
    before = rows_of(database_url, tenant, without=REFUSED)
    for credential in (tenant.access_key, admin.access_token):
        answer = change(tenant, credential, client_name="Sneaked in", **reserved)
        assert code_of(answer) == (403, "insufficient_scope")
        assert answer.json()["detail"] == f"Only an operator changes {next(iter(reserved))}."
    assert rows_of(database_url, tenant, without=REFUSED) == before
    assert change(tenant, operator.access_token, **reserved).status_code == 200


@pytest.mark.parametrize("name", list(BOUNDS))
def test_a_setting_has_bounds_and_null_takes_it_back_to_the_default(
    tenant: Tenant, database_url: str, name: str
) -> None:
    least, most = BOUNDS[name]
    before = rows_of(database_url, tenant)
    for wrong in (least - 1, most + 1, -least, 0, 10**30):
        answer = change(tenant, settings={name: wrong})
        assert (code_of(answer), list(answer.json()["errors"])) == ((422, "validation_failed"), [f"settings.{name}"])
    assert rows_of(database_url, tenant) == before
    for right in (least, most, DEFAULTS[name]):
        shown = change(tenant, settings={name: right}).json()["settings"]
        assert shown == defaults(tenant) | {name: {"value": right, "source": "client"}}
    assert change(tenant, settings={name: None}).json()["settings"] == defaults(tenant)


def test_settings_that_are_not_sent_stay(tenant: Tenant) -> None:
    change(tenant, settings={"password_min_length": 12, "access_token_ttl": 60})
    shown = change(tenant, settings={"access_token_ttl": None, "session_idle_ttl": 300}).json()["settings"]
    own = {"password_min_length": 12, "session_idle_ttl": 300}
    assert shown == defaults(tenant) | levels(own, "client")
    assert [row["detail"] for row in tenant.audit(action="client.update")] == [
        {"fields": ["settings"], "settings": {"access_token_ttl": {"old": 60, "new": None},
                                              "session_idle_ttl": {"old": None, "new": 300}}},
        {"fields": ["settings"], "settings": {"access_token_ttl": {"old": None, "new": 60},
                                              "password_min_length": {"old": None, "new": 12}}},
    ]  # fmt: skip


def test_a_setting_binds_from_the_next_call(tenant: Tenant) -> None:
    change(tenant, settings={"password_min_length": 12, "access_token_ttl": 60})
    short = tenant.call("POST", "/signup", json={"email": fresh_email(), "password": "elevenchars"})
    assert (code_of(short), short.json()["reason"]) == ((422, "validation_failed"), "too_short")
    made = tenant.call("POST", "/signup", json={"email": fresh_email(), "password": PASSWORD})
    assert (made.status_code, made.json()["expires_in"]) == (201, 60)


def test_an_operator_sets_tier_and_limits_and_each_limit_shows_its_level(tenant: Tenant, operator: Operator) -> None:
    pro = FREE | {"requests_per_minute": 50, "requests_per_hour": 1000, "requests_per_day": 10_000}
    pro |= {"user_requests_per_minute": 60, "user_requests_per_hour": 1000}
    shown = change(tenant, operator.access_token, tier="pro").json()
    assert (shown["tier"], shown["limits"]) == ("pro", levels(pro, "tier"))
    own = {"requests_per_minute": 7, "requests_per_day": None}
    shown = change(tenant, operator.access_token, limits=own).json()
    assert shown["limits"] == levels(pro, "tier") | {
        "requests_per_minute": {"value": 7, "source": "client"},
        "requests_per_day": {"value": None, "source": "client"},
    }
    shown = change(tenant, operator.access_token, limits={"requests_per_hour": 9}).json()
    assert shown["limits"] == levels(pro, "tier") | {"requests_per_hour": {"value": 9, "source": "client"}}
    assert change(tenant, operator.access_token, limits={}).json()["limits"] == levels(pro, "tier")
    told = [row["detail"] for row in tenant.audit(action="client.update")]
    by = {"by": "operator"}
    assert told == [{"fields": ["limits"], **by}] * 3 + [{"fields": ["tier"], "tier": "pro", **by}]
    for wrong in ({"limits": {"requests_per_minute": 0}}, {"limits": {"calls": 1}}, {"tier": "gold"}, {"status": "x"}):
        assert code_of(change(tenant, operator.access_token, **wrong)) == (422, "validation_failed")


def test_a_slug_is_changed_unless_it_is_taken_or_reserved(tenant: Tenant, other: Tenant, database_url: str) -> None:
    before = rows_of(database_url, tenant)
    for slug in (other.slug, "platform", "api"):
        assert code_of(change(tenant, slug=slug, client_name="Renamed")) == (409, "slug_taken")
    assert rows_of(database_url, tenant) == before
    free, slug = tenant.slug, f"moved-{secrets.token_hex(4)}"
    assert change(tenant, slug=slug).json()["slug"] == slug
    assert change(tenant, slug=slug).status_code == 200
    assert change(other, slug=free).json()["slug"] == free


def test_of_two_clients_that_take_one_slug_at_once_one_gets_it(live: httpx.Client) -> None:
    for _ in range(5):
        tenants, slug = [register(live) for _ in range(4)], f"race-{secrets.token_hex(4)}"
        answers = at_once(4, lambda number, who=tenants, name=slug: change(who[number], slug=name))  # type: ignore[misc]
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 3}
        assert {code_of(answer) for answer in answers if answer.status_code == 409} == {(409, "slug_taken")}
        assert [read(tenant)["slug"] for tenant in tenants].count(slug) == 1


def test_suspension_and_activation_bind_at_once_and_are_told_in_the_log(
    api: httpx.Client, operator: Operator, tenant: Tenant
) -> None:
    person = tenant.sign_up()
    assert change(tenant, operator.access_token, status="suspended").json()["status"] == "suspended"
    login = {"email": person.email, "password": PASSWORD}
    for answer in (
        person.call("GET", "/me"),
        tenant.call("POST", "/login", json=login),
        tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}),
        tenant.call("POST", "/access-key/rotate", json={}),
        change(tenant, client_name="Still here"),
    ):
        assert code_of(answer) == (403, "client_suspended")
    assert code_of(api.get(f"{tenant.path}/.well-known/jwks.json")) == (404, "client_not_found")
    shown = operator.platform_call("GET", f"/clients/{tenant.client_id}").json()
    assert (shown["status"], shown["client_name"]) == ("suspended", tenant.name)

    assert change(tenant, operator.access_token, status="active").json()["status"] == "active"
    assert person.call("GET", "/me").status_code == 200
    assert tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}).status_code == 200
    rows = tenant.audit(action="client.update")
    assert [(row["detail"]["status"], row["user_id"]) for row in rows] == [
        ("active", operator.user_id), ("suspended", operator.user_id),
    ]  # fmt: skip
    assert [row["detail"] for row in tenant.audit(action="login", status="failed")] == []


def test_the_platform_itself_is_neither_suspended_nor_renamed(
    api: httpx.Client, operator: Operator, database_url: str
) -> None:
    path = f"/clients/{operator.client_id}"
    before = own_row(database_url, "clients", operator.client_id)
    for wrong in ({"status": "suspended"}, {"slug": "platform-2"}, {"status": "suspended", "tier": "free"}):
        answer = operator.platform_call("PATCH", path, json=wrong)
        assert code_of(answer) == (409, "conflict")
        assert answer.json()["detail"] == "The platform client cannot be suspended or renamed."
    assert own_row(database_url, "clients", operator.client_id) == before
    shown = operator.platform_call("GET", path).json()
    assert (shown["slug"], shown["status"]) == ("platform", "active")
    assert shown["settings"]["password_min_length"]["value"] == 15
    login = {"email": operator.email, "password": operator.password}
    answer = api.post(f"{operator.path}/login", json=login, headers=bearer(operator.publishable_key))
    assert answer.status_code == 200


def test_a_change_of_nothing_changes_nothing(tenant: Tenant, database_url: str) -> None:
    before, answer = rows_of(database_url, tenant), change(tenant)
    assert (answer.status_code, answer.json()) == (200, read(tenant))
    assert rows_of(database_url, tenant) == before
