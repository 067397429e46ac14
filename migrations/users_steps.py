"""What turns a users table of one version into one of the next.

Central tables are migrated before, all users tables after them, table by table, while servers go on. So servers work
with the version before, too: a step only adds, and what it adds is used by a later release, once every table has it.
A new column is mapped in app/users/tables.py by that later release; an index may come with the release that makes it,
as a query without it is slower and no more. What is to go away is first no longer used, for a release.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection

from migrations import isolation

Change = Callable[[Connection, UUID], None]


def nothing(_connection: Connection, _client_id: UUID) -> None:
    """Change nothing."""


@dataclass(frozen=True)
class Step:
    """One version: `change` runs once, in one transaction with the note that the table has this version.

    `before` comes first and may be repeated. Then come `indexes` (ending of the name: columns that were there before)
    in the same transaction; on PostgreSQL, where the table is big, ahead of it, so that nobody waits for them. There
    policies hide users from the tables' owner too: statements over rows, not over tables, need a role that sees them.
    """

    before: Change = nothing
    change: Change = nothing
    indexes: Mapping[str, str] = field(default_factory=dict)


STEPS: dict[int, Step] = {
    2: Step(before=isolation.protect_users_table, indexes={"created_at": "created_at, user_id"}),
}
"""By version; version 1 is what the first release made. app/users/tables.py has the newest, for new clients."""


def carry_out(step: Step, connection: Connection, client_id: UUID) -> None:
    """Bring a table of the version before to a step's version, in the transaction in force."""
    step.before(connection, client_id)
    for ending, columns in step.indexes.items():
        connection.exec_driver_sql(made(client_id, ending, columns))
    step.change(connection, client_id)


def made(client_id: UUID, ending: str, columns: str, *, beside_writers: bool = False) -> str:
    """Return the statement that makes an index unless it is there."""
    how = "INDEX CONCURRENTLY" if beside_writers else "INDEX"
    return f'CREATE {how} IF NOT EXISTS "users_{client_id.hex}_{ending}" ON "users_{client_id.hex}" ({columns})'
