"""What an admin does for somebody who is locked out: another mail, and taking lost second factors away."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.core import clock
from tests.factories import Tenant, fresh_email
from tests.keys.making import make, through
from tests.mails import mails_to
from tests.mfa.enrolling import enrol, first_step, with_policy

NEW_PASSWORD = "four quiet green lamps"
MAILS = {"password/forgot": "user.mail_reset", "email/resend": "user.mail_verification"}
"""Mails that an admin has sent to a user, by their calls: how the audit log names them."""


def invite(tenant: Tenant) -> tuple[str, str]:
    email = fresh_email()
    return str(tenant.call("POST", "/users", json={"email": email}).json()["user_id"]), email


def accept(tenant: Tenant, code: str) -> int:
    body = {"token": code, "password": NEW_PASSWORD}
    return tenant.api.post(f"{tenant.path}/invitations/accept", json=body).status_code


def test_REC_04_another_invitation_voids_the_one_before(app: Flask, tenant: Tenant) -> None:
    user_id, email = invite(tenant)
    assert tenant.call("POST", f"/users/{user_id}/invitation").status_code == 202
    first, second = (mail.code for mail in mails_to(app, email))
    assert accept(tenant, first) == 400
    assert accept(tenant, second) == 200
    refused = tenant.call("POST", f"/users/{user_id}/invitation")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert [row["action"] for row in tenant.audit(user_id=user_id)] == [
        "invitation.accept",
        "user.invite",
        "user.create",
    ]


def test_REC_07_an_invitation_leads_to_pages_of_the_client_only(tenant: Tenant) -> None:
    user_id, _ = invite(tenant)
    body = {"redirect_to": "https://evil.example.com/"}
    refused = tenant.call("POST", f"/users/{user_id}/invitation", json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(("call", "action"), MAILS.items())
def test_an_admin_has_a_user_mailed_and_is_named_in_the_audit_log(
    app: Flask, tenant: Tenant, call: str, action: str
) -> None:
    admin, person = tenant.make_admin(), tenant.sign_up()
    path = f"/users/{person.user_id}/{call}"
    before = len(mails_to(app, person.email))
    answer = admin.call("POST", path)
    assert (answer.status_code, len(mails_to(app, person.email)) - before) == (202, 1)
    assert person.call("GET", "/me").status_code == 200  # nothing ends before the link is used
    key = make(tenant, scopes=["users:write"])
    assert through(tenant, key["api_key"], "POST", path).status_code == 202
    by_key, by_admin = tenant.audit(action=action)
    assert (by_admin["user_id"], by_admin["key_id"], by_admin["detail"]) == (
        *(person.user_id, None), {"by_user": admin.user_id},
    )  # fmt: skip
    assert (by_key["user_id"], by_key["key_id"], by_key["detail"]) == (person.user_id, key["key_id"], {})
    code = mails_to(app, person.email)[-1].code
    used = {
        "password/forgot": ("/password/reset", {"token": code, "new_password": NEW_PASSWORD}),
        "email/resend": ("/email/verify", {"token": code}),
    }[call]
    assert tenant.api.post(f"{tenant.path}{used[0]}", json=used[1]).status_code == 204


@pytest.mark.parametrize("call", MAILS)
def test_a_user_is_not_mailed_by_whoever_lacks_the_right_nor_where_the_mail_has_no_use(
    app: Flask, tenant: Tenant, call: str
) -> None:
    admin, person, (invited, _) = tenant.make_admin(), tenant.sign_up(), invite(tenant)
    path = f"/users/{person.user_id}/{call}"
    reader = make(tenant, scopes=["users:read"])["api_key"]
    assert [person.call("POST", path).status_code, through(tenant, reader, "POST", path).status_code] == [403] * 2
    assert tenant.api.post(tenant.path + path).status_code == 401
    assert admin.call("POST", path, json={"redirect_to": "https://evil.example.com/"}).status_code == 400
    assert admin.call("POST", f"/users/{invited}/{call}").json()["code"] == "conflict"
    proved = {"email": fresh_email(), "password": NEW_PASSWORD, "email_verified": True}
    other_id = tenant.call("POST", "/users", json=proved).json()["user_id"]
    answer = admin.call("POST", f"/users/{other_id}/{call}")
    assert answer.status_code == (409 if call == "email/resend" else 202)
    before = len(mails_to(app, person.email))
    assert tenant.call("PATCH", f"/users/{person.user_id}", json={"status": "disabled"}).status_code == 200
    refused = admin.call("POST", path)
    assert (refused.status_code, refused.json()["detail"]) == (409, "This user is disabled: enable it first.")
    assert len(mails_to(app, person.email)) == before


def test_TOK_08_lost_factors_are_taken_away_with_the_sessions_and_a_mail_says_so(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    enrol(person)
    half = first_step(tenant, person)["mfa_token"]
    answer = tenant.call("DELETE", f"/users/{person.user_id}/mfa")
    assert (answer.status_code, answer.json()) == (200, {"deleted": {"factors": 1}})
    assert person.call("GET", "/me").status_code == 401
    over = tenant.call("POST", "/login/mfa", json={"mfa_token": half, "code": "000000"})
    assert (over.status_code, over.json()["code"]) == (400, "invalid_code")
    assert tenant.log_in(person.email).call("GET", "/me/mfa").json()["methods"] == []
    _, notice = mails_to(app, person.email)  # when it was set up, and when it was taken away
    assert "taken away by an admin" in notice.text
    row = tenant.audit(action="mfa.reset")[0]
    assert (row["user_id"], row["status"]) == (person.user_id, "success")
    with_policy(tenant, "required")
    assert first_step(tenant, person)["code"] == "mfa_enrollment_required"


@pytest.mark.parametrize(("method", "call"), [("DELETE", "mfa"), *(("POST", call) for call in ("invitation", *MAILS))])
def test_ADM_04_nobody_does_it_to_a_user_who_holds_more(tenant: Tenant, other: Tenant, method: str, call: str) -> None:
    leader = tenant.make_admin()
    body = {"name": "Support", "scopes": ["users:write"]}
    key = tenant.call("POST", "/keys", json=body).json()["api_key"]
    headers = {"Authorization": f"Bearer {key}"}
    refused = tenant.call(method, f"/users/{leader.user_id}/{call}", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert tenant.audit(user_id=leader.user_id)[0]["status"] == "failed"
    assert other.call(method, f"/users/{leader.user_id}/{call}").status_code == 404


def test_MFA_03_nobody_takes_their_own_factors_away_as_an_admin_nor_anybodys_without_a_fresh_login(
    tenant: Tenant,
) -> None:
    leader, person = tenant.make_admin(), tenant.sign_up()
    refused = leader.call("DELETE", f"/users/{leader.user_id}/mfa")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert leader.call("DELETE", f"/users/{person.user_id}/mfa").json() == {"deleted": {"factors": 0}}
    assert person.call("GET", "/me").status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        stale = leader.call("DELETE", f"/users/{person.user_id}/mfa")
        assert (stale.status_code, stale.json()["code"]) == (403, "reauth_required")
