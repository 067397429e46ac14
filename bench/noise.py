"""`python -m bench.noise` (SECURITY R-24): a client floods at ten times its tier; what does another one notice?

Windows with and without the flood take turns. The quiet client makes one call after the other; the flood comes evenly
from connections of its own, ten times as often as the noisy client's tier allows.
"""

import argparse
import dataclasses
import itertools
import json
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import population, serving
from bench.line import Line
from bench.load import request
from bench.tenant_report import percentile
from tests import servers

PER_MINUTE, TIMES = 600, 10
LARGEST_RATIO = 1.20
_FLOODERS = 4
_TIERS = json.loads(serving.TIERS) | {"small": {"requests_per_minute": PER_MINUTE}}


@dataclasses.dataclass
class Noticed:
    """Seconds and statuses of the quiet client's calls, and the statuses of the noisy one's."""

    seconds: list[float] = dataclasses.field(default_factory=list)
    statuses: Counter[int] = dataclasses.field(default_factory=Counter)
    flood: Counter[int] = dataclasses.field(default_factory=Counter)


def main() -> None:
    """Measure and print one table."""
    options = _options()
    calm, loud = Noticed(), Noticed()
    with ExitStack() as stack:
        postgres = stack.enter_context(servers.postgres_server(fsync=True))
        redis_url = stack.enter_context(servers.redis_server())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rowlock-noise-")))
        environment = serving.settings(
            folder, DATABASE_URL=postgres.create_database(), REDIS_URL=redis_url, WEB_CONCURRENCY="2", THREADS="4",
            BCRYPT_ROUNDS="10", TIERS=json.dumps(_TIERS),
        )  # fmt: skip
        servers.migrate(environment)
        served = stack.enter_context(serving.gunicorn("wsgi:app", environment))
        person = population.settle(served.address, clients=1, users_of_each=1)[0]
        asked = _noisy(environment)
        _window(served.address, person.me(), None, 1.0, Noticed())
        for _ in range(options.windows):
            _window(served.address, person.me(), None, options.seconds, calm)
            _window(served.address, person.me(), asked, options.seconds, loud)
    _show(calm, loud)


def _noisy(environment: dict[str, str]) -> bytes:
    """Make the client whose tier is small; return the request that it floods with."""
    chosen = ("--name", "Noisy", "--tier", "small", "--json")
    done = servers.flask("clients", "create", *chosen, environment=environment)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    made = json.loads(done.stdout)
    path = f"/api/v1/{made['client_id']}/audit-logs?limit=1"
    return request("GET", path, credential=made["access_key"])


def _window(address: tuple[str, int], asked: bytes, flood: bytes | None, seconds: float, noticed: Noticed) -> None:
    ends = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=_flood, args=(address, flood, ends, noticed.flood))
        for _ in range(_FLOODERS if flood else 0)
    ]
    for thread in threads:
        thread.start()
    with Line(address) as line:
        while time.perf_counter() < ends:
            answer = line.ask(asked)
            noticed.seconds.append(answer.seconds)
            noticed.statuses[answer.status] += 1
    for thread in threads:
        thread.join()


def _flood(address: tuple[str, int], asked: bytes | None, ends: float, statuses: Counter[int]) -> None:
    """Send a call whenever one is due, of all threads together ten times the tier."""
    pace, began = 60 * _FLOODERS / (PER_MINUTE * TIMES), time.perf_counter()
    with Line(address) as line:
        for number in itertools.count():
            due = began + number * pace
            if due >= ends:
                return
            time.sleep(max(0.0, due - time.perf_counter()))
            statuses[line.ask(asked or b"").status] += 1


def _show(calm: Noticed, loud: Noticed) -> None:
    table = Table(title=f"GET /me of one client while another asks for {TIMES} times its {PER_MINUTE} calls a minute")
    for name in ("", "calls", "429", "p50", "p95", "p99"):
        table.add_column(name, justify="right")
    for name, noticed in (("alone", calm), ("beside the flood", loud)):
        figures = [f"{1000 * percentile(noticed.seconds, part):.2f} ms" for part in (0.5, 0.95, 0.99)]
        table.add_row(name, str(len(noticed.seconds)), str(noticed.statuses[429]), *figures)
    ratio = percentile(loud.seconds, 0.99) / percentile(calm.seconds, 0.99)
    met = ratio <= LARGEST_RATIO and loud.statuses[429] == 0
    console = Console(width=110, highlight=False)
    console.print(table)
    verdict = "met" if met else "missed"
    console.print(f"p99 {ratio:.2f} times, aim {LARGEST_RATIO:.2f}: {verdict}. The flood: {dict(loud.flood)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.noise", description=__doc__)
    parser.add_argument("--windows", type=int, default=4, help="windows of each kind (default 4)")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of a window")
    return parser.parse_args()


if __name__ == "__main__":
    main()
