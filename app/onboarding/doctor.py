"""`flask doctor`: is every table, row and key where it belongs?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from app.clients import service as clients
from app.clients.models import PLATFORM_SLUG
from app.core import db
from app.core.errors import AppError
from app.core.settings import SettingsError
from app.onboarding import boot, queries, readiness
from app.users.store import SCHEMA_VERSION, table_clients

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One question, what was found wrong (nothing: all is well), and what to do about it."""

    name: str
    advice: str
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


def examine(progress: Progress = lambda _done, _all: None) -> list[Check]:
    """Ask everything; `progress(done, all)` follows the one question that takes a statement per client."""
    checks = [_migrations()]
    if checks[0].ok:
        checks += [_secret_key(), *_tables(), *_keys(), *_rows(progress), _platform()]
    return checks


def _migrations() -> Check:
    check = Check("migrations are current", "Run `flask db upgrade`.")
    try:
        readiness.migrations()
    except AppError as error:
        check.problems.append(error.detail)
    return check


def _secret_key() -> Check:
    check = Check(
        "SECRET_KEY is the database's own", "Put the key this database was made with into SECRET_KEY_FALLBACKS."
    )
    try:
        boot.check()
    except SettingsError as error:
        check.problems.append(str(error))
    return check


def _tables() -> Iterator[Check]:
    with db.reading():
        known, tables = dict(clients.all_ids()), table_clients()
    orphans = [f"users_{client_id.hex}" for client_id in sorted(tables - known.keys())]
    missing = [str(client_id) for client_id in sorted(known.keys() - tables)]
    behind = [f"{client_id}: version {version}" for client_id, version in known.items() if version != SCHEMA_VERSION]
    yield Check("every users table has its client", "Look at each table; drop it if nobody owns it.", orphans)
    yield Check("every client has its users table", "Restore the table from a backup.", missing)
    yield Check(f"every users table has version {SCHEMA_VERSION}", "Run `flask db upgrade`.", behind)


def _keys() -> Iterator[Check]:
    with db.reading():
        unsigned, keyless = queries.clients_without_keys()
    yield Check("every client has a signing key", "Restore signing_keys from a backup.", [str(one) for one in unsigned])
    yield Check(
        "every client has an access key", "Run `flask clients rotate-key` for it.", [str(one) for one in keyless]
    )


def _rows(progress: Progress) -> Iterator[Check]:
    with db.reading():
        strays = queries.rows_of_no_client()
        naming = queries.clients_naming_users()
    problems = [f"{table}: {len(ids)} clients, e.g. {ids[0]}" for table, ids in strays.items()]
    yield Check("every central row has its client", "Delete the rows; nothing can reach them.", problems)
    yield Check(
        "every session, token and key has its user",
        "Delete the rows; nobody can use them.",
        _of_nobody(naming, progress),
    )


def _of_nobody(naming: list[UUID], progress: Progress) -> list[str]:
    problems = []
    for done, client_id in enumerate(naming, start=1):
        with db.reading():
            try:
                found = queries.rows_of_no_user(client_id)
            except AppError:
                found = {}  # a client without its table is told of by another check
        problems += [f"{client_id}: {count} users of {table}" for table, count in found.items()]
        progress(done, len(naming))
    return problems


def _platform() -> Check:
    with db.reading():
        found = clients.find_by_slug(PLATFORM_SLUG)
    problems = [] if found is not None else ["there is no platform client"]
    return Check("the platform client is there", "Run `flask db upgrade`.", problems)
