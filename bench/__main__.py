"""`make bench`: what the service costs, as ratios to what the machine can do at all.

Every figure is the median of several windows; the windows of all cases take turns, so that drift hits all alike.
"""

import argparse
import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import boot, load, population, raw_bcrypt, report, round_trips, serving
from bench.load import Window
from bench.population import Person
from tests import servers

CONNECTIONS, MIXED_ME, MIXED_LOGIN = 16, 12, 4
WORKERS, THREADS = "2", "4"


@dataclass(frozen=True)
class Bench:
    """The servers under load and the people on them."""

    bare: tuple[str, int]
    rowlock: tuple[str, int]
    people: list[Person]

    def cases(self, seconds: float) -> dict[str, Callable[[], Window]]:
        """Return what is measured in each round; logins get longer windows, being few."""
        people, to, run = self.people, self.rowlock, load.run
        return {
            "bare": lambda: run(self.bare, population.bare_streams(CONNECTIONS), seconds),
            "me": lambda: run(to, population.me_streams(people, CONNECTIONS), seconds),
            "refresh": lambda: run(to, population.refresh_streams(people, CONNECTIONS), seconds),
            "refresh_named": lambda: run(to, population.refresh_named_streams(people, CONNECTIONS), seconds),
            "login": lambda: run(to, population.login_streams(people, CONNECTIONS), 2 * seconds),
            "mixed": lambda: run(to, self._mixed(), 2 * seconds),
        }

    def _mixed(self) -> list[load.Stream]:
        return population.me_streams(self.people, MIXED_ME) + population.login_streams(self.people, MIXED_LOGIN)


def main() -> None:
    """Run everything and print one table."""
    options = _options()
    began = time.monotonic()
    figures = report.Figures()
    with _servers() as (bench, trips):
        figures.trips = trips
        for _ in range(options.windows):
            for name, measure in bench.cases(options.seconds).items():
                figures.add(name, measure())
            figures.add_raw(raw_bcrypt.rate(options.seconds))
    figures.boot = boot.measure()
    report.show(figures, windows=options.windows, took=time.monotonic() - began)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--windows", type=int, default=3, help="windows of each case (default 3)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a window; logins take twice as long")
    return parser.parse_args()


@contextlib.contextmanager
def _servers() -> Iterator[tuple[Bench, dict[str, list[str]]]]:
    """Run PostgreSQL (fsync on), Redis, the bare route and Rowlock, all side by side; the idle ones cost nothing."""
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(servers.postgres_server(fsync=True))
        redis_url = stack.enter_context(servers.redis_server())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database_url = postgres.create_database()
        environment = serving.settings(
            folder, DATABASE_URL=database_url, REDIS_URL=redis_url, WEB_CONCURRENCY=WORKERS, THREADS=THREADS,
            BCRYPT_ROUNDS=str(raw_bcrypt.ROUNDS),
        )  # fmt: skip
        made = servers.flask("db", "upgrade", environment=environment)
        if made.returncode != 0:
            raise RuntimeError(made.stderr)
        trips = round_trips.count(database_url, environment)
        bare = stack.enter_context(serving.gunicorn("bench.bare:app", environment))
        rowlock = stack.enter_context(serving.gunicorn("wsgi:app", environment))
        yield Bench(bare.address, rowlock.address, population.settle(rowlock.address)), trips


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    main()
