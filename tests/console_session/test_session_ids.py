"""TOK-15: every proof of identity begins a session of its own, and the one before is over."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from app.users import passwords
from tests import database
from tests.concurrency import at_once
from tests.console_session.browsing import CSRF, PLACE, REFRESH, SESSION, Page, copied, is_dead, told
from tests.factories import Operator, Person, Tenant, bearer
from tests.user_management.managing import impersonate


def grow_stale(tenant: Tenant, session_id: str, database_url: str) -> None:
    """Let the proof of a session be an hour old."""
    past = "'2020-01-01 00:00:00+00'" if database_url.startswith("postgresql") else "'2020-01-01 00:00:00.000000'"
    key = database.uuid_text(database_url, session_id)
    database.change(database_url, f"UPDATE sessions SET authenticated_at = {past} WHERE session_id = '{key}'")


def test_TOK_15_a_login_ends_the_session_that_was_there_before(app: Flask, page: Page, tenant: Tenant) -> None:
    before, old = page.show().json(), copied(app, page)
    after = page.enter(tenant, tenant.sign_up())
    assert after["session_id"] != before["session_id"]
    assert is_dead(old)
    (row,) = tenant.audit(action="logout")
    assert (row["user_id"], row["detail"]) == (
        before["user"]["user_id"],
        {"sessions": 1, "everywhere": False, "via": "console"},
    )


def test_TOK_15_a_cookie_planted_before_a_login_is_nobodys_afterwards(
    app: Flask, tenant: Tenant, other: Tenant, person: Person
) -> None:
    planted = Page(app)
    planted.enter(other, other.sign_up())
    for names in ((SESSION, REFRESH, CSRF), (SESSION,), (REFRESH, CSRF)):
        victim = Page(app).holds(**{name: planted.cookies[name] for name in names})
        session = victim.enter(tenant, person)
        assert session["user"]["user_id"] == person.user_id
        assert set(victim.cookies.values()).isdisjoint(planted.cookies.values())
        assert is_dead(copied(app, planted))
        planted.enter(other, other.sign_up())


def test_TOK_15_another_clients_session_ends_too(app: Flask, page: Page, operator: Operator) -> None:
    old = copied(app, page)
    assert page.log_in("platform", operator.email, operator.password).status_code == 200
    assert is_dead(old)


def test_TOK_15_a_wrong_password_ends_nothing(page: Page, tenant: Tenant, person: Person) -> None:
    assert page.log_in(tenant.slug, person.email, "not the right password").status_code == 401
    assert page.show().status_code == 200


def test_TOK_15_a_fresh_proof_begins_another_session_that_ends_when_the_old_one_would_have(
    app: Flask, page: Page, tenant: Tenant, person: Person, database_url: str
) -> None:
    before, old = page.show().json(), copied(app, page)
    grow_stale(tenant, before["session_id"], database_url)
    begin = ("POST", f"{tenant.path}/me/mfa/totp")
    assert told(page.call(*begin)) == (403, "reauth_required")  # MFA-03
    answer = page.prove(password=person.password)
    after = answer.json()
    assert after["session_id"] != before["session_id"]
    assert after["expires_at"] == before["expires_at"]
    assert after["fresh_until"] > before["fresh_until"]
    assert is_dead(old)
    assert set(old.cookies.values()).isdisjoint(page.cookies.values())
    assert page.call(*begin).status_code == 200
    (row,) = tenant.audit(action="session.reauth")
    told_in_row = {"session_id": after["session_id"], "session_ended": before["session_id"], "via": "console"}
    assert (row["status"], row["detail"]) == ("success", told_in_row)


def test_wrong_proofs_are_counted_as_failed_logins_are(page: Page, person: Person, tenant: Tenant) -> None:
    answers = [page.prove(password="not the right password") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [423]
    rows = tenant.audit(action="session.reauth")
    assert {row["detail"]["reason"] for row in rows} == {"invalid_credentials", "account_locked"}
    assert page.show().status_code == 200  # RL-03


def test_TOK_15_no_proof_makes_the_consoles_session_fresh_where_it_is(
    page: Page, tenant: Tenant, person: Person, database_url: str
) -> None:
    session_id = page.show().json()["session_id"]
    grow_stale(tenant, session_id, database_url)
    answer = page.call("POST", f"{tenant.path}/me/reauth", json={"password": person.password})
    assert told(answer) == (403, "insufficient_scope")
    assert f"{PLACE}/session/reauth" in answer.json()["detail"]
    change = {"current_password": person.password, "new_password": "seven geese over the harbour"}
    assert page.call("POST", f"{tenant.path}/me/password", json=change).status_code == 204
    assert told(page.call("DELETE", f"{tenant.path}/me")) == (403, "reauth_required")


def test_a_token_in_a_header_cannot_be_turned_into_cookies(page: Page, person: Person) -> None:
    answer = page.call(
        "POST",
        f"{PLACE}/session/reauth",
        json={"password": person.password},
        headers=bearer(person.access_token),
    )
    assert told(answer) == (403, "insufficient_scope")
    assert "set-cookie" not in answer.headers


def test_of_two_proofs_at_once_one_session_comes(app: Flask, page: Page, tenant: Tenant, person: Person) -> None:
    pages = [copied(app, page) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: one.prove(password=person.password), pages))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    live = [one for one in pages if one.show().status_code == 200]
    assert len(live) == 1


def test_LOG_03_a_right_proof_for_a_session_that_ends_meanwhile_has_its_row_and_counts_as_no_failure(
    app: Flask, page: Page, tenant: Tenant, person: Person, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_tab, verify = copied(app, page), passwords.verify

    def slowly(*values: Any) -> bool:
        right = verify(*values)
        assert other_tab.leave().status_code == 204
        return right

    monkeypatch.setattr(passwords, "verify", slowly)
    assert told(page.prove(password=person.password)) == (401, "token_revoked")
    (row,) = tenant.audit(action="session.reauth")
    assert (row["status"], row["detail"]) == ("failed", {"reason": "token_revoked", "via": "console"})
    of_client = database.uuid_text(database_url, tenant.client_id)
    assert database.count(database_url, "login_throttles", "client_id = :c", c=of_client) == 0


def test_LOG_03_of_two_right_proofs_at_once_each_has_its_row(
    app: Flask, page: Page, tenant: Tenant, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify, both = passwords.verify, threading.Barrier(2)

    def together(*values: Any) -> bool:
        right = verify(*values)
        both.wait(timeout=30)
        return right

    monkeypatch.setattr(passwords, "verify", together)
    pages = [copied(app, page) for _ in "ab"]
    answers = at_once(2, lambda number: pages[number].prove(password=person.password))
    assert sorted(answer.status_code for answer in answers) == [200, 401]
    rows = tenant.audit(action="session.reauth")
    assert sorted(row["status"] for row in rows) == ["failed", "success"]


def test_a_refresh_that_a_proof_has_overtaken_leaves_the_new_sessions_cookies_alone(
    app: Flask, page: Page, person: Person
) -> None:
    late = [copied(app, page) for _ in range(3)]
    assert page.prove(password=person.password).status_code == 200
    for old in late[:2]:
        answer = old.refresh()
        assert told(answer) == (401, "token_revoked")
        assert "set-cookie" not in answer.headers
    assert page.show().status_code == 200
    page.leave()
    assert told(late[2].refresh()) == (401, "token_revoked")
    assert late[2].cookies == {}


def test_LOG_03_who_acts_for_a_user_does_so_by_no_cookie(app: Flask, tenant: Tenant, person: Person) -> None:
    acting = impersonate(person, tenant.sign_up().user_id).json()["access_token"]
    page = Page(app).holds(**{SESSION: acting})
    assert told(page.show()) == (401, "authentication_required")
    assert page.leave().status_code == 204
    assert tenant.audit(action="logout") == []
    assert person.api.get(f"{tenant.path}/me", headers=bearer(acting)).status_code == 200


def test_a_refresh_gives_new_tokens_to_the_same_session(app: Flask, page: Page) -> None:
    before, old = page.show().json(), copied(app, page)
    assert page.refresh().json() == before
    assert {SESSION, REFRESH} == {name for name in page.cookies if page.cookies[name] != old.cookies[name]}
    again = copied(app, old)
    assert again.refresh().status_code == 200  # within the grace: another tab was first
    assert again.cookies[REFRESH] == page.cookies[REFRESH]


def test_logging_out_ends_the_session_at_the_service(app: Flask, page: Page, tenant: Tenant) -> None:
    for names in ((SESSION, REFRESH, CSRF), (SESSION, CSRF), (REFRESH, CSRF)):
        page.enter(tenant, tenant.sign_up())
        whole = copied(app, page)
        some = Page(app).holds(**{name: page.cookies[name] for name in names})
        assert some.leave().status_code == 204
        assert some.cookies == {}
        assert is_dead(whole)
        assert some.leave().status_code == 204


def test_a_session_that_was_ended_elsewhere_is_over_in_the_console_too(page: Page, tenant: Tenant) -> None:
    tenant.call("POST", "/sessions/revoke-all")
    assert told(page.show()) == (401, "token_revoked")
    assert told(page.refresh()) == (401, "token_revoked")
    assert page.cookies == {}
