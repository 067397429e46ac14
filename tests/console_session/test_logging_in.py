"""Logging in at the console: what the cookies are and who gets them, and what they are good for."""

from collections.abc import Iterator
from http.cookies import Morsel, SimpleCookie

import httpx
import pytest
from flask import Flask

from app.core import settings
from tests import database
from tests.console_session.browsing import CSRF, LOGIN, PLACE, REFRESH, SESSION, Page, told
from tests.factories import PASSWORD, Operator, Tenant, bearer
from tests.mfa import ceremonies
from tests.mfa.enrolling import with_policy
from tests.roles.test_long_roles import lengthened

SECRETS = ("eyJ", "rlk_", "token")
# Nothing here depends on the database: what does is in the files beside this one.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def page(app: Flask) -> Page:
    """A browser without cookies."""
    return Page(app)


def cookies_of(answer: httpx.Response) -> dict[str, Morsel[str]]:
    """Return the cookies that an answer sets, with their flags."""
    found: SimpleCookie = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        found.load(header)
    return dict(found)


def test_ADM_05_a_login_puts_its_tokens_into_cookies_and_nothing_else(page: Page, tenant: Tenant) -> None:
    person = tenant.sign_up()
    answer = page.log_in(tenant.slug, person.email, person.password)
    cookies = cookies_of(answer)
    assert {name for name, one in cookies.items() if one.value} == {SESSION, REFRESH, CSRF}
    for name, cookie in cookies.items():
        assert (cookie["path"], cookie["samesite"], cookie["domain"], cookie["secure"]) == ("/", "Strict", "", "")
        assert bool(cookie["httponly"]) is (name != CSRF)
    assert [int(cookies[name]["max-age"]) for name in (SESSION, LOGIN)] == [30 * 60, 0]
    assert 7 * 86_400 - 5 < int(cookies[REFRESH]["max-age"]) == int(cookies[CSRF]["max-age"]) <= 7 * 86_400
    assert not any(secret in answer.text for secret in SECRETS)
    assert answer.headers["cache-control"] == "no-store"


def test_whoever_is_logged_in_reads_who_they_are_where_and_what_they_may_do(page: Page, tenant: Tenant) -> None:
    person = tenant.make_admin()
    session = page.enter(tenant, person)
    assert session["client"] == {
        "client_id": tenant.client_id,
        "client_name": tenant.name,
        "slug": tenant.slug,
        "is_platform": False,
    }
    assert (session["user"]["email"], session["is_operator"]) == (person.email, False)
    assert {"admin", "users:write", "read"} <= set(session["scopes"])
    assert session["user"]["last_login_at"] < session["fresh_until"] < session["expires_at"]
    assert page.show().json() == session
    (row,) = tenant.audit(action="login", user_id=person.user_id, limit="1")
    assert row["detail"] == {"session_id": session["session_id"], "via": "console"}


def test_the_id_of_a_client_names_it_as_its_slug_does(page: Page, tenant: Tenant) -> None:
    person = tenant.sign_up()
    for name in (tenant.client_id, f" {tenant.slug.upper()} "):
        assert page.log_in(name, person.email, person.password).status_code == 200


def test_no_client_stands_under_the_id_of_another(
    page: Page, tenant: Tenant, other: Tenant, api: httpx.Client, database_url: str
) -> None:
    taken = api.post("/api/v1/clients/register", json={"client_name": "Evil", "slug": tenant.client_id})
    assert told(taken) == (409, "slug_taken")
    path, headers = f"/api/v1/clients/{other.client_id}", bearer(other.access_key)
    assert told(other.api.patch(path, headers=headers, json={"slug": tenant.client_id})) == (409, "slug_taken")
    # One from before this was refused.
    key = database.uuid_text(database_url, other.client_id)
    database.change(database_url, f"UPDATE clients SET slug = '{tenant.client_id}' WHERE client_id = '{key}'")
    owner, stranger = tenant.sign_up(), other.sign_up()
    for name in (tenant.client_id, tenant.client_id.upper()):
        assert page.log_in(name, owner.email, owner.password).json()["client"]["client_id"] == tenant.client_id
        assert told(page.log_in(name, stranger.email, stranger.password)) == (401, "invalid_credentials")


def test_ADM_05_over_https_the_cookies_are_bound_to_this_very_host(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    with settings.changed(public_url="https://auth.example.com"):
        page = Page(app, origin="https://auth.example.com")
        cookies = cookies_of(page.log_in(tenant.slug, person.email, person.password))
        assert {name.removeprefix("__Host-") for name in cookies} == {SESSION, REFRESH, CSRF, LOGIN}
        assert all(name.startswith("__Host-") and one["secure"] and one["path"] == "/" for name, one in cookies.items())
        assert page.show().status_code == 200
        # What another page of the same site could have set counts for nothing.
        bare = {name.removeprefix("__Host-"): value for name, value in page.cookies.items()}
        other = Page(app, origin="https://auth.example.com")
        spelt = "; ".join(f"{name}={value}" for name, value in bare.items())
        assert told(other.call("GET", f"{PLACE}/session", headers={"Cookie": spelt})) == (
            401,
            "authentication_required",
        )


def test_ADM_05_over_plain_http_to_another_machine_nobody_logs_in(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    with settings.changed(public_url="http://auth.example.com"):
        page = Page(app, origin="http://auth.example.com")
        answer = page.log_in(tenant.slug, person.email, person.password)
    assert told(answer) == (403, "insufficient_scope")
    assert all(word in answer.json()["detail"] for word in ("PUBLIC_URL is http://auth.example.com", "https"))
    assert "set-cookie" not in answer.headers


def test_a_role_of_very_many_scopes_does_not_outgrow_the_cookie(page: Page, tenant: Tenant, database_url: str) -> None:
    scopes = sorted(f"{'products' * 2}:{'right' * 4}{number:03}" for number in range(100))  # as large as one may be
    made = tenant.call("PUT", "/roles/collector", json={"permissions": scopes})
    assert made.status_code == 200, made.text
    person = tenant.make("collector", email=f"{'a' * 60}@{'.'.join(['b' * 60] * 3)}.example")
    answer = page.log_in(tenant.slug, person.email, person.password)
    assert answer.json()["scopes"] == scopes
    assert max(len(header.encode()) for header in answer.headers.get_list("set-cookie")) < 2048 < 4096
    assert len(person.access_token) > 4096
    assert page.call("GET", f"{tenant.path}/me").json()["email"] == person.email

    # One from before roles had their bound: the token names no scopes, the session holds them all the same.
    scopes = lengthened(database_url, tenant, "collector", characters=12_000)
    answer = page.log_in(tenant.slug, person.email, person.password)
    assert answer.json()["scopes"] == scopes
    assert max(len(header.encode()) for header in answer.headers.get_list("set-cookie")) < 2048
    assert page.call("GET", f"{tenant.path}/me").json()["email"] == person.email
    assert page.refresh().json()["scopes"] == scopes


def test_a_passkey_alone_logs_in(page: Page, tenant: Tenant) -> None:
    person = tenant.sign_up()
    held = ceremonies.enrol(person)
    options = page.call("POST", f"{PLACE}/session/passkey/options", json={"client": tenant.slug})
    answer = held.get(options.json())
    body = {"client": tenant.slug, "credential": answer}
    assert page.call("POST", f"{PLACE}/session/passkey", json=body).json()["user"]["email"] == person.email
    spent = page.call("POST", f"{PLACE}/session/passkey", json=body)
    assert told(spent) == (400, "invalid_code")
    assert "the client or the passkey is not known here" in spent.json()["detail"]
    nowhere = page.call("POST", f"{PLACE}/session/passkey/options", json={"client": "nobody"}).json()
    assert nowhere.keys() == options.json().keys()
    assert nowhere | {"challenge": ""} == options.json() | {"challenge": ""}
    lost = page.call("POST", f"{PLACE}/session/passkey", json={"client": "nobody", "credential": held.get(nowhere)})
    own = {"request_id": "", "instance": ""}
    assert lost.json() | own == spent.json() | own, "an unknown client is told as an unknown passkey is"


def test_an_operator_logs_in_to_the_platform(page: Page, operator: Operator) -> None:
    answer = page.log_in("platform", operator.email, operator.password)
    session = answer.json()
    assert (session["is_operator"], session["client"]["is_platform"]) == (True, True)
    assert page.call("GET", "/api/v1/clients", params={"limit": "1"}).status_code == 200


def test_an_operator_registers_clients_by_cookie_where_nobody_else_may(
    app: Flask, page: Page, operator: Operator, tenant: Tenant
) -> None:
    page.log_in("platform", operator.email, operator.password)
    admin = Page(app)
    admin.enter(tenant, tenant.make_admin())
    register = ("POST", "/api/v1/clients/register")
    with settings.changed(client_registration="operator"):
        assert page.call(*register, json={"client_name": "By an operator"}).status_code == 201
        unproved = page.call(*register, without=("X-CSRF-Token",), json={"client_name": "No"})
        assert told(unproved) == (403, "insufficient_scope")
        assert told(admin.call(*register, json={"client_name": "No"})) == (403, "insufficient_scope")


def test_a_dead_cookie_keeps_nobody_from_registering(page: Page, tenant: Tenant, operator: Operator) -> None:
    person = tenant.sign_up()
    page.enter(tenant, person)
    tenant.call("DELETE", f"/users/{person.user_id}/sessions")
    assert page.call("POST", "/api/v1/clients/register", json={"client_name": "A stranger's"}).status_code == 201


def answers_without_a_session(page: Page) -> Iterator[tuple[int, str]]:
    yield told(page.show())
    yield told(page.refresh())
    yield told(page.prove(password=PASSWORD))
    yield told(page.second_step("123456"))


def test_without_a_session_there_is_nothing_to_read_refresh_or_complete_and_logging_out_is_fine(page: Page) -> None:
    nobody = (401, "authentication_required")
    assert list(answers_without_a_session(page)) == [nobody, nobody, nobody, (400, "invalid_code")]
    assert page.leave().status_code == 204


def test_LOG_01_no_cookie_is_written_into_the_log_or_the_audit_log(
    app: Flask, page: Page, tenant: Tenant, capfd: pytest.CaptureFixture[str], database_url: str
) -> None:
    person = tenant.sign_up()
    with_policy(tenant, "required")
    page.begin(tenant, person)
    secrets = list(page.cookies.values())
    with_policy(tenant, "optional")
    page.enter(tenant, person)
    secrets += page.cookies.values()
    page.refresh()
    page.prove(password=person.password)
    page.call("GET", f"{tenant.path}/me", headers={"User-Agent": page.cookies[SESSION]})
    page.leave()
    logged = "".join(capfd.readouterr())
    assert f'"route": "{PLACE}/session/reauth"' in logged
    written = logged + database.dump(database_url)
    parts = [part for secret in secrets for part in secret.split(".") if len(part) > 40]
    assert len(parts) >= 7
    assert [part for part in parts if part[-20:] in written] == []
