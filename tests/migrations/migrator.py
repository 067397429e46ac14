"""A migrator in a process of its own: takes every users table to version 3 by made-up steps, and says each one.

The test has made the table `steps_taken`, in which each step leaves a row.
"""

import os
import time
from multiprocessing.connection import Connection
from uuid import UUID

from sqlalchemy import text

from app import create_app
from app.core import db
from app.users import tables
from app.users.store import UserDirectory
from migrations import users_tables

TARGET = 3
NICKNAME = f'ALTER TABLE "{tables.PLACEHOLDER}" ADD COLUMN nickname VARCHAR(40)'
SCORE = f'ALTER TABLE "{tables.PLACEHOLDER}" ADD COLUMN score INTEGER DEFAULT 0 NOT NULL'
TAKEN = text("INSERT INTO steps_taken (client_id, step) VALUES (:client_id, :step)")


def migrate(environment: dict[str, str], pause: float, told: "Connection[str | int, None]") -> None:
    """Migrate under these settings; each step takes `pause` seconds. The last word is how many tables were changed."""

    def step(number: int, statement: str) -> users_tables.Step:
        def take(client_id: UUID) -> None:
            UserDirectory(client_id).execute(text(statement))
            db.execute(TAKEN, {"client_id": client_id.hex, "step": number})
            time.sleep(pause)
            told.send(f"step {number} of {client_id}")

        return take

    os.environ.update(environment)
    steps = {2: step(2, NICKNAME), 3: step(3, SCORE)}
    with create_app().app_context():
        told.send(users_tables.upgrade_all(steps, target=TARGET))
