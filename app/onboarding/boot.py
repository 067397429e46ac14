"""Start-up and the database: is SECRET_KEY the one it was made with, the role an ordinary one? And a change of keys."""

import contextlib
from collections.abc import Callable, Iterator

import structlog
from sqlalchemy.exc import ProgrammingError

from app.clients import freshness, room
from app.codes import service as codes
from app.core import crypto, db, isolation
from app.core.errors import NotMigrated, TemporarilyUnavailable
from app.core.isolation import Crossing
from app.core.settings import SettingsError, settings
from app.mail import service as mail
from app.mfa import totp
from app.onboarding import store
from app.sessions import signing

_CHECK, _LABEL, _PLAIN = "secret_key_check", "installation", b"rowlock"
_REDIS = "versions_in_redis"
_NO_REDIS = "set REDIS_URL as on the other servers, or run `flask limits forget-redis` if none has Redis any more"
_also_resealing: list[Callable[[], Iterator[int]]] = []
_log = structlog.get_logger()


def keep_check_value() -> None:
    """Seal a known value under SECRET_KEY, so that a wrong key is noticed at start; `flask db upgrade` calls it."""
    with isolation.across(Crossing.SHELL), db.unit_of_work():
        if store.find(_CHECK) is None:
            store.put(_CHECK, crypto.seal(_LABEL, _PLAIN, bound_to=_CHECK))


def check() -> None:
    """Raise SettingsError for a wrong SECRET_KEY or a superuser; a database that is away or empty stops nothing."""
    try:
        with db.reading():
            superuser, sealed = store.is_superuser(), store.find(_CHECK)
    except (TemporarilyUnavailable, ProgrammingError):
        _log.warning("database not ready", advice="run `flask db upgrade`")
        return
    if superuser and settings().app_env == "production":
        raise SettingsError("DATABASE_URL names a superuser, or a role with BYPASSRLS; use an ordinary one")
    if sealed is None:
        return
    try:
        crypto.unseal(_LABEL, sealed, bound_to=_CHECK)
    except crypto.WrongKey as wrong:
        raise SettingsError(
            "SECRET_KEY is not the one this database was made with; put the old one into SECRET_KEY_FALLBACKS"
        ) from wrong


def note_redis() -> None:
    """Note at a server's start that it keeps versions in Redis; a database that is away or empty stops nothing.

    A server without Redis takes no such note back: another may be running.
    """
    with contextlib.suppress(TemporarilyUnavailable, ProgrammingError):
        if freshness.is_kept():
            with isolation.across(Crossing.SERVER), db.unit_of_work():
                store.put(_REDIS, b"yes")
            return
        with db.reading():
            if redis_is_in_use():
                _log.warning("changes of keys and clients wait 2.6 s", advice=_NO_REDIS)


def note_room() -> None:
    """Warn at a server's start of more clients than SQLite is made for; a database that is empty stops nothing."""
    with contextlib.suppress(TemporarilyUnavailable, NotMigrated), isolation.across(Crossing.SERVER), db.reading():
        room.warn()


def forget_redis() -> None:
    """Note that no server has a Redis any more."""
    with db.unit_of_work():
        store.put(_REDIS, b"no")


def redis_is_in_use() -> bool:
    """Return whether servers keep versions in a Redis, in the unit in force."""
    return store.find(_REDIS) == b"yes"


def also_reseal(work: Callable[[], Iterator[int]]) -> None:
    """Have something that packages above this one keep sealed renewed too."""
    if work not in _also_resealing:
        _also_resealing.append(work)


def reseal() -> Iterator[int]:
    """Seal under SECRET_KEY what only a fallback opens; yield, batch by batch, how many values were changed.

    Each batch is a transaction: a run that is cut off leaves everything open to both keys, and the next goes on. The
    check value comes last: once it opens with SECRET_KEY alone, so does all the rest. Raises SettingsError for a
    signing key or an authenticator's seed that nothing opens.
    """
    try:
        yield from signing.reseal()
        yield from totp.reseal()
    except crypto.WrongKey as wrong:
        raise SettingsError(
            "Not every signing key and seed of an app opens: `flask doctor` names clients of keys; keep the fallbacks"
        ) from wrong
    yield from mail.reseal()
    yield from codes.reseal()
    for work in _also_resealing:
        yield from work()
    with db.unit_of_work():
        sealed = store.find(_CHECK)
        renewed = crypto.resealed(_LABEL, sealed, bound_to=_CHECK) if sealed is not None else None
        if renewed is not None:
            store.put(_CHECK, renewed)
    yield int(renewed is not None)
