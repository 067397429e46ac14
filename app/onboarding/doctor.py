"""`flask doctor`: is every table, row and key where it belongs?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from uuid import UUID

from app.clients import room
from app.clients import service as clients
from app.clients.models import PLATFORM_SLUG
from app.core import db
from app.core.errors import AppError, ClientNotFound, NotMigrated
from app.core.settings import SettingsError
from app.mail import delivery
from app.onboarding import boot, queries, readiness
from app.roles import administration as roles
from app.sessions import signing
from app.users.store import SCHEMA_VERSION

Progress = Callable[[int, int], None]
T = TypeVar("T")


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
    checks = [_answers()]
    checks += [_migrations()] if checks[0].ok else []
    if all(check.ok for check in checks):
        checks += [*_secret_key(), *_tables(), *_keys(), *_rows(progress), _platform(), _roles(), _mails(), _room()]
    return checks


def _answers() -> Check:
    check = Check(
        "the database answers", "See that it runs and that DATABASE_URL names it, with a role that may connect."
    )
    try:
        readiness.database()
    except AppError as error:
        check.problems.append(error.detail)
    return check


def _migrations() -> Check:
    check = Check("migrations are current", "Run `flask db upgrade`.")
    try:
        _asked(readiness.migrations)
    except NotMigrated as error:
        check.problems.append(error.detail)
    return check


def _secret_key() -> Iterator[Check]:
    check = Check(
        "SECRET_KEY is the database's own", "Put the key this database was made with into SECRET_KEY_FALLBACKS."
    )
    try:
        _asked(boot.check)
    except SettingsError as error:
        check.problems.append(str(error))
    yield check
    if check.ok:
        yield Check(
            "every signing key opens with SECRET_KEY or a fallback",
            "Put the key they were made with into SECRET_KEY_FALLBACKS, then run `flask reseal`.",
            [f"{client_id}: {count} signing keys" for client_id, count in _asked(signing.unopened).items()],
        )


def _tables() -> Iterator[Check]:
    tables, versions = _asked(queries.tables_and_clients)
    orphans = [f"users_{client_id.hex}" for client_id in sorted(tables - versions.keys())]
    missing = [str(client_id) for client_id in sorted(versions.keys() - tables)]
    served = (SCHEMA_VERSION - 1, SCHEMA_VERSION)  # an upgrade may be under way
    behind = [f"{client_id}: version {version}" for client_id, version in versions.items() if version not in served]
    yield Check(
        "every users table has its client",
        "Find out whose people are in it (a backup knows its client's row). Remove nothing without a copy of it.",
        orphans,
    )
    yield Check("every client has its users table", "Restore the table from a backup.", missing)
    yield Check("every users table has a version that is served", "Run `flask db upgrade`.", behind)


def _keys() -> Iterator[Check]:
    unsigned, keyless = _asked(queries.clients_without_keys)
    yield Check("every client has a signing key", "Restore signing_keys from a backup.", [str(one) for one in unsigned])
    yield Check(
        "every client has an access key", "Run `flask clients rotate-key` for it.", [str(one) for one in keyless]
    )


def _rows(progress: Progress) -> Iterator[Check]:
    strays, naming = _asked(queries.rows_of_no_client), _asked(queries.clients_naming_users)
    problems = [f"{table}: {len(ids)} clients, e.g. {ids[0]}" for table, ids in strays.items()]
    yield Check(
        "every central row has its client",
        "Nothing can reach these rows; delete them once their client is surely gone.",
        problems,
    )
    yield Check(
        "every session, token and key has its user",
        "Nobody can use these rows; delete them once the same is found again.",
        _of_nobody(naming, progress),
    )


def _of_nobody(naming: list[UUID], progress: Progress) -> list[str]:
    problems = []
    for done, client_id in enumerate(naming, start=1):
        try:
            found = _asked(partial(queries.rows_of_no_user, client_id))
        except ClientNotFound:
            found = {}  # a client without its table is told of by another check
        problems += [f"{client_id}: {count} users of {table}" for table, count in found.items()]
        progress(done, len(naming))
    return problems


def _platform() -> Check:
    found = _asked(partial(clients.find_by_slug, PLATFORM_SLUG))
    problems = [] if found is not None else ["there is no platform client"]
    return Check("the platform client is there", "Run `flask db upgrade`.", problems)


def _roles() -> Check:
    found = _asked(roles.beyond_bound)
    return Check(
        "every role fits into access tokens",
        "Their tokens may name no scopes, and services that read them then allow nothing: take permissions from each.",
        [f"{client_id}: {name}, {characters:,} characters" for client_id, name, characters in found],
    )


def _mails() -> Check:
    since = _asked(delivery.overdue_since)
    return Check(
        "no mail has waited for ten minutes to be sent",
        "With MAIL_WORKER=process see that `flask worker` runs; `flask outbox list` tells what the mail server said.",
        [f"since {since:%Y-%m-%d %H:%M} UTC"] if since is not None else [],
    )


def _room() -> Check:
    exceeded = _asked(room.is_exceeded)
    problems = [f"there are more than {room.MOST_ON_SQLITE:,}"] if exceeded else []
    return Check("the database is made for so many clients", room.ADVICE, problems)


def _asked(question: Callable[[], T]) -> T:
    """Ask with a connection held; on SQLite in a writer's turn, as a read fails that new tables overtake repeatedly."""
    door = db.reading if db.is_postgresql() else db.unit_of_work
    with door():
        return question()
