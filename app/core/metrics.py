"""What the service counts for Prometheus: a function for each fact, and everything counted as one text.

Under gunicorn each worker counts in files of its own, which outlive it, and whoever is asked adds them all up
(app.core.metric_files); elsewhere a process counts for itself. Labels have few values: never a client or a user.
"""

import contextlib
import functools
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

# prometheus-client looks for it when it is first imported. A command in a shell where it is set for the server would
# leave files there that nobody folds.
if "gunicorn" not in sys.modules:
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from app.core import metric_files
from app.core.errors import AppError, InternalError

UNKNOWN = "unknown"
"""The one value that stands for every route, method or tier that is not known."""
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
_ATTEMPTS = ("auth_login_attempts", "Logins decided, successes and failures.")
_FAMILIES: list[Counter | Histogram] = []
_own = CollectorRegistry()
_P = ParamSpec("_P")
_R = TypeVar("_R")
disable_created_metrics()


class _Count:
    """A counter that finds its labels in one look."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self._family = Counter(name, text, labels, registry=_own)
        _FAMILIES.append(self._family)
        self._children: dict[tuple[str, ...], Counter] = {}

    def add(self, *values: str, amount: int = 1) -> None:
        child = self._children.get(values)
        if child is None:
            child = self._children[values] = self._family.labels(*values)
        child.inc(amount)


_login_success = _Count("auth_login_success_total", "Logins that began a session.", "tier")
_login_failure = _Count("auth_login_failure_total", "Logins refused, by error code.", "tier", "outcome")
_token_generated = _Count("auth_token_generated_total", "Access and refresh tokens issued.", "kind")
_token_validated = _Count("auth_token_validated_total", "Access tokens checked: valid, or an error code.", "outcome")
_token_revoked = _Count("auth_token_revoked_total", "Sessions ended with their tokens.", "reason")
_key_generated = _Count("api_key_generated_total", "Keys issued.", "kind")
_key_validated = _Count("api_key_validated_total", "Keys checked: valid, or an error code.", "outcome", "at")
_limit_exceeded = _Count("rate_limit_exceeded_total", "Calls refused by a limit.", "route", "limit")
_mail_sent = _Count("mail_sent_total", "Mails handed over.", "kind")
_mail_failed = _Count("mail_failed_total", "Attempts to hand a mail over that failed.", "kind")
_mail_dead = _Count("mail_dead_total", "Mails given up.", "kind")
_seconds = Histogram(
    "http_request_duration_seconds",
    "Time until the answer.",
    ("method", "route", "status"),
    buckets=_BUCKETS,
    registry=_own,
)
_FAMILIES.append(_seconds)
_answered: dict[tuple[str, str, int], Histogram] = {}


def login_decided(tier: str, outcome: str | None = None) -> None:
    """Count a login that began a session, or the error code of one that did not."""
    if outcome is None:
        _login_success.add(tier)
    else:
        _login_failure.add(tier, outcome)


@contextlib.contextmanager
def login(tier: str) -> Iterator[None]:
    """Count the login that is carried out within the block, commit included, by how it ends."""
    try:
        yield
    except BaseException as error:
        login_decided(tier, _code(error))
        raise
    login_decided(tier)


def token_generated(kind: str) -> None:
    """Count a token that was issued: `access` or `refresh`."""
    _token_generated.add(kind)


def token_validated(outcome: str) -> None:
    """Count an access token that was checked: `valid` or an error code."""
    _token_validated.add(outcome)


def token_revoked(reason: str, count: int = 1) -> None:
    """Count sessions that were ended with their tokens."""
    _token_revoked.add(reason, amount=count)


def key_generated(kind: str) -> None:
    """Count a key that was issued."""
    _key_generated.add(kind)


def key_validated(outcome: str, at: str = "call") -> None:
    """Count a key that was checked: `valid` or an error code, of a `call` made with it or for `verify`."""
    _key_validated.add(outcome, at)


def limit_exceeded(route: str, limit: str) -> None:
    """Count a call refused by a limit: the route's template, and the name of the limit, such as a window's."""
    _limit_exceeded.add(route, limit)


def mail_sent(kind: str) -> None:
    """Count a mail that was handed over."""
    _mail_sent.add(kind)


def mail_failed(kind: str, *, dead: bool) -> None:
    """Count an attempt to hand a mail over that failed; `dead` if it was the last."""
    _mail_failed.add(kind)
    if dead:
        _mail_dead.add(kind)


def request_answered(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer and how long it took; `route` is the route's template."""
    child = _answered.get((method, route, status))
    if child is None:
        child = _answered[method, route, status] = _seconds.labels(method, route, f"{status // 100}xx")
    child.observe(seconds)


def counted(count: Callable[[str], None]) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Count how each call of a check ends: `valid` where it returns, else the code of the error that it raises."""

    def declare(check: Callable[_P, _R]) -> Callable[_P, _R]:
        @functools.wraps(check)
        def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            try:
                found = check(*args, **kwargs)
            except Exception as error:
                count(_code(error))
                raise
            count("valid")
            return found

        return checked

    return declare


def _code(error: BaseException) -> str:
    return error.code if isinstance(error, AppError) else InternalError.code


class _Everything(Collector):
    """What all workers have counted, and the attempts that follow from it."""

    def collect(self) -> Iterator[Metric]:
        """Yield every metric, also one of which nothing has been counted yet."""
        counted = metric_files.read() if metric_files.folder() else _own.collect()
        found = {metric.name: metric for metric in counted}
        yield _attempts(found)
        for family in _FAMILIES:
            for empty in family.describe():
                yield found.get(empty.name, empty)


def _attempts(found: dict[str, Metric]) -> Metric:
    """Return attempts as the sum of their outcomes: no kill and no reader can come between the two."""
    total: dict[str, float] = defaultdict(float)
    for name in ("auth_login_success", "auth_login_failure"):
        for sample in found[name].samples if name in found else ():
            total[sample.labels["tier"]] += sample.value
    attempts = Metric(*_ATTEMPTS, "counter")
    for tier, value in total.items():
        attempts.add_sample(f"{_ATTEMPTS[0]}_total", {"tier": tier}, value)
    return attempts


everything = CollectorRegistry()
"""What all workers of the server have counted."""
everything.register(_Everything())


def text() -> bytes:
    """Return everything counted in Prometheus's text format 0.0.4."""
    return generate_latest(everything)
