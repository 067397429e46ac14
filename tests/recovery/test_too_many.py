"""Beyond five mails of a kind to an address in an hour none leaves, and what has arrived stays good."""

import pytest
from flask import Flask

from tests.factories import Tenant, fresh_email
from tests.mails import mails_to
from tests.recovery.asking import NEW, ask_for_email, codes, forget, invite, log_in, redeem, resend, set_up, sign_up

TOO_MANY = {"reason": "too_many_mails"}
CALLS = {"user.mail_reset": "password/forgot", "user.mail_verification": "email/resend"}
"""What an admin has mailed to a user."""


@pytest.mark.parametrize(
    ("page", "action"),
    [
        ("reset-password", "password.forgot"),
        ("verify-email", "email.resend"),
        ("reset-password", "signup"),
        ("change-email", "email.change_request"),
        ("accept-invitation", "user.invite"),
        ("reset-password", "user.mail_reset"),
        ("verify-email", "user.mail_verification"),
    ],
)
def test_REC_04_a_code_that_has_arrived_outlives_the_requests_whose_mails_are_too_many(
    app: Flask, tenant: Tenant, page: str, action: str
) -> None:
    person, email = tenant.sign_up(), fresh_email()
    if action == "user.invite":
        invite(tenant, email)
        user_id = tenant.call("GET", "/users", params={"q": email}).json()["items"][0]["user_id"]
    if action == "signup":
        set_up(tenant, email_verification="required")
    if action in ("password.forgot", "email.resend", *CALLS):
        email = person.email
    # The first sign-up is mailed another link than those that contest it.
    for _ in range(8 if action == "signup" else 7):
        if action == "password.forgot":
            forget(tenant, email)
        elif action == "email.resend":
            resend(tenant, email)
        elif action == "signup":
            assert sign_up(tenant, email, NEW).status_code == 202
        elif action == "email.change_request":
            ask_for_email(person, email)
        elif action in CALLS:
            assert tenant.call("POST", f"/users/{person.user_id}/{CALLS[action]}").status_code == 202
        else:
            assert tenant.call("POST", f"/users/{user_id}/invitation").status_code == 202
    arrived = codes(app, email, page)
    assert len(arrived) == 5
    rows = tenant.audit(action=action)
    # One more invitation was the first.
    assert [row["detail"] == TOO_MANY for row in rows[:3]] == [True, True, action == "user.invite"]
    assert [row["status"] for row in rows[:2]] == ["failed"] * 2
    assert redeem(tenant, page, arrived[-1]).status_code in (200, 204)
    assert log_in(tenant, email, NEW if page in ("reset-password", "accept-invitation") or action == "signup" else
                  person.password).status_code == 200  # fmt: skip


def test_REC_04_notices_of_an_address_that_is_taken_are_counted_like_mails_to_a_free_one(
    app: Flask, tenant: Tenant
) -> None:
    person, address = tenant.sign_up(), fresh_email()
    owners = [tenant.sign_up(), tenant.sign_up()]
    disabled = {"status": "disabled"}
    assert tenant.call("PATCH", f"/users/{owners[1].user_id}", json=disabled).status_code == 200
    for taken in (owners[0].email, owners[1].email, fresh_email()):
        for _ in range(5):
            ask_for_email(tenant.sign_up(), taken)
        ask_for_email(person, address)
        ask_for_email(person, taken)
        assert len(mails_to(app, taken)) == 5
    assert redeem(tenant, "change-email", codes(app, address, "change-email")[-1]).status_code == 204
