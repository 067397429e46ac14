"""What a passkey's ceremony is bound to: one answer, one ceremony, one caller, one client (MFA-06, MFA-07)."""

from datetime import timedelta

import httpx
import pytest
import time_machine

from app.core import clock
from tests.concurrency import at_once
from tests.factories import Person, Tenant, register
from tests.mfa.authenticator import Authenticator, unb64
from tests.mfa.ceremonies import (
    CREATION,
    INVALID,
    OWN,
    add,
    asked,
    enrol,
    half_login,
    honest_login,
    log_in,
    login_options,
    reauthenticate,
    second_step,
    told,
)


def test_a_login_asks_everybody_the_same_and_names_nobody(tenant: Tenant) -> None:
    enrol(tenant.sign_up())
    first, second = login_options(tenant), login_options(tenant)
    assert first.pop("challenge") != (challenge := second.pop("challenge"))
    assert len(unb64(str(challenge))) >= 16
    expected = {"timeout": 300_000, "rpId": "localhost", "allowCredentials": [], "userVerification": "required"}
    assert first == second == expected


def test_MFA_06_one_answer_sent_fifty_times_at_once_logs_in_once(live: httpx.Client) -> None:
    tenant = register(live)
    held = enrol(tenant.sign_up())
    credential = held.get(login_options(tenant))
    answers = at_once(50, lambda _: log_in(tenant, credential))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 49
    assert told(log_in(tenant, credential)) == INVALID


CEREMONIES = ("registration", "login", "second factor", "reauthentication")


def begin(tenant: Tenant, person: Person, ceremony: str) -> tuple[str, str | None]:
    """Return a ceremony's challenge, and the mfa_token of a second factor."""
    if ceremony == "second factor":
        half = half_login(tenant, person)
        return str(half["passkey_options"]["challenge"]), str(half["mfa_token"])
    caller = tenant if ceremony == "login" else person
    path = {"login": "/login/passkey/options", "registration": CREATION}.get(ceremony, "/me/reauth/options")
    return str(asked(caller, path)["challenge"]), None


def end(
    tenant: Tenant, person: Person, ceremony: str, held: Authenticator, challenge: str, mfa_token: str | None
) -> httpx.Response:
    """Answer a challenge in a ceremony."""
    if ceremony == "registration":
        return add(person, Authenticator().create(asked(person, CREATION) | {"challenge": challenge}))
    credential = held.get({"challenge": challenge})
    if ceremony == "login":
        return log_in(tenant, credential)
    if ceremony == "reauthentication":
        return reauthenticate(person, credential)
    return tenant.call("POST", "/login/mfa", json={"mfa_token": mfa_token, "credential": credential})


@pytest.mark.parametrize("begun", CEREMONIES)
def test_MFA_06_an_answer_holds_in_no_ceremony_but_its_own(tenant: Tenant, begun: str) -> None:
    person = tenant.sign_up()
    held = enrol(person)
    challenge, token = begin(tenant, person, begun)
    for ended in CEREMONIES:
        if ended != begun:
            token_there = begin(tenant, person, ended)[1]
            assert told(end(tenant, person, ended, held, challenge, token_there)) == INVALID, ended
    if begun == "registration":  # whose newest challenge voids the one before
        challenge, token = begin(tenant, person, begun)
        made = Authenticator().create({"user": {"id": "AA"}, "challenge": challenge})
        assert add(person, made).status_code == 201
    else:
        assert end(tenant, person, begun, held, challenge, token).is_success


def test_MFA_06_a_challenge_ends_after_five_minutes(tenant: Tenant) -> None:
    held = enrol(tenant.sign_up())
    credential, later = held.get(login_options(tenant)), clock.now() + timedelta(minutes=5, seconds=1)
    with time_machine.travel(later, tick=True):
        assert told(log_in(tenant, credential)) == INVALID
        assert honest_login(tenant, held).status_code == 200


def test_MFA_07_TEN_03_a_challenge_of_another_client_is_refused_there_and_stays_good_here(
    tenant: Tenant, other: Tenant
) -> None:
    held = enrol(tenant.sign_up())
    credential = held.get(login_options(tenant))
    assert told(log_in(other, credential)) == INVALID
    assert log_in(tenant, credential).status_code == 200
    assert told(log_in(other, held.get(login_options(other)))) == INVALID
    enrol(other.sign_up(), held)  # a credential is one of a kind within its client


def test_MFA_07_nobody_adds_proves_or_touches_a_passkey_for_another(tenant: Tenant) -> None:
    ada, eve = tenant.sign_up(), tenant.sign_up()
    of_ada, of_eve = enrol(ada), enrol(eve)
    assert told(add(eve, Authenticator().create(asked(ada, CREATION)))) == INVALID
    twice = of_ada.create(asked(eve, CREATION))
    assert told(add(eve, twice)) == INVALID
    of_eve.handle = None  # as a key that is no passkey answers: the user must not be taken from it
    assert told(reauthenticate(ada, of_eve.get(asked(ada, "/me/reauth/options")))) == INVALID
    half = half_login(tenant, ada)
    assert told(second_step(tenant, half, of_eve.get(half["passkey_options"]))) == INVALID
    half = half_login(tenant, ada)
    assert told(second_step(tenant, half_login(tenant, ada), of_ada.get(half["passkey_options"]))) == INVALID
    [mine] = ada.call("GET", OWN).json()["items"]
    for method, body in (("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)):
        assert told(eve.call(method, f"{OWN}/{mine['passkey_id']}", json=body)) == (404, "not_found")
    assert ada.call("GET", f"{OWN}/{mine['passkey_id']}").json() == mine


def test_MFA_06_a_challenge_works_in_the_session_that_asked_for_it(tenant: Tenant) -> None:
    person = tenant.sign_up()
    elsewhere = tenant.log_in(person.email)
    credential = Authenticator().create(asked(elsewhere, CREATION))
    assert told(add(person, credential)) == INVALID
    assert told(add(elsewhere, credential)) == INVALID  # it was spent by the attempt
    enrol(person)
