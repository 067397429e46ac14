"""What a connection to PostgreSQL weighs once it has met every client, and what a fresh one costs."""

import contextlib
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from bench import serving
from bench.line import Line
from bench.tenant_calls import Town

BOUND = 3_000
"""The default of CONNECTION_CLIENTS."""
_UNBOUNDED = 1_000_000
_WEIGHED_EVERY = 50
_CONNECTS = 25


@dataclass(frozen=True)
class Weights:
    """MiB of the heaviest server process of PostgreSQL: its own memory, without what all of them share."""

    clients: int
    bound: int
    untouched: float
    unbounded: float
    bounded: float
    connect_ms: float


def weigh(town: Town) -> Weights:
    """Let one thread read everybody's account, over a connection replaced in time and over one that never is."""
    return Weights(
        clients=town.size,
        bound=BOUND,
        untouched=_heaviest(town, people=1, bound=_UNBOUNDED),
        unbounded=_heaviest(town, people=town.size, bound=_UNBOUNDED),
        bounded=_heaviest(town, people=town.size, bound=BOUND),
        connect_ms=_connect_ms(town),
    )


def of_connections(town: Town) -> list[float]:
    """Return what each connection to the town's database weighs by itself."""
    return [_own_mib(pid) for pid in _connections(town)]


def _heaviest(town: Town, *, people: int, bound: int) -> float:
    """Return the most that a connection of a server of one thread weighed while it read so many accounts."""
    chosen = {"WEB_CONCURRENCY": "1", "THREADS": "1", "CONNECTION_CLIENTS": str(bound)}
    before, most = set(_connections(town)), 0.0
    with serving.gunicorn("wsgi:app", town.environment | chosen) as served, Line(served.address) as line:
        for number, person in enumerate(town.people[:people], start=1):
            if line.ask(person.me()).status != 200:
                raise RuntimeError("an account could not be read")
            if number % _WEIGHED_EVERY == 0 or number == people:
                most = max([most, *(_own_mib(pid) for pid in set(_connections(town)) - before)])
    return most


def _connections(town: Town) -> list[int]:
    """Return the process ids behind all connections to the town's database."""
    query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with contextlib.closing(psycopg2.connect(town.admin_url)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return [pid for (pid,) in cursor.fetchall()]


def _own_mib(pid: int) -> float:
    """Return a process's anonymous memory; 0 if it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _connect_ms(town: Town) -> float:
    took = []
    for _ in range(_CONNECTS):
        began = time.perf_counter()
        psycopg2.connect(town.admin_url).close()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)
