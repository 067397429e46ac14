"""Passwords that other systems have hashed: every kind logs in as before, is upgraded, and costs no more than ours."""

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar

import bcrypt
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.core.settings import changed
from app.users import foreign_hashes, passwords
from app.users.foreign_hashes import HashRefused
from tests import database
from tests.factories import PASSWORD, Tenant
from tests.servers import ROOT
from tests.user_management.importing import counts, imported
from tests.users.foreign import (
    KINDS,
    by_argon2,
    by_bcrypt,
    by_django,
    by_django_bcrypt_sha256,
    by_keycloak,
    by_keycloak_argon2,
    by_keycloak_export,
    by_passlib,
    by_pbkdf2,
    by_scrypt,
)

ROUNDS = 8
T = TypeVar("T")
TAIL = "c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
KNOWN = {  # from the documentation of passlib: the password is "password"
    "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E": True,
    "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5A": False,
    "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44": True,
    "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M": True,
    "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9A": False,
}


def stored(tenant: Tenant, url: str) -> dict[str, str]:
    """Return each user's stored hash by e-mail."""
    return {row["email"]: row["password_hash"] for row in database.rows(url, f'SELECT * FROM "{tenant.table}"')}


def status(tenant: Tenant, email: str, password: str) -> int:
    """Return how a login is answered."""
    return tenant.call("POST", "/login", json={"email": email, "password": password}).status_code


def test_PWD_06_every_kind_of_hash_takes_its_password_and_no_other_and_is_upgraded_at_once(
    tenant: Tenant, database_url: str
) -> None:
    people = {kind: f"person{number}@example.com" for number, kind in enumerate(KINDS)}
    rows = [{"email": email, "password_hash": KINDS[kind](PASSWORD)} for kind, email in people.items()]
    assert imported(tenant, *rows) == ([], counts(len(KINDS), added=len(KINDS)))
    before = stored(tenant, database_url)
    assert max(map(len, before.values())) <= 255
    for kind, email in people.items():
        assert status(tenant, email, f"{PASSWORD}!") == 401, kind
        assert stored(tenant, database_url)[email] == before[email]
        assert status(tenant, email, PASSWORD) == 200, kind
        assert stored(tenant, database_url)[email].startswith("$2b$04$"), kind
        assert status(tenant, email, PASSWORD) == 200, kind
        assert status(tenant, email, f"{PASSWORD}!") == 401, kind


def test_PWD_04_a_hash_of_what_was_typed_is_right_as_typed_there_and_then_in_whatever_form(tenant: Tenant) -> None:
    composed = unicodedata.normalize("NFC", "crème brûlée für alle")
    typed = unicodedata.normalize("NFD", composed)
    imported(tenant, {"email": "typed@example.com", "password_hash": by_scrypt(typed)})
    # One hash for each attempt: the other form is not tried.
    assert [status(tenant, "typed@example.com", given) for given in (composed, typed, composed)] == [401, 200, 200]


def test_PWD_02_what_another_system_cut_off_counts_from_the_first_login_on(tenant: Tenant) -> None:
    long = "correct horse battery staple " * 3
    imported(tenant, {"email": "long@example.com", "password_hash": by_bcrypt(long)})
    assert status(tenant, "long@example.com", long[:71]) == 401
    assert status(tenant, "long@example.com", long) == 200
    assert [status(tenant, "long@example.com", given) for given in (long[:72], long[:80], long)] == [401, 401, 200]


def test_a_published_example_is_read_as_it_is_meant() -> None:
    for example, right in KNOWN.items():
        assert foreign_hashes.matches(b"password", foreign_hashes.stored_form(example)) is right


DEAR_ARGON2 = by_keycloak_argon2("x")["credentialData"].replace('["64"]', '["999999"]')
# Hashes differ from run to run, so none of these may name a test.
DEAR: list[Any] = [
    by_bcrypt("x").replace("$04$", "$14$"),
    by_bcrypt("x").replace("$04$", "$31$"),
    f"$argon2id$v=19$m=262144,t=1,p=1${TAIL}",
    f"$argon2id$v=19$m=65536,t=9,p=1${TAIL}",
    f"$argon2id$v=19$m=65536,t=1,p=99${TAIL}",
    f"$scrypt$ln=18,r=8,p=1${TAIL}",
    f"$scrypt$ln=17,r=8,p=2${TAIL}",
    f"$scrypt$ln=99,r=8,p=1${TAIL}",
    f"$pbkdf2-sha512$i=1000000${TAIL}",
    f"$pbkdf2-sha256$i=900000${TAIL[:23]}{'A' * 86}",
    by_keycloak("x") | {"hashIterations": 2**40},
    by_django("x").replace("$1000$", "$2000000$"),
    by_django_bcrypt_sha256("x").replace("$04$", "$15$"),
    by_passlib("x").replace("$900$", "$9000000$"),
    by_keycloak_argon2("x") | {"credentialData": DEAR_ARGON2},
]
WRONG: list[Any] = [
    *("", "plain text", "$1$salt$hash", "{SHA}abc", "x" * 5000, by_scrypt("x") + "="),
    *(f"$2x$04${'.' * 53}", f"$2b$03${'.' * 53}", f"$2b$04${'.' * 21}/{'.' * 31}"),
    *(by_bcrypt("x")[:-1], f"{by_bcrypt('x')[:-1]}/"),
    *(f"$argon2id$v=18$m=64,t=1,p=1${TAIL}", f"$argon2id$v=19$m=4,t=1,p=1${TAIL}", f"$argon2id$m=64,t=0,p=1${TAIL}"),
    *(f"$argon2id$v=19$m=64,t=1,p=1$c2FsdA${'A' * 43}", f"$scrypt$ln=4,r=8,p=1$${'A' * 43}"),
    *(f"$scrypt$ln=16,r=1,p=1${TAIL}", f"$scrypt$ln=17,r=1,p=1${TAIL}"),
    *(f"$scrypt$ln=0,r=8,p=1${TAIL}", "$scrypt$ln=4,r=8,p=1$c2FsdA$AAAA"),
    *(f"$pbkdf2-md5$i=1000${TAIL}", f"$pbkdf2-sha256$i=0${TAIL}", f"$pbkdf2-sha256$i=٣${TAIL}"),
    *({}, {"algorithm": []}, by_keycloak("x") | {"algorithm": "argon2"}, by_keycloak("x") | {"more": 1}),
    *(by_keycloak("x") | {"hashIterations": "500"}, by_keycloak("x") | {"hashIterations": True}),
    *(by_keycloak("x") | {"salt": "no base64"}, by_keycloak("x") | {"value": None}),
    *(by_keycloak_export("x") | {"type": "otp"}, by_keycloak_export("x") | {"secretData": "{" * 9_000}),
    *({"secretData": by_keycloak_export("x")["secretData"]}, by_keycloak_export("x") | {"credentialData": "[]"}),
    *(by_keycloak_argon2("x") | {"credentialData": {"algorithm": "argon2", "hashIterations": 1}},),
    *("bcrypt_sha256$plain", f"bcrypt_sha256${by_django_bcrypt_sha256('x')}", by_passlib("x") + ".."),
]


@pytest.mark.parametrize("given", [*DEAR, *WRONG], ids=map(str, range(len(DEAR) + len(WRONG))))
def test_PWD_05_what_is_no_hash_or_would_take_long_to_check_is_refused_and_not_repeated(given: Any) -> None:
    with pytest.raises(HashRefused) as refused:
        foreign_hashes.stored_form(given)
    assert not given or str(given) not in str(refused.value)


def test_each_form_that_the_page_on_moving_in_shows_is_taken_and_is_of_the_password_it_names() -> None:
    table = (ROOT / "docs" / "moving-in.md").read_text().partition("## Forms of")[2].partition("## What is told")[0]
    shown = [example for _, example in re.findall(r"^\| (.+?) \| `(.+)` \|$", table, re.MULTILINE)]
    assert len(shown) == 12
    for each in shown:
        form = foreign_hashes.stored_form(json.loads(each) if each.startswith("{") else each)
        assert foreign_hashes.matches(b"correct horse battery", form), each


def test_a_refusal_lists_what_is_taken_and_where_it_is_shown() -> None:
    with pytest.raises(HashRefused) as refused:
        foreign_hashes.stored_form("md5$salt$hash")
    forms = ("$2b$", "$argon2id$", "$scrypt$", "$pbkdf2-sha256$", "bcrypt_sha256$$2b$", "pbkdf2_sha256$", "Keycloak")
    assert [form for form in forms if form not in str(refused.value)] == []
    assert "docs/moving-in.md" in str(refused.value)


MADE = [
    *(by_bcrypt("x"), by_argon2("x"), by_scrypt("x"), by_pbkdf2("x"), by_django("x")),
    *(by_django_bcrypt_sha256("x"), by_passlib("x")),
]


@given(st.sampled_from(MADE), st.integers(0, 150), st.text(alphabet="$=,./+0123456789aZé\n", max_size=2))
def test_IN_04_whatever_is_taken_can_be_stored_and_checked(made: str, at: int, instead: str) -> None:
    try:
        form = foreign_hashes.stored_form(made[:at] + instead + made[at + 1 :])
    except HashRefused:
        return
    assert len(form) <= 255
    assert foreign_hashes.is_foreign(form)
    assert passwords.is_outdated(form)
    if "$i=" not in form or len(form.split("$i=")[1].split("$")[0]) < 6:
        foreign_hashes.matches(b"y", form)


def work_of(monkeypatch: pytest.MonkeyPatch, against: str | None) -> float:
    """Return how much work of bcrypt a failing check does, in hashes at the current cost."""
    done: list[float] = []

    def counted(work: Callable[[bytes, bytes], T]) -> Callable[[bytes, bytes], T]:
        def run(secret: bytes, salt: bytes) -> T:
            done.append(2.0 ** (int(salt[4:6]) - ROUNDS))
            return work(secret, salt)

        return run

    with monkeypatch.context() as patched:
        patched.setattr(bcrypt, "hashpw", counted(bcrypt.hashpw))
        patched.setattr(bcrypt, "checkpw", counted(bcrypt.checkpw))
        assert not passwords.verify("wrong", against)
    return sum(done)


@pytest.mark.usefixtures("app")
def test_ACC_04_a_cheap_hash_that_does_not_match_takes_the_work_of_an_unknown_user(
    monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    with changed(bcrypt_rounds=ROUNDS):
        unknown, own = work_of(monkeypatch, None), work_of(monkeypatch, passwords.hash_password("right"))
        assert (unknown, own) == (1.0, 1.0)
        for cost in (4, 6, 8):
            assert work_of(monkeypatch, foreign_hashes.stored_form(by_bcrypt("right", cost=cost))) == 1.0
            assert work_of(monkeypatch, by_bcrypt("right", cost=cost)) == 1.0
        assert work_of(monkeypatch, foreign_hashes.stored_form(by_django_bcrypt_sha256("right"))) == 1.0
        passwords._seconds(ROUNDS)
        for made in (by_scrypt("right"), by_pbkdf2("right")):
            assert 0.7 < work_of(monkeypatch, foreign_hashes.stored_form(made)) <= 1.0
