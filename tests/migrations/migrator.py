"""A real `flask db upgrade` in a process of its own, whose release has two more versions of the users tables.

It says each step that it takes. The test has made the table `steps_taken`, in which each step leaves a row.
"""

import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import cli

from app.users import tables
from migrations import big_tables, isolation, ledger, users_steps, users_tables

TARGET = 4
STEPS = [3, 4]
ADDED: dict[int, sa.Column[Any]] = {
    3: sa.Column("nickname", sa.String(40)),
    4: sa.Column("score", sa.Integer, server_default="0", nullable=False),
}
_DDL = {3: "nickname VARCHAR(40)", 4: "score INTEGER DEFAULT 0 NOT NULL"}
_INDEXES = {3: {"updated_at": "updated_at"}, 4: {}}
_TAKEN = sa.text("INSERT INTO steps_taken (client_id, step, pid, moment) VALUES (:client_id, :step, :pid, :moment)")


def migrate(
    environment: dict[str, str],
    told: "Connection[str, None]",
    *,
    pause: float = 0,
    big_from: int = big_tables.BYTES,
    arguments: tuple[str, ...] = (),
    dies: str = "",
) -> None:
    """Upgrade under these settings; each step takes `pause` seconds, and rests after busy tables are short.

    It kills itself as it has changed a batch's tables and is to note it (`dies` "before"), or has noted it ("after").
    """
    os.environ.update(environment, FLASK_APP="wsgi")
    users_tables.FIRST_REST, big_tables.BYTES = 0.01, big_from
    for number in STEPS:
        users_steps.STEPS[number] = users_steps.Step(change=_step(number, pause, told), indexes=_INDEXES[number])
    # What the code of that release says of a new client's table; the servers of the tests are of the release before.
    setattr(isolation, "SCHEMA_VERSION", TARGET)  # noqa: B010 - it is not the module's own
    for column in ADDED.values():
        tables.users.append_column(column)
    sa.Index(f"{tables.PLACEHOLDER}_updated_at", tables.users.c.updated_at)
    if dies:
        setattr(ledger, "record", _dying(ledger.record, dies))  # noqa: B010 - mypy forbids another function's place
    cli.cli.main(args=["db", "upgrade", *arguments])


def _dying(record: Callable[..., None], when: str) -> Callable[..., None]:
    def dies(*batch: Any) -> None:
        if when == "after":
            record(*batch)
        os.kill(os.getpid(), signal.SIGKILL)

    return dies


def _step(number: int, pause: float, told: "Connection[str, None]") -> Callable[[sa.Connection, UUID], None]:
    def change(connection: sa.Connection, client_id: UUID) -> None:
        connection.exec_driver_sql(f'ALTER TABLE "users_{client_id.hex}" ADD COLUMN {_DDL[number]}')
        row = {"client_id": client_id.hex, "step": number, "pid": os.getpid(), "moment": time.time()}
        connection.execute(_TAKEN, row)
        time.sleep(pause)
        told.send(f"step {number} of {client_id}")

    return change
