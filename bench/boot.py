"""Cold start and memory of the default server: one worker, SQLite, everything else as it comes."""

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench import checks, load, population, serving
from tests.servers import flask

STARTS = 3


@dataclass(frozen=True)
class Boot:
    """Seconds to the first 200, and MiB of all processes together (proportional set size)."""

    seconds: float
    idle_mib: float
    used_mib: float


def measure() -> Boot:
    """Start the default server a few times; of the last one read the memory, idle and after use."""
    with tempfile.TemporaryDirectory() as folder:
        environment = serving.settings(Path(folder))
        made = flask("db", "upgrade", environment=environment)
        if made.returncode != 0:
            raise RuntimeError(made.stderr)
        starts = [_start_only(environment) for _ in range(STARTS - 1)]
        with serving.gunicorn("wsgi:app", environment) as served:
            starts.append(served.seconds_to_first_200)
            time.sleep(1)
            idle = pss_mib(served.pid)
            people = population.settle(served.address, clients=5, users_of_each=1)
            load.run(served.address, population.me_streams(people, 8), 1)
            load.run(served.address, population.refresh_streams(people, 4), 1)
            load.run(served.address, population.login_streams(people, 2), 1)
            keys = checks.issue(served.address, [person.client for person in people], 1)
            load.run(served.address, checks.verify_streams("verify", keys, 8), 1)
            return Boot(statistics.median(starts), idle, pss_mib(served.pid))


def pss_mib(group: int) -> float:
    """Return the proportional set size of all processes of a process group."""
    rollups = [
        path / "smaps_rollup" for path in Path("/proc").iterdir() if path.name.isdigit() and _group_of(path) == group
    ]
    lines = [line for rollup in rollups for line in rollup.read_text().splitlines() if line.startswith("Pss:")]
    return sum(int(line.split()[1]) for line in lines) / 1024


def _start_only(environment: dict[str, str]) -> float:
    with serving.gunicorn("wsgi:app", environment) as served:
        return served.seconds_to_first_200


def _group_of(process: Path) -> int:
    """Return the process group of a process, 0 if it is gone."""
    try:
        return int((process / "stat").read_text().rpartition(") ")[2].split()[2])
    except OSError:
        return 0
