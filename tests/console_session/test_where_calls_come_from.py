"""ADM-05: only the service's own pages make a call by cookie; a form, another page and a link can do nothing."""

import uuid
from typing import Any

import httpx
import pytest
from flask import Flask

from tests.console_session.browsing import ORIGIN, PLACE, SESSION, Page, told
from tests.factories import PASSWORD, Person, Tenant, bearer
from tests.mfa.enrolling import with_policy

FOREIGN = [
    "https://evil.example",
    "null",
    "http://localhost:8001",
    "http://127.0.0.1:8000",
    f"{ORIGIN}.evil.example",
    "",
]
FORMS: list[dict[str, Any]] = [
    {"data": {"client": "a", "email": "a@example.com", "password": "b"}},
    {"content": b'{"client": "a"}', "headers": {"Content-Type": "text/plain"}},
    {"files": {"client": b"a"}},
    {"content": b"", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
]
REFUSED = (403, "insufficient_scope")
OPEN = (
    *("session", "session/mfa", "session/refresh", "session/passkey", "session/passkey/options"),
    *("password/forgot", "email/resend"),
)
# Nothing here depends on the database: what does is in the files beside this one.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")


def rename(page: Page, tenant: Tenant, **options: Any) -> httpx.Response:
    """Change something."""
    return page.call("PATCH", f"{tenant.path}/me", **{"json": {"full_name": uuid.uuid4().hex}, **options})


@pytest.mark.parametrize("origin", FOREIGN)
def test_ADM_05_a_call_of_another_page_changes_nothing(page: Page, tenant: Tenant, origin: str) -> None:
    before = page.call("GET", f"{tenant.path}/me").json()
    for path in (*OPEN, "session/reauth"):
        assert told(page.call("POST", f"{PLACE}/{path}", json={}, headers={"Origin": origin})) == REFUSED, path
    assert told(page.call("DELETE", f"{PLACE}/session", headers={"Origin": origin})) == REFUSED
    assert told(rename(page, tenant, headers={"Origin": origin})) == REFUSED
    assert page.call("GET", f"{tenant.path}/me").json() == before


def test_ADM_05_a_call_that_does_not_say_where_it_comes_from_changes_nothing(
    page: Page, tenant: Tenant, person: Person
) -> None:
    for path in (*OPEN, "session/reauth"):
        assert told(page.call("POST", f"{PLACE}/{path}", json={}, without=("Origin",))) == REFUSED, path
    assert told(page.call("DELETE", f"{PLACE}/session", without=("Origin",))) == REFUSED
    answer = rename(page, tenant, without=("Origin",))
    assert told(answer) == REFUSED
    assert ORIGIN in answer.json()["detail"]
    assert rename(page, tenant).status_code == 200


@pytest.mark.parametrize("form", FORMS, ids=["form", "text", "multipart", "empty form"])
def test_ADM_05_what_a_form_can_send_is_no_call(page: Page, tenant: Tenant, form: dict[str, Any]) -> None:
    for path in (*OPEN, "session/reauth"):
        assert told(page.call("POST", f"{PLACE}/{path}", **form)) == (415, "unsupported_media_type"), path
    if form.get("content") != b"":
        call = page.call("PATCH", f"{tenant.path}/me", **form)
        assert told(call) == (415, "unsupported_media_type")


def test_ADM_05_a_change_wants_the_value_that_is_bound_to_its_own_session(
    app: Flask, page: Page, tenant: Tenant, person: Person
) -> None:
    other = Page(app)
    other.enter(tenant, person)
    calls = [("PATCH", f"{tenant.path}/me"), ("POST", f"{PLACE}/session/refresh"), ("DELETE", f"{PLACE}/session")]
    calls += [("POST", f"{PLACE}/session/reauth")]
    for method, path in calls:
        body: dict[str, str] | None = None if method == "DELETE" else {}
        for wrong in ("", "x" * 43, other.proof["X-CSRF-Token"], page.proof["X-CSRF-Token"][:-1]):
            headers = {"X-CSRF-Token": wrong.encode()}
            assert told(page.call(method, path, json=body, headers=headers)) == REFUSED, (path, wrong)
        answer = page.call(method, path, json=body, without=("X-CSRF-Token",))
        assert told(answer) == REFUSED
        assert "rowlock_csrf as X-CSRF-Token" in answer.json()["detail"]
    assert page.show().status_code == 200
    assert tenant.audit(action="credential.refuse", user_id=person.user_id)[0]["detail"]["code"] == "insufficient_scope"


def test_ADM_05_a_link_changes_nothing_and_shows_no_token(page: Page, tenant: Tenant) -> None:
    before = page.cookies
    for path in (*OPEN[1:], "session/reauth"):
        assert told(page.call("GET", f"{PLACE}/{path}")) == (405, "method_not_allowed"), path
    answer = page.show()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert not any(value in answer.text for value in before.values())
    assert "set-cookie" not in answer.headers
    assert page.cookies == before


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_ADM_05_another_page_reads_nothing_either(page: Page, tenant: Tenant, site: str) -> None:
    for path in (f"{PLACE}/session", f"{tenant.path}/me", f"{tenant.path}/audit-logs/export"):
        assert told(page.call("GET", path, headers={"Sec-Fetch-Site": site})) == REFUSED
        assert told(page.call("GET", path, headers={"Origin": "https://evil.example"})) == REFUSED
    for own in ("same-origin", "none"):
        assert page.call("GET", f"{tenant.path}/me", headers={"Sec-Fetch-Site": own}).status_code == 200


def test_a_clients_own_list_of_origins_does_not_shut_the_console_out_nor_let_others_in(
    page: Page, tenant: Tenant
) -> None:
    settings = {"settings": {"allowed_origins": ["https://app.example.com"]}}
    tenant.api.patch(f"/api/v1/clients/{tenant.client_id}", json=settings, headers=bearer(tenant.access_key))
    assert rename(page, tenant).status_code == 200
    answer = rename(page, tenant, headers={"Origin": "https://app.example.com"})
    assert told(answer) == REFUSED
    assert "access-control-allow-credentials" not in answer.headers


def test_a_credential_in_a_header_counts_alone_and_needs_no_proof(
    page: Page, tenant: Tenant, person: Person, other: Tenant
) -> None:
    stranger = other.sign_up()
    answer = page.call("GET", f"{other.path}/me", headers=bearer(stranger.access_token))
    assert answer.json()["email"] == stranger.email
    left_out, body = ("X-CSRF-Token", "Origin"), {"full_name": "By token"}
    headers = bearer(person.access_token)
    own = page.call("PATCH", f"{tenant.path}/me", headers=headers, without=left_out, json=body)
    assert own.json()["full_name"] == "By token"
    assert told(page.call("GET", f"{tenant.path}/me", headers=bearer("rlk_ak_no"))) == (401, "authentication_required")
    assert page.call("GET", f"{tenant.path}/users", headers={"X-API-Key": other.access_key}).status_code == 404


def test_TEN_01_a_cookie_opens_its_own_client_only(page: Page, tenant: Tenant, other: Tenant) -> None:
    def refusal(client_id: str, method: str, path: str) -> tuple[int, str]:
        answer = page.call(method, f"/api/v1/{client_id}{path}", json={} if method == "POST" else None)
        assert told(answer) == (404, "client_not_found")
        return answer.status_code, answer.text.replace(answer.json()["request_id"], "")

    for method, path in (("GET", "/me"), ("GET", "/users"), ("POST", "/users"), ("DELETE", "/me")):
        assert refusal(other.client_id, method, path) == refusal(str(uuid.uuid4()), method, path)


def test_ADM_05_what_waits_for_a_second_factor_to_be_set_up_is_held_to_the_same(app: Flask, tenant: Tenant) -> None:
    with_policy(tenant, "required")
    page, person = (
        Page(app),
        tenant.call("POST", "/users", json={"email": "a@example.com", "password": PASSWORD}).json(),
    )
    page.log_in(tenant.slug, person["email"], PASSWORD)
    begin = ("POST", f"{tenant.path}/me/mfa/totp")
    assert told(page.call(*begin, without=("Origin",))) == REFUSED
    assert told(page.call(*begin, headers={"Origin": "https://evil.example"})) == REFUSED
    assert told(page.call(*begin, without=("X-CSRF-Token",))) == REFUSED
    assert told(page.call(*begin, headers={"X-CSRF-Token": "x" * 43})) == REFUSED
    assert page.call(*begin).status_code == 200


def test_a_cookie_that_is_no_token_is_nobody(app: Flask, tenant: Tenant) -> None:
    for value in ("x", "eyJhbGciOiJub25lIn0.e30.", tenant.access_key, "a" * 3000):
        page = Page(app).holds(**{SESSION: value})
        assert told(page.call("GET", f"{tenant.path}/me")) == (401, "authentication_required")
