"""Schema changes of the clients' users tables: steps by version, carried out in small batches with their ledger rows.

A client's row says which version its table has. Each batch changes some tables and their clients' rows in one
transaction, so a run that is killed goes on where it stopped, and none is changed twice.
"""

from collections.abc import Callable, Mapping
from uuid import UUID

from app.clients import service as clients
from app.core import db
from app.users.tables import SCHEMA_VERSION

Step = Callable[[UUID], None]

STEPS: Mapping[int, Step] = {}
"""Version → what turns a table of the version before into it. Version 1 is what registration creates."""

BATCH = 50


def upgrade_all(steps: Mapping[int, Step] = STEPS, *, target: int = SCHEMA_VERSION) -> int:
    """Bring every users table to the target version; return how many were changed."""
    done = 0
    while True:
        with db.unit_of_work():
            behind = clients.claim_behind(target, limit=BATCH)
            for client_id, version in behind:
                for number in range(version + 1, target + 1):
                    steps[number](client_id)
                clients.set_schema_version(client_id, target)
        if not behind:
            return done
        done += len(behind)
