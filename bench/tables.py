"""`make bench-tables` (SECURITY R-11): a column for ten thousand users tables, beside logins and registrations.

A real PostgreSQL, a real server and real `flask db upgrade`s of a made-up release. First one run without disturbance,
then one more column by runs of which fifty are killed with -9 at a random moment. The catalogue tells what came of it.
"""

import argparse
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
from rich.console import Console
from rich.table import Table

from bench import population, serving, table_upgrades
from bench.table_upgrades import FORKS, PRESENT, start
from tests import servers

LONGEST_LOCK = 0.1
PEOPLE, LOGINS_PER_SECOND, REGISTRATIONS_PER_SECOND = 40, 25.0, 2.0
BEFORE_SECONDS = 20.0
MOST_DELAY = 1.0
_SHAPES = """
SELECT (SELECT count(*) FROM clients), count(*), count(*) FILTER (WHERE columns <> %s),
       (SELECT count(*) FROM clients WHERE users_schema_version <> %s)
  FROM (SELECT c.oid, count(*) FILTER (WHERE a.attname LIKE 'added\\_%%') AS columns
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
         WHERE c.relkind = 'r' AND c.relname ~ '^users_[0-9a-f]{32}$' GROUP BY c.oid) AS shapes
"""


@dataclass
class Figures:
    """What was seen."""

    clients: int = 0
    tables: int = 0
    wrong_shape: int = 0
    wrong_version: int = 0
    seconds: float = 0.0
    kills: int = 0
    said: str = ""
    watched: dict[str, float] = field(default_factory=dict)
    logins: dict[str, list[float]] = field(default_factory=dict)
    failed_logins: int = 0
    registered: list[int] = field(default_factory=list)

    @property
    def longest(self) -> float:
        """Seconds of the longest lock, by whoever saw it longest."""
        of_its_own = re.search(r"longest transaction took ([\d,]+) ms", self.said)
        own = float(of_its_own[1].replace(",", "")) / 1000 if of_its_own else 0.0
        return max(own, self.watched["held"], self.watched["stall"])

    @property
    def good(self) -> bool:
        """Whether nothing was skipped or done twice, and nobody kept out for long."""
        whole = self.clients == self.tables and not self.wrong_shape and not self.wrong_version
        return whole and self.longest <= LONGEST_LOCK and not self.failed_logins and {*self.registered} <= {201}


def main() -> int:
    """Measure, print one table, and write it where asked; 1 if an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.tables", description=__doc__)
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--write", type=Path, help="also write the table into this file")
    options = parser.parse_args()
    figures = measure(options.clients, options.kills)
    table = _table(figures)
    Console(width=100).print(table)
    if options.write:
        with options.write.open("w") as file:
            Console(width=100, file=file).print(table)
    return 0 if figures.good else 1


def measure(clients: int, kills: int) -> Figures:
    """Make the clients, then add the two columns."""
    figures = Figures()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rowlock-tables-")))
        postgres = stack.enter_context(servers.postgres_server(fsync=True))
        url = postgres.create_database()
        watching = postgres.admin_url.rpartition("/")[0] + "/" + url.rpartition("/")[2]
        environment = serving.settings(folder, DATABASE_URL=url, APP_ENV="test", BCRYPT_ROUNDS="4", LOG_LEVEL="WARNING")
        servers.migrate(environment)
        _fill(environment, clients)
        server = stack.enter_context(serving.gunicorn("wsgi:app", environment | {"WEB_CONCURRENCY": "1"}))
        people = population.settle(server.address, clients=PEOPLE, users_of_each=1)
        logins, births = folder / "logins", folder / "births"
        spans: dict[str, tuple[float, float]] = {}
        with (
            _beside(table_upgrades.log_in, server.address, people, LOGINS_PER_SECOND, log=logins),
            _beside(table_upgrades.register, server.address, REGISTRATIONS_PER_SECOND, log=births),
        ):
            spans["before"] = _timed(lambda: time.sleep(BEFORE_SECONDS))
            with _beside(table_upgrades.watch, watching, log=folder / "watched"):
                spans["one run"] = _timed(lambda: _whole_run(environment, PRESENT + 1, folder / "said"))
                spans["killed runs"] = _timed(lambda: _killed_runs(environment, watching, kills, figures, folder))
        figures.seconds = spans["one run"][1] - spans["one run"][0]
        figures.said, figures.watched = (folder / "said").read_text(), json.loads((folder / "watched").read_text())
        figures.registered = json.loads(births.read_text())
        _sort_logins(figures, json.loads(logins.read_text()), spans)
        _count(figures, watching)
    return figures


def _fill(environment: dict[str, str], clients: int) -> None:
    halves = [start(table_upgrades.make_clients, environment, clients // 2) for _ in range(2)]
    for half in halves:
        half.join()
        if half.exitcode:
            raise RuntimeError("the clients could not be made")


@contextmanager
def _beside(work: Callable[..., None], *arguments: Any, log: Path) -> Iterator[None]:
    """Let a process work until the block ends, and wait until it has written what it saw."""
    ending = FORKS.Event()
    process = start(work, *arguments, ending, log)
    try:
        yield
    finally:
        ending.set()
        process.join(timeout=60)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    began = time.time()
    work()
    return began, time.time()


def _whole_run(environment: dict[str, str], version: int, log: Path) -> None:
    run = start(table_upgrades.upgrade, environment, version, log)
    run.join()
    if run.exitcode:
        raise RuntimeError(f"the upgrade failed: {log.read_text()[-2000:]}")


def _killed_runs(environment: dict[str, str], url: str, kills: int, figures: Figures, folder: Path) -> None:
    """Kill runs at random moments of their work, spread over all of it; then let one end."""
    log = folder / "said of the killed"
    delay = min(MOST_DELAY, 1.5 * _guess(url) / max(kills, 1))
    for _ in range(kills):
        run = start(table_upgrades.upgrade, environment, PRESENT + 2, log)
        _wait_for_work(url)
        time.sleep(random.uniform(0, delay))
        if run.is_alive():
            run.kill()
            figures.kills += 1
        run.join()
    _whole_run(environment, PRESENT + 2, log)


def _guess(url: str) -> float:
    """Return about how long a run takes, from the number of tables."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM clients")
        return float((cursor.fetchone() or (0,))[0]) / 1000


def _wait_for_work(url: str) -> None:
    """Wait until a run holds the lock of whoever migrates."""
    deadline = time.monotonic() + 20
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted")
            if (cursor.fetchone() or (0,))[0]:
                return
            time.sleep(0.01)


def _sort_logins(figures: Figures, answers: list[list[float]], spans: dict[str, tuple[float, float]]) -> None:
    for name, (began, ended) in spans.items():
        figures.logins[name] = [took for at, took, _ in answers if began <= at < ended]
    figures.failed_logins = sum(1 for _, _, status in answers if status != 200)


def _count(figures: Figures, url: str) -> None:
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(_SHAPES, (2, PRESENT + 2))
        row = cursor.fetchone() or (0, 0, 0, 0)
    figures.clients, figures.tables, figures.wrong_shape, figures.wrong_version = row


def _p99(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return "too few"
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms, most {max(seconds) * 1000:.0f} ms"


def _table(figures: Figures) -> Table:
    table = Table(title=f"A column for {figures.tables:,} users tables (R-11)")
    for name in ("", "measured", "aim"):
        table.add_column(name)
    table.add_row("tables per second, one run", " ".join(re.findall(r" ([\d,]+) tables/s;", figures.said)), "")
    table.add_row("that run, from the command to its end", f"{figures.seconds:.1f} s", "")
    table.add_row("longest transaction, as that run says", " ".join(re.findall(r"took ([\d,]+ ms)", figures.said)), "")
    table.add_row("longest lock in pg_locks", f"{figures.watched['held'] * 1000:.0f} ms", "<= 100 ms")
    table.add_row("longest stall of a reader", f"{figures.watched['stall'] * 1000:.0f} ms", "<= 100 ms")
    table.add_row("kills -9", str(figures.kills), "")
    table.add_row("clients, tables", f"{figures.clients:,}, {figures.tables:,}", "equal")
    table.add_row("tables skipped or changed twice", str(figures.wrong_shape), "0")
    table.add_row("rows that say another version", str(figures.wrong_version), "0")
    for name, seconds in figures.logins.items():
        table.add_row(f"logins, {name} ({len(seconds)})", _p99(seconds), "")
    table.add_row("logins that failed", str(figures.failed_logins), "0")
    table.add_row("clients registered meanwhile", str(figures.registered.count(201)), "")
    table.add_row("registrations that failed", str(len(figures.registered) - figures.registered.count(201)), "0")
    return table


if __name__ == "__main__":
    sys.exit(main())
