"""`python -m bench.transfer`: a client of 10,000 users leaves an installation and comes back, and moves to another one.

On SQLite and on PostgreSQL it is exported, erased and imported under its old id; then everybody logs in. From SQLite it
moves to PostgreSQL and back, encrypted; its checksums must not change. Imports of it are killed (kill -9) at random
moments; each must have left nothing, or have come in whole. Times and the most memory of each command are printed.
"""

import argparse
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bcrypt
import httpx
from rich.console import Console
from rich.table import Table

from bench import boot, serving
from tests import database, servers
from tests.servers import ROOT

USERS = 10_000
_PASSWORD = "correct horse battery"
_WEIGHED_EVERY = 0.05
_AT_ONCE = 4


@dataclass
class Home:
    """An installation of Rowlock."""

    name: str
    environment: dict[str, str]
    figures: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its database."""
        return self.environment["DATABASE_URL"]

    def clients(self, *arguments: Any, told: str | None = None) -> Any:
        """Run `flask clients … --json`; note under a name how long it took and the most memory it had."""
        command = [sys.executable, "-m", "flask", "clients", *map(str, arguments), "--json"]
        began, most = time.monotonic(), 0.0
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as beside:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=out, stderr=beside, start_new_session=True
            )
            while process.poll() is None:
                with contextlib.suppress(OSError):  # it may end while it is weighed
                    most = max(most, boot.pss_mib(process.pid))
                time.sleep(_WEIGHED_EVERY)
            took = time.monotonic() - began
            out.seek(0), beside.seek(0)
            if process.returncode:
                raise RuntimeError(f"{' '.join(command)}:\n{beside.read().decode(errors='replace')[-2000:]}")
            if told:
                self.seconds[told] = took
                self.figures[told] = f"{took:.1f} s, {most:.0f} MiB"
            return json.loads(out.read())

    def keys(self, path: Path) -> Path:
        """Write the platform's public keys into a file."""
        path.write_text(servers.flask("documents", "keys", environment=self.environment).stdout)
        return path

    def state(self) -> tuple[int, ...]:
        """Return what an import changes: clients, users tables, audit rows."""
        tables = len(database.users_tables(self.url))
        return database.count(self.url, "clients"), tables, database.count(self.url, "audit_logs")


def _populate(home: Home, users: int) -> dict[str, Any]:
    """Register a client and import its users; return what registration said."""
    hashed = bcrypt.hashpw(_PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    rows = ({"email": _email(n), "full_name": f"Person {n}", "password_hash": hashed} for n in range(users))
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    with servers.rowlock_server(home.environment, threads=8) as server:
        answer = httpx.post(f"{server.base_url}/api/v1/clients/register", json={"client_name": "Rowing club"})
        made: dict[str, Any] = answer.raise_for_status().json()
        headers = {"Authorization": f"Bearer {made['access_key']}", "Content-Type": "application/x-ndjson"}
        address = f"{server.base_url}/api/v1/{made['client_id']}/users/import"
        httpx.post(address, content=content, headers=headers, timeout=300).raise_for_status()
    return made


def _email(number: int) -> str:
    return f"person{number}@example.com"


def _logins(home: Home, client_id: str, access_key: str, users: int) -> int:
    """Log everybody in with the password of before; return how many came in."""
    headers = {"Authorization": f"Bearer {access_key}"}
    with servers.rowlock_server(home.environment, threads=8) as server:

        def part(first: int) -> int:
            with httpx.Client(base_url=server.base_url, headers=headers, timeout=60) as api:
                return sum(_logs_in(api, client_id, number) for number in range(first, users, _AT_ONCE))

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return sum(pool.map(part, range(_AT_ONCE)))


def _logs_in(api: httpx.Client, client_id: str, number: int) -> bool:
    body = {"email": _email(number), "password": _PASSWORD}
    while True:
        answer = api.post(f"/api/v1/{client_id}/login", json=body)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:  # more logins at once than the queue has room for
            return answer.status_code == httpx.codes.OK
        time.sleep(0.05)


def _kills(home: Home, bundle: Path, kills: int, users: int) -> tuple[int, int]:
    """Kill imports at random moments; return how many left nothing, and how many had come in whole before."""
    nothing = whole = 0
    for number in range(kills):
        before, slug = home.state(), f"killed-{number}"
        command = [sys.executable, "-m", "flask", "clients", "import", str(bundle), "--slug", slug]
        process = subprocess.Popen(
            command, cwd=ROOT, env=home.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        over = threading.Timer(random.uniform(0.2, 1.0) * home.seconds["import"], process.kill)
        over.start()
        process.wait()
        over.cancel()
        found = database.rows(home.url, "SELECT client_id FROM clients WHERE slug = :slug", slug=slug)
        nothing += not found and home.state() == before
        whole += bool(found) and _is_whole(home, uuid.UUID(str(found[0]["client_id"])), users)
    return nothing, whole


def _is_whole(home: Home, client_id: uuid.UUID, users: int) -> bool:
    """Whether a client has all its users, a signing key, an access key and the audit row of its import."""
    mine = {"id": database.uuid_text(home.url, str(client_id))}
    counts = [
        database.count(home.url, f"users_{client_id.hex}"),
        database.count(home.url, "signing_keys", "client_id = :id", **mine),
        database.count(home.url, "keys", "client_id = :id AND kind = 'access'", **mine),
        database.count(home.url, "audit_logs", "client_id = :id AND action = 'client.import'", **mine),
    ]
    return counts[:3] == [users, 1, 1] and counts[3] >= 1


def _there_and_back(home: Home, made: dict[str, Any], folder: Path) -> Iterator[bool]:
    """Export, erase and import a client under its id; yields whether its checksums are the same."""
    bundle, slug = folder / f"{home.name}.rowlock", made["slug"]
    sums = home.clients("checksum", slug, told="checksum")
    home.clients("export", slug, "--to", bundle, told="export")
    home.figures["bundle"] = f"{bundle.stat().st_size / 2**20:.1f} MiB"
    home.clients("erase", slug, "--confirm", slug, told="erase")
    back = home.clients("import", bundle, "--same-id", told="import")
    yield back["client_id"] == made["client_id"] and home.clients("checksum", slug) == sums


def _moved(origin: Home, to: Home, slug: str, folder: Path) -> dict[str, Any]:
    """Move a client to another installation under a passphrase."""
    passphrase, bundle = folder / "passphrase", folder / f"{origin.name}-to-{to.name}.rowlock"
    passphrase.write_text("eight oars and one small cox\n")
    sealed = ("--passphrase-file", passphrase)
    origin.clients("export", slug, "--to", bundle, *sealed, told="export, encrypted")
    trust = origin.keys(folder / f"{origin.name}.jwks")
    made: dict[str, Any] = to.clients("import", bundle, "--trust", trust, *sealed, told="import, encrypted")
    return made


def _measure(homes: tuple[Home, Home], folder: Path, users: int, kills: int) -> dict[str, bool]:
    here, there = homes
    made = _populate(here, users)
    slug, key = made["slug"], made["access_key"]
    held = {"the same after erasing, on SQLite": all(_there_and_back(here, made, folder))}
    sums = here.clients("checksum", slug)
    moved = _moved(here, there, slug, folder)
    held["the same on PostgreSQL"] = there.clients("checksum", slug) == sums
    held["the same after erasing, on PostgreSQL"] = all(_there_and_back(there, moved, folder))
    here.clients("erase", slug, "--confirm", slug)
    back = _moved(there, here, slug, folder)
    held["the same back on SQLite"] = here.clients("checksum", slug) == sums
    held["as many users as before"] = sums["users"]["rows"] == users
    for home, now in ((here, back), (there, moved)):
        came_in = _logins(home, now["client_id"], key, users)
        home.figures["logged in with the old password"] = f"{came_in:,} of {users:,}"
        held[f"every login, on {home.name}"] = came_in == users
        nothing, whole = _kills(home, folder / f"{home.name}.rowlock", kills, users)
        home.figures[f"of {kills} killed imports: nothing there / whole"] = f"{nothing} / {whole}"
        held[f"no half client after kills, on {home.name}"] = nothing + whole == kills
    return held


def main() -> int:
    """Run it; 1 if a row has changed, a login failed or a kill left half a client."""
    parser = argparse.ArgumentParser(prog="python -m bench.transfer", description=__doc__)
    parser.add_argument("--users", type=int, default=USERS)
    parser.add_argument("--kills", type=int, default=10, help="on each database")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as text, servers.postgres_server(fsync=True) as postgres:
        folder = Path(text)
        urls = {"sqlite": f"sqlite:///{folder}/rowlock.db", "postgresql": postgres.create_database()}
        homes = [_home(name, url, folder) for name, url in urls.items()]
        held = _measure((homes[0], homes[1]), folder, options.users, options.kills)
    table = Table("", *urls, title=f"A client of {options.users:,} users as one file (time, most memory)")
    for name in dict.fromkeys(name for home in homes for name in home.figures):
        table.add_row(name, *(home.figures.get(name, "") for home in homes))
    Console(width=110).print(table)
    for name, holds in held.items():
        Console().print(f"{'yes' if holds else 'NO '}  {name}")
    return 0 if all(held.values()) else 1


def _home(name: str, url: str, folder: Path) -> Home:
    place = folder / name
    place.mkdir()
    own = {"APP_ENV": "test", "BCRYPT_ROUNDS": "4", "PUBLIC_URL": f"http://{name}.example.com", "DATABASE_URL": url}
    home = Home(name, serving.settings(place, **own))
    servers.migrate(home.environment)
    return home


if __name__ == "__main__":
    sys.exit(main())
