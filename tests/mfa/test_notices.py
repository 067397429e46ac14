"""MFA_CHANGED: whoever has an account is told by mail what has happened to its second factors, and when."""

import re

from flask import Flask

from tests.factories import Tenant
from tests.mails import mails_to
from tests.mfa import ceremonies
from tests.mfa.enrolling import enrol, log_in


def test_a_mail_says_which_second_factor_was_changed_and_when(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    pocket = enrol(person)
    person = log_in(tenant, person, pocket.code())
    assert person.call("POST", "/me/mfa/recovery-codes").status_code == 200
    ceremonies.enrol(person)
    (passkey,) = person.call("GET", "/me/passkeys").json()["items"]
    assert person.call("DELETE", f"/me/passkeys/{passkey['passkey_id']}").status_code == 204
    assert person.call("DELETE", "/me/mfa/totp").status_code == 204
    texts = [mail.text for mail in mails_to(app, person.email)]
    told = ("app was set up", "New recovery codes", "passkey was added", "passkey was removed", "app was removed")
    for text, change in zip(texts, told, strict=True):
        assert change in text
        assert re.search(r", on \d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d UTC\.", text)
