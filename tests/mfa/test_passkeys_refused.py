"""Passkeys against an authenticator in software: whatever breaks a rule of WebAuthn is refused alike (MFA-06)."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import Tenant
from tests.mfa.authenticator import PRESENT, VERIFIED, Authenticator, Key, Options, b64, unb64
from tests.mfa.ceremonies import INVALID, add, asked, enrol, honest_login, log_in, login_options, told

# What is checked before anything is written is the same whatever the database.
ON_ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")
ELSEWHERE = "http://localhost:8001"
Answering = Callable[[Authenticator, Options], Options]


def _with(**changed: Any) -> Callable[[Authenticator, Options, str], Options]:
    """Return how an authenticator answers with something about it changed for once."""

    def answer(held: Authenticator, options: Options, method: str) -> Options:
        before = {name: getattr(held, name) for name in changed}
        vars(held).update(changed)
        try:
            credential: Options = getattr(held, method)(options)
        finally:
            vars(held).update(before)
        return credential

    return answer


def _said(**on_page: Any) -> Callable[[Authenticator, Options, str], Options]:
    return lambda held, options, method: getattr(held, method)(options, **on_page)


EVERYWHERE = {
    "a page of another origin": _said(page=ELSEWHERE),
    "a frame in another page": _said(crossOrigin=True),
    "a challenge that nobody gave": lambda held, options, method: getattr(held, method)(
        options | {"challenge": "A" * 43}
    ),
    "another domain": _with(domain="example.com"),
    "nobody verified": _with(flags=PRESENT),
    "nobody present": _with(flags=VERIFIED),
}
WRONG_LOGINS = EVERYWHERE | {
    "another type": _said(kind="webauthn.create"),
    "another key": _with(key=ec.generate_private_key(ec.SECP256R1())),
    "no user handle": _with(handle=None),
    "another user's handle": _with(handle=bytes(16)),
    "a credential that nobody has": _with(credential_id=bytes(32)),
    "a count that falls back": _with(sign_count=3),
    "a count that stands still": _with(sign_count=7),
}
WRONG_REGISTRATIONS = EVERYWHERE | {
    "another type": _said(kind="webauthn.get"),
    "an algorithm that was not offered": _with(algorithm=-35),
    "an algorithm that is not its key's": _with(algorithm=-257),
    "a curve that is not its algorithm's": _with(curve=2),
    "a key that is too short": _with(key=rsa.generate_private_key(65537, 1024)),  # noqa: S505 - that is the point
    "a statement that nobody asked for": _with(statement="android-safetynet"),
}


@pytest.mark.parametrize("wrong", WRONG_LOGINS)
def test_MFA_06_a_login_that_breaks_a_rule_is_refused_like_any_other_and_audited(tenant: Tenant, wrong: str) -> None:
    held = enrol(tenant.sign_up())
    held.sign_count = 7
    assert honest_login(tenant, held).status_code == 200
    refused = log_in(tenant, WRONG_LOGINS[wrong](held, login_options(tenant), "get"))
    assert told(refused) == INVALID
    [row] = tenant.audit(action="login", status="failed")
    assert row["detail"]["reason"] == ("sign_count_fell_back" if "count" in wrong else "invalid_code")
    assert refused.json()["detail"] == log_in(tenant, {}).json()["detail"]
    assert honest_login(tenant, held).status_code == 200


@ON_ONE_DATABASE
@pytest.mark.parametrize("wrong", WRONG_REGISTRATIONS)
def test_MFA_06_a_registration_that_breaks_a_rule_is_refused_and_audited(tenant: Tenant, wrong: str) -> None:
    person, held = tenant.sign_up(), Authenticator()
    credential = WRONG_REGISTRATIONS[wrong](held, asked(person, "/me/passkeys/options"), "create")
    assert told(add(person, credential)) == INVALID
    assert person.call("GET", "/me/passkeys").json()["items"] == []
    [row] = tenant.audit(action="passkey.create")
    assert (row["status"], row["user_id"], row["detail"]) == ("failed", person.user_id, {"reason": "invalid_code"})
    enrol(person, held)


OTHERS = {"EdDSA": Ed25519PrivateKey.generate(), "RS256": rsa.generate_private_key(65537, 2048)}


@ON_ONE_DATABASE
@pytest.mark.parametrize("key", OTHERS.values(), ids=OTHERS)
def test_the_other_algorithms_that_are_offered_work_too(tenant: Tenant, key: Key) -> None:
    held = enrol(tenant.sign_up(), Authenticator(key=key))
    assert honest_login(tenant, held).status_code == 200
    stranger = Authenticator(handle=held.handle, credential_id=held.credential_id, sign_count=9)
    assert told(log_in(tenant, stranger.get(login_options(tenant)))) == INVALID


MEMBERS = ("id", "rawId", "type", "response")
PARTS = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle", "transports")
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text("AQz0_-=\N{SNOWMAN}", max_size=80)
    | st.builds(lambda: "A" * 20_000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=4,
)
DAMAGE = st.tuples(st.integers(0, 1000), st.none() | st.integers(0, 255))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answers=st.sampled_from([add, log_in]), name=st.sampled_from(MEMBERS + PARTS), odd=ODD, damage=st.none() | DAMAGE
)
def test_IN_04_no_odd_credential_is_a_fault_of_ours(
    tenant: Tenant, answers: Callable[..., Any], name: str, odd: Any, damage: tuple[int, int | None] | None
) -> None:
    person, held = tenant.sign_up(), Authenticator()
    credential = held.create(asked(person, "/me/passkeys/options"))
    if answers is log_in:
        assert add(person, credential).status_code == 201
        credential = held.get(login_options(tenant))
    around = credential["response"] if name in PARTS else credential
    whole = around.get(name)
    around[name] = damaged(whole, *damage) if damage and isinstance(whole, str) else odd
    answer = answers(tenant if answers is log_in else person, credential)
    assert answer.is_success or told(answer) == INVALID


def damaged(text: str, place: int, byte: int | None) -> str:
    """Return base64url with one byte of what it spells changed, or without all that follows it."""
    whole = unb64(text + "A" * (-len(text) % 4))
    place %= len(whole)
    return b64(whole[:place] if byte is None else whole[:place] + bytes([byte]) + whole[place + 1 :])
