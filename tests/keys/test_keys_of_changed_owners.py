"""A user's own keys end with what was changed because it may be in other hands, and stand still under a policy."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from flask import Flask

from app.core.settings import changed
from tests.concurrency import at_once
from tests.factories import PASSWORD, Person, Tenant, bearer, fresh_email, register
from tests.flows.counting import code_of
from tests.keys.making import ENDED, code, make, through
from tests.mfa import ceremonies
from tests.mfa.enrolling import enrol, log_in, with_policy
from tests.recovery.asking import ask_for_email, newest, redeem
from tests.roles.giving import give, put

LACKS = (401, "mfa_required")


@pytest.fixture(autouse=True)
def remembering(app: Flask, redis_url: str) -> Iterator[None]:
    """Let the application in this process remember keys."""
    with changed(redis_url=redis_url):
        yield


@pytest.fixture
def person(tenant: Tenant) -> Person:
    return tenant.sign_up()


def works(tenant: Tenant, key: str) -> bool:
    """Say whether a key works, by two ways that agree, the second time out of memory."""
    answers = [tenant.api.get("/api/v1/tiers", headers=bearer(key)).status_code == 200 for _ in range(2)]
    verdicts = [code(tenant, key) for _ in range(2)]
    assert answers == [verdict is None for verdict in verdicts]
    return answers[0]


def change_password(app: Flask, tenant: Tenant, person: Person) -> None:
    change = {"current_password": PASSWORD, "new_password": "another fine sentence"}
    assert person.call("POST", "/me/password", json=change).status_code == 204


def change_email(app: Flask, tenant: Tenant, person: Person) -> None:
    new = fresh_email()
    ask_for_email(person, new)
    assert redeem(tenant, "change-email", newest(app, new, "change-email")).status_code == 204


def add_totp(app: Flask, tenant: Tenant, person: Person) -> None:
    enrol(person)


def add_passkey(app: Flask, tenant: Tenant, person: Person) -> None:
    ceremonies.enrol(person)


def renew_codes(app: Flask, tenant: Tenant, person: Person) -> None:
    assert person.call("POST", "/me/mfa/recovery-codes").status_code == 200


def remove_totp(app: Flask, tenant: Tenant, person: Person) -> None:
    assert person.call("DELETE", "/me/mfa/totp").status_code == 204


def remove_passkey(app: Flask, tenant: Tenant, person: Person) -> None:
    (mine,) = person.call("GET", ceremonies.OWN).json()["items"]
    assert person.call("DELETE", f"{ceremonies.OWN}/{mine['passkey_id']}").status_code == 204


def have_them_taken_away(app: Flask, tenant: Tenant, person: Person) -> None:
    assert tenant.call("DELETE", f"/users/{person.user_id}/mfa").status_code == 200


Change = Callable[[Flask, Tenant, Person], None]
CHANGES: list[tuple[Change | None, Change, str]] = [
    (None, change_password, "password.change"),
    (None, change_email, "email.change"),
    (None, add_totp, "totp.enable"),
    (None, add_passkey, "passkey.create"),
    (add_totp, renew_codes, "recovery_codes.renew"),
    (add_totp, remove_totp, "totp.disable"),
    (add_passkey, remove_passkey, "passkey.delete"),
    (add_totp, have_them_taken_away, "mfa.reset"),
]


@pytest.mark.parametrize(("before", "change", "action"), CHANGES, ids=[action for _, _, action in CHANGES])
def test_TOK_08_each_change_ends_other_sessions_and_own_keys_before_it_is_answered(
    app: Flask, tenant: Tenant, person: Person, before: Change | None, change: Change, action: str
) -> None:
    stolen, neighbour = tenant.log_in(person.email), tenant.sign_up()
    if before is not None:
        before(app, tenant, person)
    own, others, of_client = make(person), make(neighbour), make(tenant)
    assert works(tenant, own["api_key"])
    change(app, tenant, person)
    assert stolen.call("GET", "/me").status_code == 401
    assert tenant.call("POST", "/refresh", json={"refresh_token": stolen.refresh_token}).status_code == 401
    assert not works(tenant, own["api_key"])
    assert code_of(through(tenant, own["api_key"], "GET", "/keys")) == ENDED
    assert code(tenant, own["api_key"]) == "revoked"
    assert tenant.call("GET", f"/keys/{own['key_id']}").json()["status"] == "revoked"
    assert works(tenant, others["api_key"])
    assert works(tenant, of_client["api_key"])
    assert tenant.audit(action=action)[0]["detail"]["keys_ended"] == 1


@pytest.mark.parametrize("policy", ["required", "required_for_admins"])
def test_MFA_05_an_own_key_stands_still_while_its_owner_lacks_the_factor_asked_for(
    tenant: Tenant, person: Person, database_url: str, policy: str
) -> None:
    put(tenant, "boss", "admin", "keys:read", "keys:verify")
    give(database_url, tenant, "boss", person)
    key, of_client, neighbours = make(person), make(tenant), make(tenant.sign_up())
    assert works(tenant, key["api_key"])
    with_policy(tenant, policy)
    assert not works(tenant, key["api_key"])
    assert code_of(through(tenant, key["api_key"], "GET", "/keys")) == LACKS
    assert code(tenant, key["api_key"]) == "revoked"
    assert works(tenant, of_client["api_key"])
    assert works(tenant, neighbours["api_key"]) is (policy == "required_for_admins")
    (row,) = [row for row in tenant.audit(action="credential.refuse") if row["key_id"] == key["key_id"]][:1]
    assert (row["user_id"], row["detail"]["code"]) == (person.user_id, "mfa_required")
    with_policy(tenant, "optional")
    assert works(tenant, key["api_key"])


@pytest.mark.parametrize("first", [add_totp, add_passkey])
def test_MFA_05_an_own_key_made_with_a_factor_works_until_the_factor_is_gone(
    app: Flask, tenant: Tenant, person: Person, first: Change
) -> None:
    first(app, tenant, person)
    key = make(person)["api_key"]
    with_policy(tenant, "required")
    assert works(tenant, key)
    have_them_taken_away(app, tenant, person)
    assert not works(tenant, key)


def test_MFA_05_a_key_that_stands_still_verifies_none(tenant: Tenant, person: Person, database_url: str) -> None:
    put(tenant, "verifier", "keys:verify")
    give(database_url, tenant, "verifier", person)
    asking, asked = make(person, scopes=["keys:verify"])["api_key"], make(tenant)["api_key"]
    for policy, expected in (("optional", 200), ("required", 401), ("optional", 200)):
        with_policy(tenant, policy)
        for _ in range(2):
            answer = through(tenant, asking, "POST", "/keys/verify", json={"key": asked})
            assert answer.status_code == expected


def test_an_enrolment_begun_and_not_confirmed_is_no_factor(tenant: Tenant, person: Person) -> None:
    key = make(person)["api_key"]
    assert person.call("POST", "/me/mfa/totp").status_code == 200
    with_policy(tenant, "required")
    assert code_of(tenant.api.get("/api/v1/tiers", headers=bearer(key))) == LACKS


def test_after_the_change_new_keys_can_be_made(tenant: Tenant, person: Person) -> None:
    make(person)
    pocket = enrol(person)
    whole = log_in(tenant, person, pocket.recovery_codes[0])
    assert works(tenant, make(whole)["api_key"])


def test_R_17_TOK_08_no_key_that_is_made_beside_the_change_outlives_it(live: httpx.Client) -> None:
    tenant = register(live)
    person = tenant.sign_up()
    stolen = [tenant.log_in(person.email) for _ in range(3)]
    change = {"current_password": PASSWORD, "new_password": "another fine sentence"}

    def act(number: int) -> list[str]:
        if number == 0:
            assert person.call("POST", "/me/password", json=change).status_code == 204
            return []
        answers = [stolen[number - 1].call("POST", "/keys", json={"name": "Mine"}) for _ in range(8)]
        assert {answer.status_code for answer in answers} <= {201, 401}
        return [answer.json()["api_key"] for answer in answers if answer.status_code == 201]

    made = [key for keys in at_once(4, act) for key in keys]
    assert {code(tenant, key) for key in made} <= {"revoked"}
