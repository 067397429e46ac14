"""`python -m bench.imports`: 10,000 users with five kinds of hashes go into a real server, and again under kill -9.

Rows per second and the memory of the server are measured on the first file. The server is killed in the middle of the
second, started again, and the same file is sent until it has gone in; then every user must be there, and once. One
user of each kind logs in with the old password, and its hash is a new one.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from bench import boot, population, serving
from tests import database, servers
from tests.users.foreign import by_argon2, by_bcrypt, by_django, by_keycloak, by_scrypt

USERS = 10_000
DATABASES = ("sqlite", "postgresql")
KINDS = (by_bcrypt, by_argon2, by_scrypt, by_django, by_keycloak)
_WEIGHED_EVERY = 0.05


@dataclass(frozen=True)
class Figures:
    """What one database made of the two files."""

    rows_per_second: float
    idle_mib: float
    peak_mib: float
    rows_at_kill: int
    rows_after: int
    different_after: int
    audited: int
    logged_in: int
    upgraded: int

    @property
    def whole(self) -> bool:
        """Whether everybody is there, once, and gets in."""
        people = {self.rows_after, self.different_after, self.audited}
        return people == {USERS} and 0 < self.rows_at_kill < USERS and self.logged_in == self.upgraded == len(KINDS)

    def shown(self) -> list[tuple[str, str]]:
        """Return the figures as rows of a table."""
        return [
            ("rows per second", f"{self.rows_per_second:,.0f}"),
            ("memory of the server, idle (PSS)", f"{self.idle_mib:.0f} MiB"),
            ("  most while it imports", f"{self.peak_mib:.0f} MiB"),
            ("rows when the server was killed", f"{self.rows_at_kill:,}"),
            ("rows after the same file again", f"{self.rows_after:,}"),
            ("  with different addresses", f"{self.different_after:,}"),
            ("  added according to the audit log", f"{self.audited:,}"),
            (f"of {len(KINDS)} kinds logged in with the old password", str(self.logged_in)),
            ("  and have a new hash", str(self.upgraded)),
            ("outcome", "whole" if self.whole else "BROKEN"),
        ]


def measure(database_url: str) -> Figures:
    """Import the file twice into a fresh database, into a client each."""
    content = _made_file()
    with tempfile.TemporaryDirectory() as folder:
        environment = serving.settings(Path(folder), DATABASE_URL=database_url, BCRYPT_ROUNDS="12")
        servers.migrate(environment)
        with servers.rowlock_server(environment, threads=8) as server:
            calm, killed = population.register((serving.HOST, int(server.environment["PORT"])), 2)
            idle = boot.pss_mib(server.pid)
            with _weighed(server.pid) as weights:
                began = time.monotonic()
                _send(server, calm, content)
                took = time.monotonic() - began
            _kill_in_the_middle(server, killed, content)
            at_kill = database.count(database_url, _table(killed))
            server.start_again()
            _send(server, killed, content)
            logged_in = sum(_logs_in(server, killed, number) for number in range(len(KINDS)))
            rows = database.rows(database_url, f'SELECT email, password_hash FROM "{_table(killed)}"')
            return Figures(
                rows_per_second=USERS / took,
                idle_mib=idle,
                peak_mib=max([idle, *weights]),
                rows_at_kill=at_kill,
                rows_after=len(rows),
                different_after=len({row["email"] for row in rows}),
                audited=_audited(server, killed),
                logged_in=logged_in,
                upgraded=sum(1 for row in rows if row["password_hash"].startswith("$2b$")),
            )


def _made_file() -> bytes:
    """Return the file; all hashes of a kind are alike, which makes no difference to an import."""
    hashes = [kind(population.PASSWORD) for kind in KINDS]
    rows = (
        {"email": _email(number), "full_name": f"Person {number}", "password_hash": hashes[number % len(KINDS)]}
        for number in range(USERS)
    )
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _email(number: int) -> str:
    return f"person{number}@example.com"


@contextlib.contextmanager
def _weighed(group: int) -> Iterator[list[float]]:
    """Weigh a server again and again until the block ends."""
    weights: list[float] = []
    over = threading.Event()

    def weigh() -> None:
        while not over.wait(_WEIGHED_EVERY):
            weights.append(boot.pss_mib(group))

    scales = threading.Thread(target=weigh)
    scales.start()
    try:
        yield weights
    finally:
        over.set()
        scales.join()


def _call(client: population.Client) -> tuple[str, dict[str, str]]:
    return f"/api/v1/{client.client_id}", {"Authorization": f"Bearer {client.access_key}"}


def _send(server: servers.RunningServer, client: population.Client, content: bytes) -> dict[str, Any]:
    """Send a file, and again as long as a run that was cut off counts as alive; return the summary."""
    path, headers = _call(client)
    while True:
        named = headers | {"Content-Type": "application/x-ndjson"}
        answer = httpx.post(f"{server.base_url}{path}/users/import", content=content, headers=named, timeout=120)
        if answer.status_code != httpx.codes.CONFLICT:
            summary: dict[str, Any] = json.loads(answer.text.splitlines()[-1])
            return summary
        time.sleep(float(answer.headers["Retry-After"]))


def _kill_in_the_middle(server: servers.RunningServer, client: population.Client, content: bytes) -> None:
    """Kill the server, master and worker, as soon as half of the rows are told to be in."""
    path, headers = _call(client)
    named = headers | {"Content-Type": "application/x-ndjson"}
    with (
        contextlib.suppress(httpx.TransportError),
        httpx.stream("POST", f"{server.base_url}{path}/users/import", content=content, headers=named) as answer,
    ):
        for line in answer.iter_lines():
            if json.loads(line).get("progress", {}).get("total", 0) >= USERS // 2:
                server.kill9()
                return


def _logs_in(server: servers.RunningServer, client: population.Client, number: int) -> bool:
    path, headers = _call(client)
    body = {"email": _email(number), "password": population.PASSWORD}
    return (
        httpx.post(f"{server.base_url}{path}/login", json=body, headers=headers, timeout=30).status_code
        == httpx.codes.OK
    )


def _audited(server: servers.RunningServer, client: population.Client) -> int:
    path, headers = _call(client)
    query = {"action": "user.import", "limit": "100"}
    answer = httpx.get(f"{server.base_url}{path}/audit-logs", params=query, headers=headers)
    return sum(row["detail"]["added"] for row in answer.json()["items"])


def _table(client: population.Client) -> str:
    return f"users_{client.client_id.replace('-', '')}"


def main() -> int:
    """Run against each database that was asked for; 1 if anybody is missing, twice there or kept out."""
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="both")
    options = parser.parse_args()
    chosen = DATABASES if options.database == "both" else (options.database,)
    outcomes = {name: _on(name) for name in chosen}
    table = Table(title=f"An import of {USERS:,} users with five kinds of hashes")
    table.add_column("")
    for name in outcomes:
        table.add_column(name, justify="right")
    for cells in zip(*(figures.shown() for figures in outcomes.values()), strict=True):
        table.add_row(cells[0][0], *(value for _, value in cells))
    Console(width=100).print(table)
    return 0 if all(figures.whole for figures in outcomes.values()) else 1


def _on(name: str) -> Figures:
    if name == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            return measure(f"sqlite:///{folder}/rowlock.db")
    with servers.postgres_server(fsync=True) as postgres:
        return measure(postgres.create_database())


if __name__ == "__main__":
    sys.exit(main())
