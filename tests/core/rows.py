"""Rows that tests of units of work write and look for: of `installation`, and of `tokens` as a second table."""

import uuid
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.core import clock, db
from app.onboarding.tables import installation
from app.sessions.tables import tokens
from tests import database

ADD = db.adding(installation)
ADD_TOKEN = db.adding(tokens)
CHANGE = update(installation).where(installation.c.name == bindparam("of_name")).values(value=bindparam("new_value"))


def put(name: str, value: bytes = b"x") -> None:
    """Add a row at once."""
    db.execute(insert(installation).values(name=name, value=value))


def put_later(name: str, value: bytes = b"x") -> None:
    """Add a row with the others, when it must be."""
    db.add_later(ADD, {"name": name, "value": value})


def kept(url: str, name: str) -> list[bytes]:
    """Return the values that another connection sees under a name."""
    found = database.rows(url, "SELECT value FROM installation WHERE name = :name", name=name)
    return [bytes(row["value"]) for row in found]


def in_unit(name: str) -> list[bytes]:
    """Return the values that the unit in force sees under a name."""
    return [bytes(row.value) for row in db.execute(select(installation.c.value).where(installation.c.name == name))]


def token_row(digest: bytes) -> dict[str, Any]:
    """Return a row of tokens that belongs to nobody."""
    now, new = clock.now(), uuid.uuid4
    ids = {"token_id": new(), "client_id": new(), "user_id": new(), "session_id": None, "parent_id": None}
    times = {"created_at": now, "expires_at": now, "spent_at": None}
    return {**ids, **times, "purpose": "test", "digest": digest, "seq": 1}


def token_count(digest: bytes) -> int:
    """Return how many tokens have a digest."""
    with db.reading():
        return len(db.execute(select(tokens.c.seq).where(tokens.c.digest == digest)).all())
