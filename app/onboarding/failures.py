"""What a command says when it fails: a line on what is wrong and what to do, never SQL."""

from sqlalchemy.exc import SQLAlchemyError, StatementError

from app.core.driver_errors import translated
from app.core.errors import AppError, NotMigrated, TemporarilyUnavailable, ValidationFailed
from app.core.settings import SettingsError

FAILURES = (AppError, SettingsError, SQLAlchemyError, FileNotFoundError, PermissionError)
_FORBIDDEN = "42501"
_AWAY = "The database does not answer, or is too busy"
_LOOK = "See that it runs and that DATABASE_URL names it and a role that may connect, then repeat the command."


def in_words(error: Exception) -> str:
    """Return the line for one of FAILURES; for several wrong fields, a line each."""
    if isinstance(error, SQLAlchemyError):
        error = translated(error)
    if isinstance(error, OSError):
        return f"{_AWAY} ({error.strerror}: {error.filename}). {_LOOK}"
    if isinstance(error, ValidationFailed):
        return "\n".join(f"{name}: {' '.join(messages)}" for name, messages in error.errors.items())
    if isinstance(error, TemporarilyUnavailable) and not isinstance(error, NotMigrated):
        # Its own advice speaks to callers over HTTP, of a header.
        return f"{_AWAY}. {_LOOK}"
    if isinstance(error, AppError):
        return f"{error.detail} {error.advice}"
    return _refusal(error) if isinstance(error, StatementError) else str(error)


def _refusal(error: StatementError) -> str:
    said = (str(error.orig).splitlines() or ["it gave no reason"])[0]
    if getattr(error.orig, "pgcode", None) == _FORBIDDEN:
        return (
            f"The database refused: {said}. The role of MIGRATION_DATABASE_URL (else DATABASE_URL) must own the tables."
        )
    return f"The database refused: {said}. What was under way was rolled back; the database's own log says more."
