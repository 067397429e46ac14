"""Isolation reports: made for the whole installation each day, and for one client when it asks; each is signed."""

import contextlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from app.clients import service as clients
from app.core import chores, clock, db, isolation
from app.core.errors import NotFound, TemporarilyUnavailable
from app.core.isolation import Crossing
from app.isolation import database, probes, store, turns
from app.isolation.models import Check, Probe, Report, Target, summed_up
from app.isolation.walk import Walk
from app.onboarding import documents, platform, readiness
from app.web import inner_calls

CHORE = "isolation_report"
EVERY_SECONDS = 86_400
KEPT = timedelta(minutes=5)
"""A client's own report is made anew after this at the earliest."""
INSTALLATION, CLIENT = "installation", "client"
_FORM = 1
_NOTHING = {"routes": 0, "requests": 0, "credentials": 0}
_log = structlog.get_logger()
Steps = Generator[tuple[int, int], None, Report]


@dataclass(slots=True)
class _Seen:
    """What an examination has found so far."""

    checks: list[Check]
    tried: dict[str, int] = field(default_factory=lambda: dict(_NOTHING))


@chores.chore(CHORE, every=EVERY_SECONDS)
def daily() -> Iterator[int]:
    """Make the report of the installation, some tries at each step; what leaks is an error in the log too."""
    steps = examine()
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            _log_failures(ended.value)
            return
        yield 1


def examine() -> Steps:
    """Examine the whole installation and keep the report; yield how much is done, and how much there is."""
    seen = _Seen(database.enforcement())
    yield from _tried(seen, _between_probes)
    users = database.new_check_of_users()
    for _ in database.rows_of_no_user(users):
        yield 1, 1
    seen.checks += [database.rows_of_no_client(), users]
    with isolation.across(Crossing.REPORT), db.reading():
        home = platform.require().client_id
    return _kept(home, _told(INSTALLATION, seen.checks, tried=seen.tried))


def examine_client(client_id: UUID) -> Steps:
    """Examine one client with every route tried against it by a probe; yield how much is done, and how much there is.

    Nothing of the client is written: what a refusal is noted in is the log of the probe. Raises ClientNotFound.
    """
    with isolation.across(Crossing.REPORT), db.reading():
        clients.require(client_id)
    seen = _Seen(database.of_client(client_id))
    yield from _tried(seen, partial(_against, client_id))
    return _signed(client_id, _told(CLIENT, seen.checks, tried=seen.tried) | _of_client(client_id))


def latest(client_id: UUID) -> Report:
    """Return a client's report: what the installation's last one proved, and its own tables as they are now.

    What is younger than five minutes is answered again, and what is older while it is being measured anew. Raises
    ClientNotFound, NotFound before the first report of the installation, and TemporarilyUnavailable for a client whose
    first report is being measured, or could not be a moment ago.
    """
    with isolation.across(Crossing.REPORT), db.reading():
        home, _ = platform.require().client_id, clients.require(client_id)
        whole, own = store.find(home), store.find(client_id)
    if whole is None:
        raise NotFound("The first report of this installation comes within minutes of its first start.")
    if client_id == home:
        return whole
    if own is not None and own.measured_at >= max(whole.measured_at, clock.now() - KEPT):
        return own
    if not turns.take(client_id):
        if own is None:
            raise TemporarilyUnavailable("This report is being measured.", retry_after=turns.HELD_SECONDS)
        return own
    made = _kept(client_id, _told(CLIENT, database.of_client(client_id), whole=whole) | _of_client(client_id))
    turns.give_back(client_id)
    return made


def _tried(seen: "_Seen", tries: Callable[["_Seen"], Iterator[tuple[int, int]]]) -> Iterator[tuple[int, int]]:
    """Make the tries; where the database is so broken that they cannot be made, say so beside what is broken."""
    try:
        yield from tries(seen)
    except Exception:
        if summed_up(seen.checks):
            raise
        untried = Check(
            "routes.tried", "Every route is tried.", failures=["the database did not let the tries be made"]
        )
        seen.checks.append(untried)


def _between_probes(seen: "_Seen") -> Iterator[tuple[int, int]]:
    """Try every route with one probe's credentials against another probe."""
    with _probes(2) as (attacker, target):
        watched = Target(target.client_id, target.ids, target.canaries, target.user_token, watched=True)
        yield from _walked(seen, Walk(attacker, watched))
        if db.is_postgresql():
            seen.checks.append(database.reach(target.client_id, attacker.client_id))


def _against(client_id: UUID, seen: "_Seen") -> Iterator[tuple[int, int]]:
    """Try every route with a probe's credentials against a real client, whose ids stay unknown."""
    with _probes(1) as (attacker,):
        yield from _walked(seen, Walk(attacker, Target(client_id, attacker.ids)))


def _walked(seen: "_Seen", walk: Walk) -> Iterator[tuple[int, int]]:
    yield from walk.steps()
    seen.checks[:0] = walk.checks
    seen.tried = walk.tried


@contextlib.contextmanager
def _probes(number: int) -> Iterator[list[Probe]]:
    """Make probes for a while; what an earlier run left behind goes first."""
    probes.sweep()
    with contextlib.ExitStack() as removing:

        def one() -> Probe:
            probe = probes.make()
            removing.callback(probes.remove, probe.client_id)
            return probe

        yield [one() for _ in range(number)]


def _log_failures(made: Report) -> None:
    where = [place for check in made.report["checks"] for place in check["failures"]]
    if where:
        _log.error("clients can reach each other: the isolation report failed", where=where)


def _of_client(client_id: UUID) -> dict[str, Any]:
    return {"client_id": str(client_id), "users_table": f"users_{client_id.hex}"}


def _told(
    scope: str, checks: list[Check], *, tried: dict[str, int] | None = None, whole: Report | None = None
) -> dict[str, Any]:
    """Return what a report says; a client's holds what `whole`, the installation's, proved of the routes."""
    told: dict[str, Any] = {
        "form": _FORM,
        "scope": scope,
        "passed": summed_up(checks) and (whole is None or whole.passed),
        "measured_at": clock.rfc3339(clock.now()),
        "versions": {"rowlock": inner_calls.version(), "migrations": max(readiness.newest())},
        "database": "postgresql" if db.is_postgresql() else "sqlite",
        "enforced_by_database": db.is_postgresql(),
        "checks": [check.told() for check in checks],
        "tried": tried or _NOTHING,
    }
    if whole is not None:
        told |= {"tried": whole.report["tried"], "installation": whole.report["for_clients"]}
    if scope == INSTALLATION:
        shown = {name: told[name] for name in ("passed", "measured_at")}
        told["for_clients"] = {**shown, "checks": [check.told_to_clients() for check in checks]}
    return told


def _signed(client_id: UUID, report: dict[str, Any]) -> Report:
    return Report(client_id, clock.now(), report, documents.sign(documents.ISOLATION_REPORT, report))


def _kept(client_id: UUID, report: dict[str, Any]) -> Report:
    made = _signed(client_id, report)
    with isolation.across(Crossing.REPORT), db.unit_of_work():
        store.save(made)
    return made
