"""ACC-07: whoever signs up with somebody else's address gets no password onto an account that was there before."""

from collections.abc import Callable

import httpx
import pytest
from flask import Flask

from app.core import settings
from tests.factories import PASSWORD, Tenant, bearer, fresh_email, register
from tests.mails import mails_to
from tests.recovery.asking import (
    NEW,
    OTHER,
    code_of,
    invite,
    log_in,
    newest,
    redeem,
    resend,
    reset,
    set_up,
    sign_up,
)
from tests.user_management.importing import imported as import_rows

PAGE = "verify-email"
Made = Callable[[Flask, Tenant], str]


def made_by_admin(app: Flask, tenant: Tenant) -> str:
    email = fresh_email()
    body = {"email": email, "password": PASSWORD, "role": "user"}
    assert tenant.call("POST", "/users", json=body).status_code == 201
    return email


def imported(app: Flask, tenant: Tenant) -> str:
    email = fresh_email()
    hashed = "$2b$10$37981/yjeP87uugvOk1vG.uWt70JoHVTwsLKBKD3J0h8otL1To80W"
    assert import_rows(tenant, {"email": email, "password_hash": hashed})[0] == []
    return email


def signed_up_before(app: Flask, tenant: Tenant) -> str:
    set_up(tenant, email_verification="optional")
    return tenant.sign_up().email


def first_admin(app: Flask, tenant: Tenant) -> str:
    assert tenant.admin is not None
    return tenant.admin["email"]


@pytest.mark.parametrize("make", [made_by_admin, imported, signed_up_before, first_admin])
def test_ACC_07_a_strangers_sign_up_changes_nothing_of_an_account_that_waits_for_its_proof(
    app: Flask, api: httpx.Client, make: Made
) -> None:
    tenant = register(api, admin=True)
    email = make(app, tenant)
    set_up(tenant, email_verification="required")
    publishable = tenant.call("POST", "/keys", json={"name": "page", "kind": "publishable"}).json()["api_key"]
    body = {"email": email, "password": OTHER, "full_name": "Eve", "username": "eve"}
    answer = tenant.call("POST", "/signup", json=body, headers=bearer(publishable))
    assert (answer.status_code, answer.json()) == (202, {"email_verification": "sent"})
    notice = mails_to(app, email)[-1]
    assert ("already have an account" in notice.subject, notice.link) == (True, "")
    resend(tenant, email)
    assert redeem(tenant, PAGE, newest(app, email, PAGE)).status_code == 204
    assert code_of(log_in(tenant, email, OTHER)) == (401, "invalid_credentials")
    if make is not imported:
        user = log_in(tenant, email).json()["user"]
        assert (user["email_verified"], user["full_name"], user["username"]) == (True, None, None)


def test_ACC_07_an_invited_admin_gets_no_mail_of_a_strangers_sign_up_and_its_own_password(
    app: Flask, tenant: Tenant
) -> None:
    set_up(tenant, email_verification="required")
    email = invite(tenant, role="admin")
    assert sign_up(tenant, email, OTHER).status_code == 202
    resend(tenant, email)
    assert [mail.page for mail in mails_to(app, email)] == ["accept-invitation"]
    assert redeem(tenant, "accept-invitation", newest(app, email, "accept-invitation")).status_code == 200
    assert code_of(log_in(tenant, email, OTHER)) == (401, "invalid_credentials")
    assert [row["detail"]["reason"] for row in tenant.audit(action="email.resend")] == ["invited"]


@pytest.mark.parametrize("use", ["login", "role"])
def test_ACC_07_a_waiting_sign_up_comes_to_nothing_once_the_account_is_in_use(
    app: Flask, tenant: Tenant, use: str
) -> None:
    set_up(tenant, email_verification="required")
    email = fresh_email()
    sign_up(tenant, email, PASSWORD, full_name="Ada")
    sign_up(tenant, email, OTHER, full_name="Eve")
    if use == "login":
        set_up(tenant, email_verification="off")
        person = tenant.log_in(email)
        set_up(tenant, email_verification="required")
    else:
        items = tenant.call("GET", "/users", params={"q": email}).json()["items"]
        assert tenant.call("PATCH", f"/users/{items[0]['user_id']}", json={"role": "admin"}).status_code == 200
    assert code_of(redeem(tenant, PAGE, newest(app, email, PAGE))) == (400, "invalid_code")
    sign_up(tenant, email, OTHER)
    assert "already have an account" in mails_to(app, email)[-1].subject
    if use == "login":
        assert person.call("GET", "/me").status_code == 200
    assert code_of(log_in(tenant, email, OTHER)) == (401, "invalid_credentials")
    resend(tenant, email)
    assert reset(tenant, newest(app, email, "reset-password")).status_code == 204
    assert code_of(log_in(tenant, email, OTHER)) == (401, "invalid_credentials")
    assert log_in(tenant, email, NEW).json()["user"]["full_name"] == "Ada"


@pytest.mark.parametrize("setting", ["off", "optional", "required"])
def test_an_account_with_a_password_from_an_admin_is_mailed_a_link_where_the_client_asks_for_proof(
    app: Flask, tenant: Tenant, setting: str
) -> None:
    set_up(tenant, email_verification=setting)
    email, vouched = made_by_admin(app, tenant), fresh_email()
    body = {"email": vouched, "password": PASSWORD, "email_verified": True}
    assert tenant.call("POST", "/users", json=body).status_code == 201
    assert mails_to(app, vouched) == []
    assert [mail.page for mail in mails_to(app, email)] == ([] if setting == "off" else [PAGE])
    if setting == "required":
        assert code_of(log_in(tenant, email)) == (403, "email_not_verified")
        assert redeem(tenant, PAGE, newest(app, email, PAGE)).status_code == 204
        assert log_in(tenant, email).status_code == 200


def test_the_first_admin_is_mailed_a_link_where_the_operator_asks_for_proof(app: Flask, api: httpx.Client) -> None:
    with settings.changed(client_defaults={"email_verification": "required"}):
        tenant = register(api, admin=True)
        assert tenant.admin is not None
        email = tenant.admin["email"]
        assert code_of(log_in(tenant, email)) == (403, "email_not_verified")
        assert redeem(tenant, PAGE, newest(app, email, PAGE)).status_code == 204
        assert log_in(tenant, email).json()["user"]["role"] == "admin"
