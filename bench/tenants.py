"""`make bench-tenants`: what a call costs with 10, 1,000 and 10,000 clients, and what memory that takes.

One PostgreSQL (fsync on) holds three databases side by side, each with a server of its own (two workers). One request
is under way at a time, so that p50 and p95 are the calls' own. The sizes take turns every hundred requests: drift then
hits all alike. Each call goes from client to client in a random order, none twice before all have had their turn, and
what is shown is drawn from all runs together. The servers have met their clients before: each account is read six
times first, by whichever worker.
"""

import argparse
import contextlib
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bench import serving, tenant_memory, tenant_report
from bench.tenant_calls import CALLS, Timings, Town
from bench.tenant_report import Outcome
from tests import servers

SIZES = (10, 1_000, 10_000)
RUNS = 3
_NO_TIER_FILLS = json.dumps(dict.fromkeys(("free", "enterprise"), json.loads(serving.TIERS)["free"]))
_AT_A_TIME = 100
OF_EACH = 1_000
"""Requests of each kind in a run."""
SHARED_BUFFERS = "4GB"
"""What PostgreSQL may keep in its memory: the three databases together, as README has an operator set it."""


def main() -> None:
    """Measure, print, and write the table down if asked to."""
    options = _options()
    began = time.monotonic()
    outcome = measure(options.clients, runs=options.runs, requests=options.requests)
    text = tenant_report.as_text(outcome, seconds=time.monotonic() - began)
    Console(width=140, highlight=False).print(text, markup=False)
    if options.write:
        tenant_report.write(text)


def measure(sizes: list[int], *, runs: int, requests: int) -> Outcome:
    """Build the towns, let them take turns, then weigh connections and workers."""
    outcome = Outcome(sizes, runs)
    with _towns(sizes) as towns:
        outcome.shared_buffers = SHARED_BUFFERS
        for town in towns:
            outcome.prepared[town.size] = town.prepare()
            _tell(f"{town.size} clients made in {outcome.prepared[town.size]:.0f} s")
        for run in range(runs):
            for name, call in CALLS.items():
                for town in towns if call.reads_roll_ups else ():
                    town.roll_up()
                _in_turns(towns, name, requests, outcome.timings)
                _tell(f"run {run + 1}: {name}")
        outcome.workers = {town.size: town.workers_mib() for town in towns}
        outcome.connections = {town.size: tenant_memory.of_connections(town) for town in towns}
        outcome.memory = tenant_memory.weigh(towns[-1])
    return outcome


def _tell(done: str) -> None:
    print(done, file=sys.stderr)


def _in_turns(towns: list[Town], name: str, count: int, timings: Timings) -> None:
    """Let each size answer some requests, then the next: what slows the machine for a while slows all alike."""
    call = CALLS[name]
    count = count if call.touches_tables else min(count, call.most)
    under_way = [(town, call.measure(town, count)) for town in towns]
    while under_way:
        for town, answers in list(under_way):
            part = list(itertools.islice(answers, _AT_A_TIME))
            if not part:
                under_way.remove((town, answers))
            timings.setdefault(name, {}).setdefault(town.size, []).extend(took for took in part if took is not None)


@contextlib.contextmanager
def _towns(sizes: list[int]) -> Iterator[list[Town]]:
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(servers.postgres_server(fsync=True, shared_buffers=SHARED_BUFFERS))
        towns = []
        for number, size in enumerate(sizes):
            redis_url = stack.enter_context(servers.redis_server())
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rowlock-tenants-")))
            environment = serving.settings(
                folder, DATABASE_URL=postgres.create_database(), REDIS_URL=redis_url, APP_ENV="test",
                WEB_CONCURRENCY="2", THREADS="8", BCRYPT_ROUNDS="4", MAIL_WORKER="process", TIERS=_NO_TIER_FILLS,
            )  # fmt: skip
            servers.migrate(environment)
            served = stack.enter_context(serving.gunicorn("wsgi:app", environment))
            towns.append(Town(size, served, environment, postgres.admin_url, seed=number))
        yield towns


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.tenants", description=__doc__)
    parser.add_argument("--clients", type=_sizes, default=list(SIZES), help="sizes, smallest first: 10,1000,10000")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"runs, in which the sizes take turns (default {RUNS})")
    parser.add_argument("--requests", type=int, default=OF_EACH, help="requests of each kind in a run")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    sizes = [int(part) for part in text.split(",")]
    if sizes != sorted(sizes) or min(sizes) < 2:
        raise argparse.ArgumentTypeError("sizes are numbers from 2 up, smallest first, as in 10,1000,10000")
    return sizes


if __name__ == "__main__":
    main()
