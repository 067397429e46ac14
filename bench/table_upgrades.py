"""What bench.tables runs in processes of their own: upgrades of a made-up release, registrations, logins, a watcher."""

import contextlib
import http.client
import json
import multiprocessing
import os
import time
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
import sqlalchemy as sa
from flask import cli
from rich.console import Console

from app import create_app
from app.core.actors import SystemActor
from app.onboarding import registration, terminal
from app.users import tables
from bench.population import PASSWORD, Person
from migrations import isolation, showing, users_steps

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["bench.table_upgrades"])  # loaded once, so that a run begins within 0.2 s
PRESENT = tables.SCHEMA_VERSION
_LOCKED = """
SELECT pid::text || virtualtransaction, min(relation)::regclass::text FROM pg_locks
 WHERE granted AND mode = 'AccessExclusiveLock' AND locktype = 'relation' AND relation IN
       (SELECT oid FROM pg_class WHERE relkind = 'r' AND relname LIKE 'users\\_%')
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY 1
"""


def start(target: Any, *arguments: Any) -> ForkServerProcess:
    """Start a function in a process of its own, which ends with this one."""
    process = FORKS.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def upgrade(environment: dict[str, str], version: int, log: Path) -> None:
    """Run `flask db upgrade` of a release in which each version up to this one adds a column."""
    os.environ.update(environment, FLASK_APP="wsgi")
    for number in range(PRESENT + 1, version + 1):
        users_steps.STEPS[number] = users_steps.Step(change=_adding(f"added_{number}"))
        tables.users.append_column(sa.Column(f"added_{number}", sa.Integer))
    setattr(isolation, "SCHEMA_VERSION", version)  # noqa: B010 - it is not the module's own
    with log.open("a") as lines:
        showing.out = terminal.out = Console(file=lines, width=160)  # type: ignore[attr-defined]
        cli.cli.main(args=["db", "upgrade"])


def make_clients(environment: dict[str, str], count: int) -> None:
    """Register clients as the code does, without HTTP."""
    os.environ.update(environment)
    with create_app().app_context():
        for _ in range(count):
            registration.register(SystemActor(), client_name=f"Bench {os.urandom(5).hex()}")


def watch(url: str, ending: Event, log: Path) -> None:
    """Look at once and again for users tables that are locked; note how long each lock lasts and keeps a reader out."""
    seen: dict[str, tuple[float, float]] = {}
    stalls = []
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        while not ending.wait(0.002):
            cursor.execute(_LOCKED)
            found, now = cursor.fetchall(), time.perf_counter()
            for holder, _ in found:
                seen[holder] = (seen.get(holder, (now,))[0], now)
            for _, table in found[:1]:
                with contextlib.suppress(psycopg2.errors.UndefinedTable):  # of a registration that is not through yet
                    cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
                stalls.append(time.perf_counter() - now)
                for holder, _ in found:
                    seen[holder] = (seen[holder][0], time.perf_counter())
    connection.close()
    held = [last - first for first, last in seen.values()]
    log.write_text(json.dumps({"held": max(held, default=0), "stall": max(stalls, default=0), "seen": len(held)}))


def log_in(address: tuple[str, int], people: list[Person], per_second: float, ending: Event, log: Path) -> None:
    """Log people in at a steady pace; note when, how long it took and the status."""
    connection = http.client.HTTPConnection(*address, timeout=30)
    answers: list[tuple[float, float, int]] = []
    due = time.time()
    while not ending.is_set():
        person = people[len(answers) % len(people)]
        path = f"/api/v1/{person.client.client_id}/login"
        body = json.dumps({"email": person.email, "password": PASSWORD})
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {person.client.access_key}"}
        due = max(due + 1 / per_second, time.time() - 1)
        time.sleep(max(0.0, due - time.time()))
        began = time.time()
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException):
            connection.close()
            status = 0
        answers.append((began, time.time() - began, status))
    log.write_text(json.dumps(answers))


def register(address: tuple[str, int], per_second: float, ending: Event, log: Path) -> None:
    """Register clients over HTTP at a steady pace; note the statuses."""
    statuses = []
    while not ending.wait(1 / per_second):
        connection = http.client.HTTPConnection(*address, timeout=30)
        with contextlib.suppress(OSError, http.client.HTTPException):
            body = json.dumps({"client_name": f"Meanwhile {os.urandom(5).hex()}"})
            connection.request("POST", "/api/v1/clients/register", body, {"Content-Type": "application/json"})
            statuses.append(connection.getresponse().status)
        connection.close()
    log.write_text(json.dumps(statuses))


def _adding(column: str) -> users_steps.Change:
    def change(connection: sa.Connection, client_id: UUID) -> None:
        connection.exec_driver_sql(f'ALTER TABLE "users_{client_id.hex}" ADD COLUMN {column} INTEGER')

    return change
