"""Sends what proves who somebody is (codes, seeds, recovery codes, hashes, passkeys), as it should be and wrongly."""

import json
from collections.abc import Callable
from typing import Any

import bcrypt

from tests.factories import Person, Tenant, bearer, fresh_email
from tests.mails import ReceivedMail
from tests.mfa import enrolling
from tests.recovery import asking
from tests.user_management import importing
from tests.web.sinks import Sinks

ReadMails = Callable[[str], list[ReceivedMail]]


def prove(sinks: Sinks, tenant: Tenant, read: ReadMails) -> list[str]:
    """Live through recovery, second factors, imports and passkeys; return one secret of each kind. `read` fetches mail.

    Keeps every secret of it in `sinks`.
    """
    person = tenant.sign_up(password=sinks.secret())
    code = _by_mail(sinks, tenant, person, read)
    pocket = _by_second_factor(sinks, tenant, person)
    token = _by_enrolling(sinks, tenant)
    _by_import(sinks, tenant)
    _by_passkey(sinks, tenant, tenant.sign_up(password=sinks.secret()))
    return [code, pocket.secret, pocket.recovery_codes[0], token]


def _by_mail(sinks: Sinks, tenant: Tenant, person: Person, read: ReadMails) -> str:
    """Ask for each kind of code and take it back: wrong in its last letter, right, and once more; return one."""
    fresh = fresh_email()
    asking.resend(tenant, person.email)
    asking.ask_for_email(person, fresh)
    _redeem(sinks, tenant, "verify-email", read(person.email))
    _redeem(sinks, tenant, "change-email", read(fresh))
    _redeem(sinks, tenant, "accept-invitation", read(asking.invite(tenant)), password=sinks.secret())
    person.email, person.password = fresh, sinks.secret()
    asking.forget(tenant, fresh)
    return _redeem(sinks, tenant, "reset-password", read(fresh), new_password=person.password)


def _redeem(sinks: Sinks, tenant: Tenant, page: str, mails: list[ReceivedMail], **secret: str) -> str:
    code = [mail.code for mail in mails if mail.page == page][-1]
    sinks.secrets.append(code)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    answers = [asking.anonymously(tenant, asking.CALLS[page], token=one, **secret) for one in (wrong, code, code)]
    assert [answer.is_success for answer in answers] == [False, True, False]
    return code


def _by_second_factor(sinks: Sinks, tenant: Tenant, person: Person) -> enrolling.Pocket:
    """Set an authenticator app up, and log in by password and code, wrongly first."""
    person = tenant.log_in(person.email, person.password)
    pocket = enrolling.enrol(person)
    sinks.secrets += [code.replace("-", "") for code in pocket.recovery_codes]
    login = enrolling.challenge(tenant, person)
    answers = [enrolling.second_step(tenant, login, code) for code in ("no code", *pocket.recovery_codes[:1] * 2)]
    assert [answer.status_code for answer in answers] == [400, 200, 400]
    proofs: list[dict[str, Any]] = [{"password": person.password, "code": pocket.recovery_codes[0]}]
    proofs.append({"password": person.password, "code": pocket.recovery_codes[1]})
    assert [person.call("POST", "/me/reauth", json=proof).status_code for proof in proofs] == [400, 204]
    return pocket


def _by_enrolling(sinks: Sinks, tenant: Tenant) -> str:
    """Log in where a second factor is asked for that the person has not; return the token that this gives."""
    newcomer = tenant.sign_up(password=sinks.secret())
    enrolling.with_policy(tenant, "required")
    token = str(enrolling.first_step(tenant, newcomer)["enrollment_token"])
    begun = tenant.api.post(f"{tenant.path}/me/mfa/totp", headers=bearer(token))
    refused = tenant.api.get(f"{tenant.path}/me", headers=bearer(token))
    assert (begun.status_code, refused.status_code) == (200, 401)
    enrolling.with_policy(tenant, "optional")
    return token


def _by_import(sinks: Sinks, tenant: Tenant) -> None:
    """Import a hash and log in with its password; send passwords and hashes where an import takes none."""
    email, password = fresh_email(), sinks.secret()
    good = {"email": email, "password_hash": bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}
    bad: list[Any] = [
        {"email": fresh_email(), "password": sinks.secret()},
        {"email": fresh_email(), "password_hash": f"$2b$04${sinks.secret()}"},
        {"email": fresh_email(), "password_hash": sinks.secret()},
        {"email": sinks.secret()},
        sinks.secret(),
    ]
    file = importing.ndjson([good, *bad]) + f'{{"email": "{sinks.secret()}\n'.encode()
    told, summary = importing.told(importing.send(tenant, file))
    assert (summary["added"], summary["failed"]) == (1, 6)
    sinks.problems.append(json.dumps([{**one, "email": None} for one in told]))
    rows = f"email,password_hash\n{fresh_email()},{sinks.secret()}\n".encode()
    assert importing.told(importing.send(tenant, rows, headers=importing.CSV))[1]["failed"] == 1
    tenant.log_in(email, password)


def _by_passkey(sinks: Sinks, tenant: Tenant, person: Person) -> None:
    """Send what is no passkey's answer."""
    secret = sinks.secret()
    response = {"clientDataJSON": secret, "attestationObject": secret, "authenticatorData": secret, "signature": secret}
    body = {"credential": {"id": secret, "rawId": secret, "type": "public-key", "response": response}}
    for call in (person.call, tenant.call):
        place = "/me/passkeys" if call == person.call else "/login/passkey"
        assert call("POST", f"{place}/options").status_code == 200
        assert call("POST", place, json=body).status_code == 400
    assert person.call("POST", "/me/reauth", json=body).status_code == 400
