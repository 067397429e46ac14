"""IN-06: patterns of a client's own are matched in linear time, or refused."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from app.clients import patterns

TAKEN = {
    r"^$": ([""], ["a", "\n"]),
    r"^[A-Z]{2}-\d{4}$": (["AB-1234"], ["AB-123", "AB-1234\n", "xAB-1234", "AB-١٢٣٤"]),
    r"^\+?[0-9]{7,15}$": (["+491701234567", "1234567"], ["+", "123456", "++1234567"]),
    r"^[^@\s]+@[a-z0-9.-]+$": (["ada@example.com"], ["ada@", "a@b@c", "a b@c"]),
    r"^[a-z]+\.$": (["ab."], ["ab", "abx", "a.."]),
    r"^[-a-z_]{1,1000}$": (["a-b_c", "a" * 1000], ["", "a" * 1001, "A"]),
    r"^.*$": (["", "anything\nat all", "é"], []),
    r"^\w+\s\w{3,}$": (["ab cde"], ["ab cd", "ab  cde"]),
    r"^\$\{x\}\/$": (["${x}/"], ["x"]),
}
REFUSED = [
    "", "a", "^a", "a$", "^a|b$", "^(a)$", "^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^a*a*$", "^a*a*a*a*b$", "^a+a$",
    "^.*x$", "^.*.*$",
    "^\\w*\\d$", "^[a-z]*[0-9]?[a-z]*$", "^(.*)(.*)(.*)$", "^a{1,}a{1,}$", "^a{5,2}$", "^a{1001}$", "^a{,3}$",
    "^a**$", "^a+?$",
    "^a++$", "^a\\$", "^(?=a)a$", "^(?:a)$", "^\\1$", "^\\bword$", "^[z-a]$", "^[]$", "^[a$", "^[[:alpha:]]$",
    "^é$", "^a\n$", "^a^$",
    "^a$$", "^\\p{L}$", "^\\u0041$", "^" + "a" * 200 + "$",
]  # fmt: skip


@pytest.mark.parametrize("pattern", TAKEN)
def test_a_simple_pattern_matches_whole_texts(pattern: str) -> None:
    right, wrong = TAKEN[pattern]
    assert [patterns.matches(pattern, text) for text in right] == [True] * len(right)
    assert [patterns.matches(pattern, text) for text in wrong] == [False] * len(wrong)


@pytest.mark.parametrize("pattern", REFUSED, ids=ascii)
def test_IN_06_a_pattern_that_could_explode_is_refused_at_once(pattern: str) -> None:
    started = time.thread_time()
    with pytest.raises(patterns.PatternRefused):
        patterns.compiled(pattern)
    assert time.thread_time() - started < 0.05


ATOMS = st.sampled_from(["a", "b", "\\d", "\\w", "\\s", ".", "[a-c]", "[^a]", "[^\\d-]", "-", "\\.", "é", "(", "|"])
REPEATS = st.sampled_from(["", "", "?", "*", "+", "{2}", "{0,3}", "{1,}", "{3,1000}", "+?"])
BODIES = st.lists(st.builds(str.__add__, ATOMS, REPEATS), max_size=7).map("".join)


@effort(max_examples=300, deadline=None)
@given(BODIES, st.text("ab1-. \n\u00e9", max_size=12), st.sampled_from("ab1-. "))
def test_IN_06_whatever_is_taken_means_what_it_says_and_is_matched_in_no_time(
    body: str, text: str, letter: str
) -> None:
    try:
        patterns.compiled(f"^{body}$")
    except patterns.PatternRefused:
        return
    # ECMA-262: classes are of ASCII; `.` leaves out line ends there, which matters to no check here.
    assert patterns.matches(f"^{body}$", text) == bool(re.fullmatch(body, text, re.ASCII | re.DOTALL))
    started = time.thread_time()
    for long in (letter * 16_000, letter * 16_000 + "\x01", "ab1-" * 4_000, ("a" * 999 + "1") * 16):
        patterns.matches(f"^{body}$", long)
    assert time.thread_time() - started < 0.05


@pytest.mark.parametrize("unit", ["[", "[a", "[^", "[\\", "a{", "a{1,", "(", "[a-", "[--"])
def test_IN_06_long_nonsense_is_refused_at_once(unit: str) -> None:
    for times in (40, 90, 30_000):
        started = time.thread_time()
        with pytest.raises(patterns.PatternRefused):
            patterns.compiled(f"^{unit * times}$")
        assert time.thread_time() - started < 0.05
