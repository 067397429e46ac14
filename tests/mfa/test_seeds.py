"""Where the seeds of authenticator apps lie, and what a change of SECRET_KEY does to them."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.core import clock, settings
from app.mfa import totp
from tests.database import dump
from tests.factories import Person, Tenant
from tests.mfa.enrolling import enrol, log_in

OTHER_KEY = "another-Zx7LmW0pTqR8uYb2NcHd5EjGa4iOoV6kF3v9sQ1"


@pytest.fixture
def person(tenant: Tenant) -> Person:
    return tenant.sign_up()


def test_MFA_08_the_secret_is_nowhere_to_be_read(tenant: Tenant, person: Person, database_url: str) -> None:
    pocket = enrol(person)
    seen = [person.call("GET", path).text for path in ("/me", "/me/mfa", "/me/sessions")]
    seen += [str(tenant.audit()), dump(database_url)]
    for text in seen:
        assert pocket.secret not in text
        assert not any(code in text or code.replace("-", "") in text for code in pocket.recovery_codes)


def test_a_change_of_keys_reaches_the_seeds(app: Flask, tenant: Tenant, person: Person) -> None:
    pocket, before = enrol(person), settings.settings()
    pending = person.call("POST", "/me/mfa/totp").json()["secret"]
    with app.app_context():
        with settings.changed(secret_key=OTHER_KEY, secret_key_fallbacks=(before.secret_key,)):
            assert sum(totp.reseal()) >= 1
            assert sum(totp.reseal()) == 0
        with settings.changed(secret_key=before.secret_key, secret_key_fallbacks=(OTHER_KEY,)):
            log_in(tenant, person, pocket.code())
            assert sum(totp.reseal()) >= 1
    pocket.secret = pending
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        assert person.call("POST", "/me/mfa/totp/confirm", json={"code": pocket.code()}).status_code == 200
        log_in(tenant, person, pocket.code())
