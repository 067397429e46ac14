"""What a new password must be: length in code points, a blocklist, and nothing that belongs to the account."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.users import password_policy
from app.users.errors import PasswordRefused

EMAIL, CLIENT = "ada.lovelace@analytical.example", "Difference Engines Ltd"


def reason(password: str, *, min_length: int = 8) -> str | None:
    """Return why a password is refused; None if it is accepted."""
    try:
        password_policy.check(password, field="password", min_length=min_length, email=EMAIL, client_name=CLIENT)
    except PasswordRefused as refused:
        assert (refused.status, refused.code) == (422, "validation_failed")
        assert list(refused.errors) == ["password"]
        return str(refused.extra["reason"])
    return None


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery", "alllowercasewords", "ALLUPPERCASEWORDS", "928374650192", "mit leerzeichen drin",
        "🦊🌊🎻🗻🍄🚲🧭🪁", "пароль которого нет", "鹿馬虎狼熊鳥魚虫", "zq!7Kp#v", "k928374650192",
        "a" * 60 + "very long tail",
    ],
)  # fmt: skip
def test_PWD_01_there_are_no_rules_of_composition(password: str) -> None:
    assert reason(password) is None


@pytest.mark.parametrize("least", [8, 12, 15, 64])
def test_PWD_01_length_is_counted_in_code_points_after_normalisation(least: int) -> None:
    letters = "🦊🌊🎻🗻🍄🚲🧭🪁" * 8
    assert reason("x" + letters[: least - 2], min_length=least) == "too_short"
    assert reason("x" + letters[: least - 1], min_length=least) is None
    assert reason("e\u0301" * (least - 1), min_length=least) == "too_short"


@pytest.mark.parametrize(
    "password",
    [
        "password", "Password1!", "PASSWORD", "password1234567", "1password1", "!!password!!", "passwordpassword",
        "password password", "p.a.s.s.w.o.r.d", "12345678", "qwertyuiop", "iloveyou2", "letmein1", "trustno1",
        "aaaaaaaa", "aaaaaaa1", "        ", "!!!!!!!!!!", "7777777777", "ｐａｓｓｗｏｒｄ",
    ],
)  # fmt: skip
def test_PWD_03_what_is_guessed_first_is_refused(password: str) -> None:
    assert reason(password) == "too_common"


@pytest.mark.parametrize(
    "password",
    [
        EMAIL, EMAIL.upper(), "ada.lovelace", "Ada.Lovelace1815", "ada lovelace", "adalovelace",
        "ada.lovelaceada.lovelace",
        "analytical", "analytical.example", "analytical2024", CLIENT, "DifferenceEnginesLtd", "Difference Engines Ltd!",
        CLIENT + CLIENT, f"{CLIENT} {CLIENT}", "difference-engines-ltd", "rowlock1", "RowlockRowlock", "rowlock2026!",
    ],
)  # fmt: skip
def test_PWD_03_what_belongs_to_the_account_is_refused(password: str) -> None:
    assert reason(password) == "too_personal"


def test_PWD_03_a_word_of_the_account_within_a_sentence_is_fine() -> None:
    assert reason("ada.lovelace rides the train") is None
    assert reason("my rowlock is made of oak") is None


def test_PWD_03_the_whole_blocklist_is_refused() -> None:
    listed = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 8]
    assert len(FREQUENCY_LISTS["passwords"]) >= 3000
    assert {reason(word) for word in listed} <= {"too_common", "too_personal"}


@given(st.text(max_size=128))
def test_PWD_05_checking_any_password_is_quick(password: str) -> None:
    for text in (password, password * 2, (password or "ab")[:2] * 64 + "!", "ﷺ" * 128 + password):
        began = time.perf_counter()
        reason(text[:128])
        assert time.perf_counter() - began < 0.05
