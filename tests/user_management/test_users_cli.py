"""`flask users reset-mfa`: lost second factors taken away from the operator's shell."""

import json

import httpx
from flask import Flask

from tests.factories import Tenant, make_operator
from tests.mails import mails_to
from tests.mfa.enrolling import enrol
from tests.user_management.test_import_cli import shell


def test_lost_factors_are_taken_away_by_address_or_id(app: Flask, tenant: Tenant) -> None:
    for named in ("email", "user_id"):
        person = tenant.sign_up()
        enrol(person)
        name = person.email.upper() if named == "email" else person.user_id
        status, said, _ = shell(app, "reset-mfa", tenant.slug, name, "--json")
        told = {"user_id": person.user_id, "email": person.email, "factors": 1}
        assert (status, json.loads(said)) == (0, told)
        assert person.call("GET", "/me").status_code == 401
        assert tenant.log_in(person.email).call("GET", "/me/mfa").json()["methods"] == []
        assert len(mails_to(app, person.email)) == 2  # when it was set up, and when it was taken away
        (row,) = tenant.audit(action="mfa.reset", user_id=person.user_id)
        assert (row["detail"]["factors"], row["detail"]["sessions_ended"]) == (1, 1)


def test_an_operator_is_helped_too(app: Flask, api: httpx.Client) -> None:
    operator = make_operator(app, api)
    enrol(operator)
    status, said, _ = shell(app, "reset-mfa", "platform", operator.email)
    assert (status, "Second factors taken away" in said) == (0, True)
    assert operator.call("GET", "/me").status_code == 401


def test_nobody_is_meant_by_a_name_that_is_none(app: Flask, tenant: Tenant, other: Tenant) -> None:
    stranger = other.sign_up()
    for name in (stranger.user_id, stranger.email):
        status, _, said = shell(app, "reset-mfa", tenant.slug, name)
        assert (status, f"There is no user '{name}' in this client" in said) == (1, True)
    assert "email: This is not a valid e-mail address." in shell(app, "reset-mfa", tenant.slug, "ada")[2]
    assert stranger.call("GET", "/me").status_code == 200
