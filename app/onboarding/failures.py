"""What a command says when it fails: a line on what is wrong and what to do, never SQL."""

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError, StatementError

from app.core.driver_errors import translated
from app.core.errors import AppError, NotMigrated, TemporarilyUnavailable, ValidationFailed
from app.core.settings import SettingsError, settings

FAILURES = (
    AppError,
    SettingsError,
    SQLAlchemyError,
    FileNotFoundError,
    PermissionError,
    IsADirectoryError,
    NotADirectoryError,
)
_FORBIDDEN = "42501"
_AWAY = "The database does not answer, or is too busy"
_LOOK = "See that it runs and that DATABASE_URL names it and a role that may connect, then repeat the command."


def in_words(error: Exception) -> str:
    """Return the line for one of FAILURES; for several wrong fields, a line each."""
    if isinstance(error, SQLAlchemyError):
        error = translated(error)
    if isinstance(error, OSError):
        return _of_file(error)
    if isinstance(error, ValidationFailed):
        return "\n".join(f"{name}: {' '.join(messages)}" for name, messages in error.errors.items())
    if isinstance(error, TemporarilyUnavailable) and not isinstance(error, NotMigrated):
        # Its own advice speaks to callers over HTTP, of a header.
        return f"{_AWAY}. {_LOOK}"
    if isinstance(error, AppError):
        return f"{error.detail} {error.advice}"
    return _refusal(error) if isinstance(error, StatementError) else str(error)


def _of_file(error: OSError) -> str:
    database = make_url(settings().database_url).database if settings().is_sqlite else None
    if database is not None and str(error.filename).startswith(database):  # the file itself, its log or its locks
        return f"{_AWAY} ({error.strerror}: {error.filename}). {_LOOK}"
    return f"{error.filename} cannot be read or written: {error.strerror}."


def _refusal(error: StatementError) -> str:
    said = (str(error.orig).splitlines() or ["it gave no reason"])[0]
    if getattr(error.orig, "pgcode", None) == _FORBIDDEN:
        return (
            f"The database refused: {said}. The role of MIGRATION_DATABASE_URL (else DATABASE_URL) must own the tables."
        )
    return f"The database refused: {said}. What was under way was rolled back; the database's own log says more."
