"""What becomes of the rows of a batch: whom the importer may not make, and who is there already."""

import sqlite3
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from app.core.actors import Actor
from app.roles import administration
from app.roles import service as roles
from app.user_management.import_models import BadRow, Errors, Row

EMAIL_TAKEN, CONFLICT, REFUSED = "email_taken", "conflict", "validation_failed"
_MESSAGES = {
    EMAIL_TAKEN: {"email": ["A user with this e-mail address exists."]},
    CONFLICT: {"username": ["This username is taken."]},
}


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows of a batch that may become users, and what is wrong with the others."""

    good: list[Row]
    bad: list[BadRow]


def judged(actor: Actor, client_id: UUID, batch: list[Row]) -> Judged:
    """Part rows by whether they may become users, in the unit in force; roles are read once for all of them."""
    held: dict[str, list[str]] = {}
    if any(row.values and row.values["role"] != roles.USER for row in batch):
        held = {role.name: role.permissions for role in administration.every(client_id)}
    good, bad = [], []
    for row in batch:
        errors = row.errors if row.values is None else _of_role(actor, row.values["role"], held)
        if errors:
            bad.append(BadRow(row.line, row.email, REFUSED, errors))
        else:
            good.append(row)
    return Judged(good, bad)


def conflict(row: Row, *, taken: bool) -> BadRow:
    """Return the report of a row whose e-mail, else whose username, is taken."""
    code = EMAIL_TAKEN if taken else CONFLICT
    return BadRow(row.line, row.email, code, _MESSAGES[code])


def _of_role(actor: Actor, role: str, held: dict[str, list[str]]) -> Errors:
    if role == roles.USER:  # what every sign-up gets
        return {}
    if role not in held or role == roles.SUPER_ADMIN:
        return {"role": ["There is no such role."]}
    if roles.lacking(actor, frozenset(held[role])):
        return {"role": ["This role holds rights that you do not hold."]}
    return {}


class Rehearsal:
    """Remembers whom a dry run would have added, in a file of its own: memory stays the same for any number."""

    def __enter__(self) -> Self:
        """Begin with nobody."""
        self._seen = sqlite3.connect("", isolation_level=None)  # a private file, gone when closed
        self._seen.execute("PRAGMA journal_mode = OFF")
        self._seen.execute("CREATE TABLE seen (name TEXT PRIMARY KEY) WITHOUT ROWID")
        return self

    def __exit__(self, *_error: object) -> None:
        """Forget everybody."""
        self._seen.close()

    def would_add(self, rows: list[Row], emails: set[str], usernames: set[str]) -> list[bool]:
        """Return which rows would go in, given which e-mails and usernames (in lower case) users have."""
        return [self._adds(row, emails, usernames) for row in rows]

    def emails_of(self, rows: list[Row], emails: set[str]) -> set[str]:
        """Return which e-mails of rows are taken by users or by rows."""
        return {row.email for row in rows if row.email and (row.email in emails or self._has(row.email))}

    def _adds(self, row: Row, emails: set[str], usernames: set[str]) -> bool:
        values = row.values or {}
        username = (values.get("username") or "").lower()
        if values["email"] in emails or username in usernames:
            return False
        if self._has(values["email"]) or (username and self._has(f"username {username}")):
            return False
        names = [values["email"], *([f"username {username}"] if username else [])]
        self._seen.executemany("INSERT INTO seen VALUES (?)", [(name,) for name in names])
        return True

    def _has(self, name: str) -> bool:
        return self._seen.execute("SELECT 1 FROM seen WHERE name = ?", (name,)).fetchone() is not None
