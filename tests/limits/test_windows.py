"""Sliding windows, whoever counts them: never more than the limit in any window, a place is free when it is told."""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app.core.windows import Window
from app.limits import windows
from app.limits.memory import SLICES, MemoryWindows
from tests.concurrency import at_once
from tests.limits.windows_under_test import LENGTHS, MICRO, Counter, InProcess, InRedis, fresh_windows, with_redis

SLICE = {name: seconds * MICRO // SLICES for name, seconds in LENGTHS.items()}
BEGINS = 3 * 86_400 * MICRO  # the first microsecond of a minute, an hour, a day and a slice of each
_EDGES = [
    seconds * MICRO + more * SLICE[name] + off
    for name, seconds in LENGTHS.items()
    for more, off in itertools.product((-1, 0, 1), (-1, 0, 1))
]
_gaps = st.one_of(
    st.just(0),
    st.integers(0, 20_000),
    st.integers(0, 70 * MICRO),
    st.integers(0, 2 * 86_400 * MICRO),
    st.sampled_from(_EDGES),
)
_limits = st.dictionaries(st.sampled_from(sorted(LENGTHS)), st.integers(1, 4), min_size=1)
_steps = st.lists(st.tuples(_gaps, st.integers(0, 3), st.booleans()), min_size=1, max_size=30)


@pytest.fixture(params=["in this process", "in Redis"])
def counter(request: pytest.FixtureRequest) -> Counter:
    if request.param == "in this process":
        return InProcess()
    return InRedis(request.getfixturevalue("redis_url"))


@examples(max_examples=120, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits=_limits, begins=st.integers(0, 10**9), steps=_steps)
def test_RL_05_no_window_ever_holds_more_than_its_limit_and_a_place_is_free_when_it_is_told(
    counter: Counter, limits: dict[str, int], begins: int, steps: list[tuple[int, int, bool]]
) -> None:
    listed, now = fresh_windows(**limits), BEGINS + begins
    accepted: list[int] = []
    for gap, calls, obeys in steps:
        now += gap
        before = counter.count(now, listed, 0)
        outcome = counter.count(now, listed, calls)
        if outcome.wait > 0:
            assert calls > 0
            assert [state.remaining for state in outcome.states] == [state.remaining for state in before.states]
            _could_not_pass(listed, accepted, now, calls, outcome.wait)
            if not obeys or calls > min(limits.values()):
                continue
            now += _micros(outcome.wait)
            assert counter.count(now, listed, calls).wait == 0, "a call right after the wait passes"
        accepted += [now] * calls
        _none_is_too_full(listed, accepted, now)


def _micros(seconds: float) -> int:
    return round(seconds * MICRO) + 1  # a float of seconds is exact to less than a microsecond


def _none_is_too_full(listed: list[Window], accepted: list[int], now: int) -> None:
    for window in listed:
        assert len([moment for moment in accepted if moment > now - window.seconds * MICRO]) <= window.limit


def _could_not_pass(listed: list[Window], accepted: list[int], now: int, calls: int, wait: float) -> None:
    """Check that a window was full, slices counted whole, and that the wait is no longer than that."""
    latest = 0
    for window in listed:
        length, part = window.seconds * MICRO, window.seconds * MICRO // SLICES
        held = sorted(moment for moment in accepted if moment > now - length - part)
        missing = len(held) + calls - window.limit
        if missing > 0:
            leaving = held[missing - 1] if missing <= len(held) else now
            latest = max(latest, leaving + length + part)
    assert latest > now, "refused though every window had room"
    assert round(wait * MICRO) <= latest - now + 1


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("place", ["first", "last"])
def test_RL_05_at_the_edge_of_a_window_the_next_call_waits_for_the_first_to_leave(
    counter: Counter, length: str, place: str
) -> None:
    listed, seconds, part = fresh_windows(**{length: 3}), LENGTHS[length] * MICRO, SLICE[length]
    called = BEGINS if place == "first" else BEGINS + part - 1  # microsecond of a slice
    leaves = BEGINS + part + seconds
    assert [counter.count(called, listed, 1).wait for _ in range(3)] == [0, 0, 0]
    assert counter.count(called + seconds - 1, listed, 1).wait == pytest.approx(
        (leaves - called - seconds + 1) / MICRO, abs=1e-7
    )
    assert counter.count(leaves - 1, listed, 1).wait == pytest.approx(1 / MICRO, abs=1e-7)
    assert leaves - (called + seconds) <= part, "never more than one slice late"
    assert [counter.count(leaves + 1, listed, 1).wait > 0 for _ in range(4)] == [False, False, False, True]


@pytest.mark.parametrize("length", LENGTHS)
def test_RL_05_a_limit_is_never_doubled_where_one_minute_hour_or_day_ends_and_the_next_begins(
    counter: Counter, length: str
) -> None:
    listed, seconds = fresh_windows(**{length: 5}), LENGTHS[length] * MICRO
    before, after = BEGINS + seconds - SLICE[length], BEGINS + seconds
    assert [counter.count(before, listed, 1).wait > 0 for _ in range(6)] == [False] * 5 + [True]
    assert [counter.count(after, listed, 1).wait > 0 for _ in range(5)] == [True] * 5
    assert counter.count(BEGINS + 2 * seconds - SLICE[length] - 1, listed, 1).wait > 0


def test_RL_05_where_one_window_is_full_none_counts(counter: Counter) -> None:
    listed, now = fresh_windows(minute=2, hour=10), BEGINS
    outcomes = [counter.count(now + number, listed, 1) for number in range(20)]
    assert [outcome.wait > 0 for outcome in outcomes] == [False] * 2 + [True] * 18
    assert [state.remaining for state in outcomes[-1].states] == [0, 8]
    assert counter.count(now, fresh_windows(minute=2, hour=10), 3).wait > 0, "three at once are all or none"


def test_RL_05_looking_counts_nothing(counter: Counter) -> None:
    listed = fresh_windows(minute=3, day=5)
    counter.count(BEGINS, listed, 1)
    looks = [counter.count(BEGINS + number, listed, 0) for number in range(50)]
    assert {tuple(state.remaining for state in look.states) for look in looks} == {(2, 4)}
    assert {look.wait for look in looks} == {0}


def test_RL_05_a_lowered_limit_holds_at_once_and_a_raised_one_too(counter: Counter) -> None:
    listed, now = fresh_windows(hour=10), BEGINS
    for number in range(10):
        assert counter.count(now + number * 60 * MICRO, listed, 1).wait == 0
    now += 9 * 60 * MICRO
    lowered = [replace(listed[0], limit=3)]
    refused = counter.count(now, lowered, 1)
    # Of the ten, eight must leave: the eighth was made in the minute 7.
    freed = BEGINS + 7 * 60 * MICRO + 3_600 * MICRO
    assert freed <= now + _micros(refused.wait) <= freed + SLICE["hour"] + 1
    assert refused.states[0].remaining == 0
    assert refused.states[0].reset_at == pytest.approx(time.time() + refused.wait, abs=0.5)
    assert counter.count(now + _micros(refused.wait), lowered, 1).wait == 0
    assert counter.count(now + _micros(refused.wait), [replace(listed[0], limit=4)], 1).wait == 0


def test_TEN_07_two_subjects_never_share_a_window(counter: Counter) -> None:
    first, second = fresh_windows(minute=1), fresh_windows(minute=1)
    assert counter.count(BEGINS, first, 1).wait == 0
    assert counter.count(BEGINS, first, 1).wait > 0
    assert counter.count(BEGINS, second, 1).wait == 0


def test_RL_05_by_the_real_clock_of_Redis_a_window_of_a_second_holds(redis_url: str) -> None:
    first = Window(f"real:{time.time_ns()}", "first", 7, 1)
    with with_redis(redis_url):
        _flood([first], seconds=1.6, count=lambda listed: windows.count(listed).wait)


def test_RL_05_by_the_real_clock_of_the_process_a_window_of_a_second_holds() -> None:
    kept = MemoryWindows()
    _flood([Window("real", "first", 7, 1)], seconds=1.6, count=lambda listed: kept.count(listed, 1)[0])


def _flood(listed: list[Window], *, seconds: float, count: Callable[[list[Window]], float]) -> None:
    """Call without a pause, sometimes waiting as told, and compare what passed with this process's own clock."""
    accepted: list[tuple[float, float]] = []
    ends, refusals, limit = time.monotonic() + seconds, 0, listed[0].limit
    while time.monotonic() < ends:
        began = time.monotonic()
        wait = count(listed)
        ended = time.monotonic()
        if wait == 0:
            accepted.append((began, ended))
            continue
        refusals += 1
        if refusals % 400 == 0:
            time.sleep(wait)
            assert count(listed) == 0, "a call right after the wait passes"
            accepted.append((ended, time.monotonic()))
    for (began, _), (_, ended) in zip(accepted, accepted[limit:], strict=False):
        assert ended - began >= 1
    assert 2 * limit <= len(accepted) <= 4 * limit


@pytest.mark.parametrize("place", ["in this process", "in Redis"])
def test_RL_05_fifty_at_once_share_one_window_from_the_very_first_call(place: str, redis_url: str) -> None:
    windows.forget_all()
    listed = fresh_windows(minute=10)
    with with_redis(redis_url if place == "in Redis" else None):
        waits = at_once(50, lambda _: windows.count(listed).wait)
    assert [wait > 0 for wait in sorted(waits)] == [False] * 10 + [True] * 40
