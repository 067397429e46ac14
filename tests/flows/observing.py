"""What tests compare: answers without what differs each time, a client's rows, and the work that a call does."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import bcrypt
import httpx
from flask import Flask
from pytest import MonkeyPatch
from sqlalchemy import event

from tests import database
from tests.factories import Tenant

_OF_THIS_CALL = {"date", "x-request-id"}
_CENTRAL = ("clients", "keys", "signing_keys", "sessions", "tokens", "audit_logs", "login_throttles")


def masked(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """Return status, body and headers of an answer without its request id and date."""
    body = answer.text.replace(answer.headers["x-request-id"], "-")
    return answer.status_code, body, [item for item in answer.headers.items() if item[0] not in _OF_THIS_CALL]


REFUSED = ("audit_logs",)
"""What a refusal may add to: the log that tells of it (test_denials.py)."""


def rows_of(url: str, tenant: Tenant, *, without: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Return every row of a client, users and central tables, each as text, save the tables left out."""
    of_client = {"client": database.uuid_text(url, tenant.client_id)}
    found = {"users": sorted(str(row) for row in database.rows(url, f'SELECT * FROM "{tenant.table}"'))}
    for table in _CENTRAL:
        if table not in without:
            rows = database.rows(url, f"SELECT * FROM {table} WHERE client_id = :client", **of_client)
            found[table] = sorted(_text(row) for row in rows)
    return found


@dataclass
class Work:
    """What calls have cost: password hashes by their cost factor, and SQL statements by verb."""

    hashes: list[int] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)


@contextlib.contextmanager
def watched(app: Flask) -> Iterator[Work]:
    """Count the bcrypt runs and the statements of all calls within the block."""
    work = Work()
    hashpw, checkpw = bcrypt.hashpw, bcrypt.checkpw

    def hashing(password: bytes, salt: bytes) -> bytes:
        work.hashes.append(_rounds(salt))
        return hashpw(password, salt)

    def checking(password: bytes, hashed: bytes) -> bool:
        work.hashes.append(_rounds(hashed))
        return checkpw(password, hashed)

    def sent(_connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        work.statements.append(" ".join(statement.split()))

    with app.app_context():
        engines = list(app.extensions["sqlalchemy"].engines.values())
    with MonkeyPatch.context() as patched:
        patched.setattr(bcrypt, "hashpw", hashing)
        patched.setattr(bcrypt, "checkpw", checking)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", sent)
        try:
            yield work
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", sent)


def _rounds(hashed: bytes) -> int:
    return int(hashed.split(b"$")[2])


def _text(row: dict[str, Any]) -> str:
    return str({name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()})
