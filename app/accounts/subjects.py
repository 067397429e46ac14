"""Whom tokens are made for: a user under its client's settings and its role's scopes."""

from dataclasses import replace
from uuid import UUID

from app.clients.models import ClientSettings
from app.core.actors import Actor, ConsoleActor, UserActor
from app.roles import service as roles
from app.sessions.models import Subject
from app.users.models import User


def subject_of(
    user: User,
    *,
    client_id: UUID,
    client_version: int,
    settings: ClientSettings,
    scopes: frozenset[str] | None = None,
) -> Subject:
    """Return the subject of a user's tokens; the scopes of its role are read unless they are given."""
    return Subject(
        client_id=client_id,
        client_version=client_version,
        user_id=user.user_id,
        email=user.email,
        role=user.role,
        scopes=roles.scopes_of(client_id, user.role) if scopes is None else scopes,
        access_token_ttl=settings.access_token_ttl,
        session_idle_ttl=settings.session_idle_ttl,
        session_absolute_ttl=settings.session_absolute_ttl,
    )


def told_to(actor: Actor, subject: Subject) -> Subject:
    """Return a subject as the tokens of a caller name it.

    Those of the console sit in cookies, which browsers drop beyond 4,096 bytes, and a role may hold any number of
    scopes: they leave the scopes out. This service reads them live anyway.
    """
    in_cookie = isinstance(actor, ConsoleActor) or (isinstance(actor, UserActor) and actor.in_console)
    return replace(subject, scopes=frozenset()) if in_cookie else subject
