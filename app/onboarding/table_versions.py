"""Which versions the clients' users tables have, and whether `flask db upgrade` is at work on them."""

import contextlib
import fcntl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from app.clients import service as clients
from app.core import db
from app.extensions import db as engines
from app.onboarding import store
from app.users import service as users
from app.users.store import SCHEMA_VERSION

UPGRADE_LOCK = 0x726F776C6F636B  # "rowlock"
"""PostgreSQL's advisory lock of whoever migrates."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A client whose users table is behind."""

    slug: str
    client_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class TableVersions:
    """How many clients there are of each version; `behind` names some of the `left`."""

    newest: int
    versions: Mapping[int, int]
    left: int
    upgrade_runs: bool
    behind: list[Behind]


def show(*, limit: int) -> TableVersions:
    """Return how far the users tables are."""
    with db.reading():
        versions = clients.count_by_schema_version()
        some = clients.behind(SCHEMA_VERSION, limit=limit)
        return TableVersions(
            newest=SCHEMA_VERSION,
            versions=versions,
            left=sum(count for version, count in versions.items() if version < SCHEMA_VERSION),
            upgrade_runs=_upgrade_runs(),
            behind=[Behind(client.slug, client.client_id, client.users_schema_version) for client in some],
        )


def make_users_table(client_id: UUID) -> None:
    """Make a new client's users table in the unit of work in force; its row, with our newest version, is there.

    Should the tables be of another version by now, on PostgreSQL, the row says so.
    """
    version = users.create_table(client_id)
    if version != SCHEMA_VERSION:
        clients.set_schema_version(client_id, version)


def lock_path() -> Path:
    """Return the file beside SQLite's that whoever migrates holds locked."""
    return Path(f"{engines.engine.url.database}.migrating")


def _upgrade_runs() -> bool:
    if db.is_postgresql():
        return store.is_locked(UPGRADE_LOCK)
    with contextlib.suppress(FileNotFoundError), lock_path().open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
