"""`python -m bench.restore`: one client of 10,000 users goes back to a named time while another one logs in.

Each user has a password and five recovery codes. All of it is damaged: a fifth deleted, every other password and name
changed, a tenth new. A real command then restores the client beside a real server, on which somebody of another client
logs in five times a second; none may fail. Before that, commands are killed on their way at random: each must leave the
old or the new, never a mix. At the end every row is as of then, and a sample of users logs in.
"""

import argparse
import hashlib
import json
import random
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import bcrypt
import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench import population, serving
from bench.population import Client
from tests import database, servers

DATABASES = ("sqlite", "postgresql")
CODES_OF_EACH, SAMPLE, LOGINS_PER_SECOND = 5, 100, 5
_FIELDS = "user_id, email, full_name, role, status, password_hash"


@dataclass
class Logins:
    """How the other client's logins went, each begun on time whether or not the one before was answered."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def failed(self) -> dict[int, int]:
        """How many failed, by status; 0 is no answer at all."""
        return {status: count for status, count in self.statuses.items() if status != httpx.codes.OK}

    @property
    def shown(self) -> str:
        """The median and the longest, in milliseconds."""
        ordered = sorted(self.seconds) or [0.0]
        return f"{ordered[len(ordered) // 2] * 1000:.0f} / {ordered[-1] * 1000:.0f} ms, {len(self.seconds)} logins"


@dataclass
class Case:
    """One database with its server, the client to be restored, and the other."""

    url: str
    environment: dict[str, str]
    server: servers.RunningServer
    restored: Client
    other: Client

    @property
    def table(self) -> str:
        """The users table of the client."""
        return f"users_{UUID(self.restored.client_id).hex}"

    def checksum(self) -> str:
        """Return a checksum of the client's users and recovery codes."""
        people = database.rows(self.url, f'SELECT {_FIELDS} FROM "{self.table}" ORDER BY user_id')
        own = database.uuid_text(self.url, self.restored.client_id)
        query = "SELECT user_id, digest FROM recovery_codes WHERE client_id = :client ORDER BY user_id, digest"
        codes = database.rows(self.url, query, client=own)
        rows = [*(tuple(row.values()) for row in people), *((row["user_id"], bytes(row["digest"])) for row in codes)]
        return hashlib.sha256(repr([str(row) for row in rows]).encode()).hexdigest()

    def log_in(self, client: Client, email: str) -> int:
        """Log somebody in and return the status; 0 for no answer."""
        body, headers = {"email": email, "password": population.PASSWORD}, _bearer(client)
        path = f"{self.server.base_url}/api/v1/{client.client_id}/login"
        try:
            return httpx.post(path, json=body, headers=headers, timeout=30).status_code
        except httpx.TransportError:
            return 0

    @contextmanager
    def logging_in(self) -> Iterator[Logins]:
        """Log somebody of the other client in until the block ends."""
        found, over = Logins(), threading.Event()

        def one() -> None:
            began = time.monotonic()
            found.statuses[self.log_in(self.other, _email(0))] += 1
            found.seconds.append(time.monotonic() - began)

        def go_on() -> None:
            with ThreadPoolExecutor(40) as pool:
                while not over.wait(1 / LOGINS_PER_SECOND):
                    pool.submit(one)

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield found
        finally:
            over.set()
            thread.join()

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a flask command."""
        return [sys.executable, "-m", "flask", "clients", *arguments]

    def flask(self, *arguments: str) -> Any:
        """Run a command that succeeds; return what it told."""
        ended = subprocess.run(
            self.command(*arguments, "--json"), cwd=servers.ROOT, env=self.environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if ended.returncode:
            raise RuntimeError(ended.stderr)
        return json.loads(ended.stdout)


def measure(url: str, users: int, kills: int) -> dict[str, str]:
    """Return the figures of one database as they are shown."""
    with tempfile.TemporaryDirectory() as folder:
        environment = serving.settings(Path(folder), DATABASE_URL=url, BCRYPT_ROUNDS="10")
        servers.migrate(environment)
        with servers.rowlock_server(environment, threads=8) as server:
            clients = population.register((serving.HOST, int(server.environment["PORT"])), 2)
            case = Case(url, server.environment, server, *clients)
            return _measured(case, users, kills)


def _measured(case: Case, users: int, kills: int) -> dict[str, str]:
    _fill(case, case.restored, range(users))
    _fill(case, case.other, range(1))
    _add_codes(case)
    slug = case.flask("show", case.restored.client_id)["slug"]
    began = time.monotonic()
    kept = case.flask("snapshot", slug)
    took_snapshot, then = time.monotonic() - began, case.checksum()
    _damage(case, users)
    now = case.checksum()
    with case.logging_in() as calm:
        time.sleep(8)
    arguments = ("restore", slug, "--at", kept["taken_at"], "--confirm", slug)
    began = time.monotonic()
    case.flask(*arguments, "--dry-run")
    span = 1.6 * (time.monotonic() - began)
    outcomes = [_killed(case, arguments, {now: "old", then: "new"}, span) for _ in range(kills)]
    with case.logging_in() as meanwhile:
        began = time.monotonic()
        told = case.flask(*arguments)
        took = time.monotonic() - began
    sample = range(0, users, max(1, users // SAMPLE))
    whole = case.checksum() == then
    inside = sum(case.log_in(case.restored, _email(number)) == httpx.codes.OK for number in sample)
    good = whole and not meanwhile.failed and inside == len(sample) and "mix" not in outcomes
    return {
        "users put back": ", ".join(f"{count} {name}" for name, count in told["changes"]["users"].items()),
        "snapshot: seconds, bytes": f"{took_snapshot:.1f} s, {kept['bytes']:,}",
        "restore, the whole command": f"{took:.1f} s",
        "logins of another client before: median / longest": calm.shown,
        "  meanwhile": meanwhile.shown,
        "  failed": str(meanwhile.failed or "none"),
        f"killed at {kills} random moments": f"{outcomes.count('old')} old, {outcomes.count('new')} new, "
        f"{outcomes.count('mix')} mixed",
        f"of a sample of {len(sample)} users logged in": str(inside),
        "outcome": "whole" if good else "BROKEN",
    }


def _fill(case: Case, client: Client, numbers: range) -> None:
    """Import users, all with the same password."""
    hashed = bcrypt.hashpw(population.PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    lines = [json.dumps({"email": _email(number), "password_hash": hashed}) for number in numbers]
    path = f"{case.server.base_url}/api/v1/{client.client_id}/users/import"
    headers = _bearer(client) | {"Content-Type": "application/x-ndjson"}
    answer = httpx.post(path, content="\n".join(lines) + "\n", headers=headers, timeout=300)
    summary = json.loads(answer.text.splitlines()[-1])
    if summary["added"] != len(numbers):
        raise RuntimeError(answer.text)


def _add_codes(case: Case) -> None:
    people = database.rows(case.url, f'SELECT user_id FROM "{case.table}"')
    own = database.uuid_text(case.url, case.restored.client_id)
    rows = [
        {"client": own, "user": row["user_id"], "digest": secrets.token_bytes(32)}
        for row in people
        for _ in range(CODES_OF_EACH)
    ]
    statement = text("INSERT INTO recovery_codes (client_id, user_id, digest) VALUES (:client, :user, :digest)")
    engine = database.seeing_all(case.url)
    with engine.begin() as connection:
        connection.execute(statement, rows)
    engine.dispose()


def _damage(case: Case, users: int) -> None:
    """Delete a fifth, change every other user and take their codes, and let a tenth be new."""
    own = database.uuid_text(case.url, case.restored.client_id)
    gone = f"SELECT user_id FROM \"{case.table}\" WHERE email LIKE '%0@%' OR email LIKE '%5@%'"
    database.change(
        case.url,
        f"DELETE FROM recovery_codes WHERE client_id = '{own}'",
        f'DELETE FROM "{case.table}" WHERE user_id IN ({gone})',
        f"UPDATE \"{case.table}\" SET full_name = 'Damaged', password_hash = '$2b$04${'x' * 53}'",
    )
    _fill(case, case.restored, range(users, users + users // 10))


def _killed(case: Case, arguments: tuple[str, ...], known: dict[str, str], span: float) -> str:
    """Kill a restoring on its way; return which state it left."""
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(case.command(*arguments), cwd=servers.ROOT, env=case.environment, **silent)
    time.sleep(random.uniform(0.3 * span, span))
    process.kill()
    process.wait()
    left = known.get(case.checksum(), "mix")
    if left == "new":
        # As it was before, to be killed again: the snapshot that the command took first.
        newest = case.flask("snapshots", arguments[1])[0]
        case.flask("restore", arguments[1], "--snapshot", newest["snapshot_id"], "--confirm", arguments[1])
    return left


def _bearer(client: Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.access_key}"}


def _email(number: int) -> str:
    return f"person{number}@example.com"


def main() -> int:
    """Run against each database that was asked for; 1 if a login failed or a state was mixed."""
    parser = argparse.ArgumentParser(prog="python -m bench.restore", description=__doc__)
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="both")
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=5)
    options = parser.parse_args()
    chosen = DATABASES if options.database == "both" else (options.database,)
    outcomes = {name: _on(name, options.users, options.kills) for name in chosen}
    table = Table(title=f"A client of {options.users:,} users goes back to a named time")
    table.add_column("")
    for name in outcomes:
        table.add_column(name, justify="right")
    for label in next(iter(outcomes.values())):
        table.add_row(label, *(figures[label] for figures in outcomes.values()))
    Console(width=150).print(table)
    return 0 if all(figures["outcome"] == "whole" for figures in outcomes.values()) else 1


def _on(name: str, users: int, kills: int) -> dict[str, str]:
    if name == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            return measure(f"sqlite:///{folder}/rowlock.db", users, kills)
    with servers.postgres_server(fsync=True) as postgres:
        return measure(postgres.create_database(), users, kills)


if __name__ == "__main__":
    sys.exit(main())
