"""`make crash` (SECURITY R-01): servers are killed with -9 while clients register; then nothing may be half there.

Several threads register without a pause. At a random moment 0 to 50 ms after all of them are at work, the whole
process group of the server, master and worker, gets SIGKILL. The next server starts on the same database, and so on.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import serving, survivors
from bench.survivors import Survivors
from tests import servers

THREADS = 4
MOST_DELAY = 0.05
DATABASES = ("sqlite", "postgresql")


@dataclass
class Attack:
    """What the clients saw: acknowledged registrations (client id to access key), and names that got no answer."""

    kills: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run(database_url: str, kills: int, *, seed: int | None = None) -> tuple[Attack, Survivors]:
    """Kill a server so many times on a database; return what was seen and what is left."""
    dice, attack, began = random.Random(seed), Attack(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        environment = serving.settings(Path(folder), DATABASE_URL=database_url, THREADS=str(2 * THREADS))
        upgraded = servers.flask("db", "upgrade", environment=environment)
        if upgraded.returncode != 0:
            raise RuntimeError(upgraded.stderr)
        with _launcher(environment, Path(folder) / "log") as launch:
            for _ in range(kills):
                _one_life(launch, attack, dice.uniform(0, MOST_DELAY))
        attack.seconds = time.monotonic() - began
        return attack, survivors.count(database_url, environment, attack.acknowledged, attack.unanswered)


def main() -> int:
    """Run against each database that was asked for; 1 if anything is lost or half there."""
    parser = argparse.ArgumentParser(prog="python -m bench.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="both")
    options = parser.parse_args()
    chosen = DATABASES if options.database == "both" else (options.database,)
    outcomes = {name: _on(name, options.kills) for name in chosen}
    _show(outcomes)
    return 0 if all(left.whole for _, left in outcomes.values()) else 1


def _on(database: str, kills: int) -> tuple[Attack, Survivors]:
    if database == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            return run(f"sqlite:///{folder}/rowlock.db", kills)
    with servers.postgres_server(fsync=True) as postgres:
        return run(postgres.create_database(), kills)


def _one_life(launch: "Launch", attack: Attack, delay: float) -> None:
    """Start a server, let all clients get to work, kill it at a moment of its own."""
    address, group = launch.start()
    ready, working = threading.Barrier(THREADS + 1), threading.Event()
    working.set()
    clients = [threading.Thread(target=_register, args=(address, attack, ready, working)) for _ in range(THREADS)]
    try:
        for client in clients:
            client.start()
        _meet(ready)
        time.sleep(delay)
    finally:
        os.killpg(group, signal.SIGKILL)
        working.clear()
    for client in clients:
        client.join()
    attack.kills += 1


def _register(address: tuple[str, int], attack: Attack, ready: threading.Barrier, working: threading.Event) -> None:
    """Register until the server is gone; the first answer says that this client is at work."""
    connection, first = http.client.HTTPConnection(*address, timeout=30), True
    while working.is_set():
        name = f"Crash {os.urandom(8).hex()}"
        try:
            connection.request("POST", "/api/v1/clients/register", json.dumps({"client_name": name}), _JSON)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            attack.unanswered.append(name)
            ready.abort()
            break
        if answer.status == 201:
            made = json.loads(body)
            attack.acknowledged[made["client_id"]] = made["access_key"]
        else:
            attack.refused.append(f"{answer.status} {body.decode()}")
        if first:
            _meet(ready)
        first = False
    connection.close()


def _meet(barrier: threading.Barrier) -> None:
    """Wait for the others; not if one of them has already lost the server."""
    with contextlib.suppress(threading.BrokenBarrierError):
        barrier.wait(30)


_JSON = {"Content-Type": "application/json"}


class Launch:
    """A running launcher (bench.launcher)."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process, self._log = process, log

    def start(self) -> tuple[tuple[str, int], int]:
        """Start a server and wait until it answers; return its address and process group."""
        address = (serving.HOST, servers.free_port())
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{address[1]}\n")
        self._process.stdin.flush()
        group, deadline = int(self._process.stdout.readline()), time.monotonic() + 30
        while not _listens(address):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server does not start: {self._log.read_text()[-3000:]}")
            time.sleep(0.01)
        return address, group


def _listens(address: tuple[str, int]) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=5):
        return serving.answers(address)
    return False


@contextlib.contextmanager
def _launcher(environment: dict[str, str], log: Path) -> Iterator[Launch]:
    with log.open("ab") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.launcher"], cwd=servers.ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=lines,
        )  # fmt: skip
        try:
            yield Launch(process, log)
        finally:
            process.communicate()


def _show(outcomes: dict[str, tuple[Attack, Survivors]]) -> None:
    table = Table(title="kill -9 of the whole server during registrations (R-01)")
    table.add_column("")
    columns = []
    for name, (attack, left) in outcomes.items():
        table.add_column(name, justify="right")
        columns.append(left.figures(attack.kills, len(attack.refused), attack.seconds))
    for label in columns[0]:
        table.add_row(label, *(column[label] for column in columns))
    Console(width=100).print(table)


if __name__ == "__main__":
    sys.exit(main())
