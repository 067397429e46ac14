"""The one door from a proof of identity to a session: every flow that logs somebody in goes through it."""

from typing import Any, NoReturn

from app.accounts.errors import EmailNotVerified
from app.accounts.models import LoggedIn
from app.accounts.subjects import subject_of
from app.audit import service as audit
from app.clients.models import Client
from app.core.actors import Actor
from app.core.errors import AppError
from app.sessions import service as sessions
from app.users.models import User

LOGGED_IN = "login"


def enter(
    actor: Actor,
    client: Client,
    user: User,
    *,
    amr: list[str],
    action: str = LOGGED_IN,
    detail: dict[str, Any] | None = None,
) -> LoggedIn:
    """Begin a session of an active user in the unit of work in force, as far as the client's policy lets.

    `amr` says what was proved (RFC 8176). Writes the one audit row of the attempt, `action`, whatever the outcome.
    Raises EmailNotVerified, MfaRequired and MfaEnrollmentRequired, which keep what the unit wrote.
    """
    told = detail or {}
    if client.settings.email_verification == "required" and not user.email_verified:
        _refuse(actor, client, user, EmailNotVerified(), action=action, told=told)
    subject = subject_of(user, client_id=client.client_id, client_version=client.version, settings=client.settings)
    tokens = sessions.start(subject, origin=actor.origin, amr=amr)
    told = told | {"session_id": str(tokens.session_id)}
    audit.record(actor, action, client_id=client.client_id, user_id=user.user_id, detail=told)
    return LoggedIn(user, tokens)


def _refuse(
    actor: Actor, client: Client, user: User, error: AppError, *, action: str, told: dict[str, Any]
) -> NoReturn:
    """Write the audit row of an attempt that begins no session, and raise why."""
    told = told | {"reason": error.code}
    audit.record(actor, action, client_id=client.client_id, user_id=user.user_id, failed=True, detail=told)
    raise error
