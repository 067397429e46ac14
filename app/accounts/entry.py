"""The one door from a proof of identity to a session: every flow that logs somebody in goes through it."""

from typing import Any, NoReturn

from app.accounts import half_login
from app.accounts.errors import EmailNotVerified, MfaEnrollmentRequired
from app.accounts.models import LoggedIn
from app.accounts.subjects import subject_of, told_to
from app.audit import service as audit
from app.clients.models import ACTIVE, Client
from app.codes.models import MFA_ENROLLMENT, MFA_PENDING
from app.core.actors import Actor
from app.core.errors import AppError, ClientSuspended, MfaRequired
from app.mfa import passkeys, policy
from app.mfa import service as mfa
from app.mfa.models import MFA, PASSKEY
from app.sessions import service as sessions
from app.users.models import User

LOGGED_IN, SIGNED_UP, ACCEPTED = "login", "signup", "invitation.accept"
_CHANGES = (SIGNED_UP, ACCEPTED)
"""What has made an account or set its password, though a second factor stands before the session."""


class SuspendedForNow(ClientSuspended):
    """The client is suspended, told after the right proof only; the audit row of the attempt stays."""

    keeps_writes = True


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
    Raises ClientSuspended, EmailNotVerified, MfaRequired and MfaEnrollmentRequired, which keep what the unit wrote.
    """
    told, barred = detail or {}, bar(client, user)
    if barred is not None:
        _refuse(actor, client, user, barred, action=action, told=told)
    subject = subject_of(user, client_id=client.client_id, client_version=client.version, settings=client.settings)
    if MFA not in amr:
        _ask_for_factor(actor, client, user, amr=amr, scopes=subject.scopes, action=action, detail=told)
    tokens = sessions.start(told_to(actor, subject), origin=actor.origin, amr=amr)
    told = told | {"session_id": str(tokens.session_id)} | ({"sessions_ended": tokens.ended} if tokens.ended else {})
    audit.record(actor, action, client_id=client.client_id, user_id=user.user_id, detail=told)
    return LoggedIn(user, tokens)


def bar(client: Client, user: User) -> AppError | None:
    """Return what keeps a user out whatever they prove: a suspended client, or an address that is not proved yet."""
    if client.status != ACTIVE:
        return SuspendedForNow()
    unproved = client.settings.email_verification == "required" and not user.email_verified
    return EmailNotVerified() if unproved else None


def _ask_for_factor(
    actor: Actor,
    client: Client,
    user: User,
    *,
    amr: list[str],
    scopes: frozenset[str],
    action: str,
    detail: dict[str, Any],
) -> None:
    """Raise MfaRequired where a user has a second factor, MfaEnrollmentRequired where only the client wants one.

    A factor once enrolled is asked whatever the policy is now. Writes the audit row of the attempt before it raises.
    """
    # Whoever has just signed up was made in this very unit of work, and has none.
    methods = () if action == SIGNED_UP else mfa.methods_of(client.client_id, user.user_id)
    error: AppError
    if methods:
        token = half_login.keep(client, user, MFA_PENDING, amr=amr)
        error = MfaRequired(mfa_token=token, methods=list(methods), **_passkey(client, user, methods, token))
    elif policy.demands(client.settings.mfa_policy, role=user.role, scopes=scopes):
        error = MfaEnrollmentRequired(enrollment_token=half_login.keep(client, user, MFA_ENROLLMENT, amr=amr))
    else:
        return
    _refuse(actor, client, user, error, action=action, told=detail)


def _passkey(client: Client, user: User, methods: tuple[str, ...], token: str) -> dict[str, Any]:
    """Return what a browser asks for a passkey with, where the user has one."""
    if PASSKEY not in methods:
        return {}
    return {"passkey_options": passkeys.second_factor_options(client, user.user_id, mfa_token=token)}


def _refuse(
    actor: Actor, client: Client, user: User, error: AppError, *, action: str, told: dict[str, Any]
) -> NoReturn:
    """Write the audit row of an attempt that begins no session, and raise why."""
    told = told | {"reason": error.code}
    failed = action not in _CHANGES
    audit.record(actor, action, client_id=client.client_id, user_id=user.user_id, failed=failed, detail=told)
    raise error
