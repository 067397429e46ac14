"""Passwords over HTTP: the client's policy, the whole password checked, nothing huge ever hashed."""

import time
import unicodedata
from typing import Any

import httpx
import pytest
from flask import Flask

from app.core.actors import SystemActor
from app.onboarding import platform
from app.users.errors import PasswordRefused
from tests import database
from tests.factories import PASSWORD, Operator, Person, Tenant, fresh_email, register
from tests.flows.observing import watched

LETTERS = "mnpqrstvwxyzbcdfghjklaeiou"
QUICK_SECONDS = 0.05


def of_length(length: int) -> str:
    """Return an acceptable lower-case password of a length."""
    return (LETTERS * 10)[:length]


def sign_up(tenant: Tenant, password: str, **more: Any) -> httpx.Response:
    return tenant.call("POST", "/signup", json={"email": fresh_email(), "password": password, **more})


def log_in(tenant: Tenant, person: Person, password: str) -> httpx.Response:
    return tenant.call("POST", "/login", json={"email": person.email, "password": password})


def refusal(answer: httpx.Response, field: str = "password") -> str | None:
    """Return the reason of a refused password (None where its length alone was too great)."""
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert list(answer.json()["errors"]) == [field]
    reason: str | None = answer.json().get("reason")
    return reason


@pytest.mark.parametrize(("length", "taken"), [(7, False), (8, True), (64, True), (128, True), (129, False)])
@pytest.mark.parametrize("letters", [LETTERS, "🦊🌊🎻🗻🍄🚲🧭🪁", "многобуквпароля"])
def test_PWD_01_eight_to_one_hundred_and_twenty_eight_code_points(
    tenant: Tenant, letters: str, length: int, taken: bool
) -> None:
    password = ("Q" + letters * 20)[:length]
    answer = sign_up(tenant, password)
    if taken:
        assert answer.status_code == 201
        login = {"email": answer.json()["user"]["email"], "password": password}
        assert tenant.call("POST", "/login", json=login).status_code == 200
    else:
        assert refusal(answer) == ("too_short" if length < 8 else None)


@pytest.mark.parametrize(
    "password",
    ["words with many spaces", " leading and trailing ", "onlylowercaseletters", "83650174926501", "🦊 🌊 🎻 🗻 🍄"],
)
def test_PWD_01_no_composition_rules_and_spaces_count(tenant: Tenant, password: str) -> None:
    person = tenant.sign_up(password=password)
    assert log_in(tenant, person, password).status_code == 200
    if password != password.strip():
        assert log_in(tenant, person, password.strip()).status_code == 401


def test_PWD_01_each_client_sets_its_own_least_length_from_8_to_64(tenant: Tenant, other: Tenant) -> None:
    settings_path = f"/api/v1/clients/{tenant.client_id}"

    def set_to(length: int | None) -> int:
        body = {"settings": {"password_min_length": length}}
        headers = {"Authorization": f"Bearer {tenant.access_key}"}
        return tenant.api.patch(settings_path, json=body, headers=headers).status_code

    assert [set_to(length) for length in (7, 65, 0, -1)] == [422] * 4
    for length in (8, 20, 64):
        assert set_to(length) == 200
        assert refusal(sign_up(tenant, of_length(length - 1))) == "too_short"
        assert sign_up(tenant, of_length(length)).status_code == 201
        assert sign_up(other, of_length(8)).status_code == 201
    assert set_to(None) == 200
    assert sign_up(tenant, of_length(8)).status_code == 201


def test_PWD_01_an_operators_password_has_at_least_fifteen(app: Flask, operator: Operator) -> None:
    change = {"current_password": operator.password, "new_password": of_length(14)}
    assert refusal(operator.call("POST", "/me/password", json=change), "new_password") == "too_short"
    with app.app_context():
        with pytest.raises(PasswordRefused):
            platform.create_operator(SystemActor(), email=fresh_email(), password=of_length(14))
        platform.create_operator(SystemActor(), email=fresh_email(), password=of_length(15))


@pytest.mark.parametrize(
    ("password", "variant"),
    [
        ("a" * 40 + of_length(32) + " the true end", "a" * 40 + of_length(32) + " another end!"),
        ("a" * 40 + of_length(32) + "+", "a" * 40 + of_length(32)),
        ("a" * 40 + of_length(32), "a" * 40 + of_length(32) + "+"),
        ("🦊🌊🎻🗻🍄" * 4 + "suffix", "🦊🌊🎻🗻🍄" * 4 + "another"),
        ("пароль" * 7 + "конец", "пароль" * 7 + "коней"),
        (of_length(128), of_length(127) + "!"),
    ],
)
def test_PWD_02_nothing_beyond_72_bytes_is_lost(tenant: Tenant, password: str, variant: str) -> None:
    person = tenant.sign_up(password=password)
    assert log_in(tenant, person, variant).status_code == 401
    assert log_in(tenant, person, password).status_code == 200
    new = of_length(100) + "?"
    change = person.call("POST", "/me/password", json={"current_password": variant, "new_password": new})
    assert (change.status_code, change.json()["code"]) == (401, "invalid_credentials")
    change = person.call("POST", "/me/password", json={"current_password": password, "new_password": new})
    assert change.status_code == 204
    assert [log_in(tenant, person, text).status_code for text in (password, new[:-1], new)] == [401, 401, 200]


@pytest.mark.parametrize("password", ["pass\0word of mine", "\0" * 10, "a fine sentence\0", "\0a fine sentence"])
def test_PWD_02_nul_is_refused_and_cuts_nothing_off(tenant: Tenant, password: str) -> None:
    person = tenant.sign_up(password="a fine sentence")
    refusal(sign_up(tenant, password))
    refusal(log_in(tenant, person, password))
    change = {"current_password": "a fine sentence", "new_password": password}
    refusal(person.call("POST", "/me/password", json=change), "new_password")
    assert log_in(tenant, person, "a fine sentence").status_code == 200


def test_PWD_02_the_hash_is_a_standard_one_and_says_what_was_hashed(tenant: Tenant, database_url: str) -> None:
    tenant.sign_up(password=of_length(72))
    tenant.sign_up(password=of_length(73))
    query = f'SELECT password_hash FROM "{tenant.table}" ORDER BY created_at'
    short, long = (row["password_hash"] for row in database.rows(database_url, query))
    assert short.startswith("$2b$04$")
    assert len(short) == 60
    assert long.startswith("sha384:$2b$04$")


def test_PWD_03_common_and_personal_passwords_are_refused_with_a_reason(api: httpx.Client) -> None:
    tenant = register(api, client_name="Zephyrworks")
    for password in ("password1234567", "Password123!", "qwertyuiop", "11111111", "passwordpassword"):
        assert refusal(sign_up(tenant, password)) == "too_common", password
    for password in ("zephyrworks", "ZephyrworksZephyrworks", "Zephyrworks Zephyrworks", "rowlockrowlock"):
        assert refusal(sign_up(tenant, password)) == "too_personal", password
    for password in ("grace.hopper@example.com", "grace.hopper", "Grace.Hopper1906"):
        body = {"email": "grace.hopper@example.com", "password": password}
        assert refusal(tenant.call("POST", "/signup", json=body)) == "too_personal", password
    assert sign_up(tenant, "seven geese over the harbour").status_code == 201
    person = tenant.sign_up()
    change = {"current_password": PASSWORD, "new_password": "password1234567"}
    assert refusal(person.call("POST", "/me/password", json=change), "new_password") == "too_common"
    admin = {"email": fresh_email(), "password": "OtherOther"}
    made = api.post("/api/v1/clients/register", json={"client_name": "Other", "admin": admin})
    assert refusal(made, "admin.password") == "too_personal"


@pytest.mark.parametrize(
    "password", ["crème brûlée à la façon", "Ångström meets Å", "ﬁne ﬂowers №1", "ｗｉｄｅ letters"]
)
def test_PWD_04_a_password_is_the_same_however_its_letters_are_composed(tenant: Tenant, password: str) -> None:
    person = tenant.sign_up(password=unicodedata.normalize("NFC", password))
    for spelling in (password, *(unicodedata.normalize(form, password) for form in ("NFC", "NFD", "NFKC", "NFKD"))):
        assert log_in(tenant, person, spelling).status_code == 200
    change = {"current_password": unicodedata.normalize("NFD", password), "new_password": "another sentence"}
    assert person.call("POST", "/me/password", json=change).status_code == 204


@pytest.mark.parametrize("length", [129, 1_000, 60_000])
@pytest.mark.parametrize("letter", ["x", "ж"])
def test_PWD_05_an_over_long_password_is_refused_quickly_and_never_hashed(
    app: Flask, tenant: Tenant, length: int, letter: str
) -> None:
    person, huge = tenant.sign_up(), letter * (length // len(letter.encode()) if length > 129 else length)
    calls: list[tuple[str, str, dict[str, str]]] = [
        ("password", "/signup", {"email": fresh_email(), "password": huge}),
        ("password", "/login", {"email": person.email, "password": huge}),
        ("password", "/me/reauth", {"password": huge}),
        ("current_password", "/me/password", {"current_password": huge, "new_password": PASSWORD + "!"}),
        ("new_password", "/me/password", {"current_password": PASSWORD, "new_password": huge}),
    ]
    with watched(app) as work:
        for field, path, body in calls:
            caller = person if path.startswith("/me") else tenant
            took = []
            for _ in range(3):
                began = time.thread_time()  # of this thread, which serves too: others keep it waiting
                refusal(caller.call("POST", path, json=body), field)
                took.append(time.thread_time() - began)
            assert min(took) < QUICK_SECONDS
    assert work.hashes == []
    assert log_in(tenant, person, PASSWORD).status_code == 200
