"""Turns the credential of every request into an actor and checks it against the guard of the view.

The hook runs before limits and before the body is read.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from flask import Flask, Request, g, request

from app.core import errors, isolation
from app.core.actors import Actor, AnonymousActor, KeyActor, OperatorActor, UserActor
from app.core.admission import Admitted
from app.core.errors import AppError, Named
from app.core.ids import parse_id
from app.core.settings import settings
from app.web import cors, guards, page_session, requests, rights
from app.web.authenticators import FrontDoor
from app.web.guards import Caller, View

_ONE_TIME = "rlk_oc_"
_SCOPE = "rowlock.scope"


def init_app(app: Flask, door: FrontDoor) -> None:
    """Check every request against the guard of its view."""

    def admit() -> None:
        _entered_scope(None)  # whoever's rows it is about: nobody's until the caller is known
        current = request._get_current_object()  # type: ignore[attr-defined]  # once, for it is looked at often
        if current.url_rule is None:
            return
        view, arguments = app.view_functions[current.endpoint], current.view_args
        with _recorded(door):
            g.actor = _admit(current, view, door)
        if "client_id" in arguments:
            arguments["client_id"] = parse_id(arguments["client_id"])
            _entered_scope(arguments["client_id"])

    def confirm() -> contextlib.AbstractContextManager[None]:
        return _confirmed(door)

    app.extensions[guards.CONFIRM] = confirm
    app.before_request(admit)
    app.teardown_request(_left_scope)


def _entered_scope(client_id: UUID | None) -> None:
    """Hold the statements of the rest of this request to the rows of one client, or of nobody (ADR 0012)."""
    _left_scope()
    setattr(g, _SCOPE, isolation.enter(client_id))


def _left_scope(_error: BaseException | None = None) -> None:
    token = g.pop(_SCOPE, None)
    if token is not None:
        isolation.leave(token)


@contextlib.contextmanager
def _recorded(door: FrontDoor) -> Iterator[None]:
    """Sum up a refused credential in the audit log of the client that it names."""
    try:
        yield
    except AppError as error:
        if error.named is not None:
            # On a full disk there is no room for the note; the refusal stands without it.
            with contextlib.suppress(errors.StorageFull):
                door.refused(error.named, requests.origin(), code=error.code)
        raise


@contextlib.contextmanager
def _confirmed(door: FrontDoor) -> Iterator[None]:
    """Tell a caller whose key has ended just that, whatever else a view that counts itself would refuse."""
    with _recorded(door):
        try:
            yield
        except AppError as error:
            if error.named is None:
                door.confirm(g.actor)
            raise


def _admit(current: Request, view: View, door: FrontDoor) -> Actor:
    declared, counted = guards.callers_of(view), not getattr(view, "counts_itself", False)
    if guards.anyone in declared:
        return AnonymousActor(requests.origin())
    if guards.registrant in declared and settings().client_registration == "open":
        return _registering(current, door)
    if guards.enrollee in declared and (_bearer(current) or "").startswith(_ONE_TIME):
        return _enrolling(current, door)
    if guards.enrollee in declared and (half := page_session.half_login(current)) is not None:
        return _enrolling_in_console(current, half, door)
    actor, key = _identify(current, view, door, counted=counted)
    _check_path(current, actor, declared)
    if not counted and isinstance(actor, KeyActor) and not rights.admitted(actor, declared):
        actor = door.confirm(actor)  # what is remembered of its scopes may be old
    if not rights.admitted(actor, declared):
        raise errors.InsufficientScope().of(_named(actor))
    if isinstance(actor, UserActor) and not actor.is_fresh and rights.needs_fresh(actor, declared):
        raise errors.ReauthRequired().of(_named(actor))
    if key is not None and counted:
        door.used(key)
    return actor


def _registering(current: Request, door: FrontDoor) -> Actor:
    """Return who registers a client while anyone may: an operator, else a stranger, whatever key the call carries."""
    bearer, caller = _bearer(current), None
    if bearer is not None and not bearer.startswith("rlk_"):
        caller = door.access_tokens(bearer, requests.origin()).actor
    elif page_session.access_token(current) is not None:
        # Whoever has an old cookie left is a stranger as others are.
        with contextlib.suppress(AppError):
            caller = _in_console(current, door)
    return caller if isinstance(caller, OperatorActor) else AnonymousActor(requests.origin())


def _enrolling(current: Request, door: FrontDoor) -> Actor:
    """Return who sets up a second factor before the first session; such a token works at its own client alone."""
    token = _bearer(current)
    if token is None or "HTTP_X_API_KEY" in current.environ:
        raise errors.AuthenticationRequired("Send an enrollment_token alone.")
    return _enrollee(current, token, door)


def _enrolling_in_console(current: Request, half: page_session.HalfLogin, door: FrontDoor) -> Actor:
    """Return the same where the token is in a cookie."""
    page_session.check_origin(current)
    actor = _enrollee(current, half.token, door)
    page_session.check_login_proof(current, half)
    return actor


def _enrollee(current: Request, token: str, door: FrontDoor) -> Actor:
    client_id = parse_id((current.view_args or {}).get("client_id", ""))
    actor = _entered(door.enrollees(token, requests.origin(), client_id=client_id))
    cors.held_to_origins(actor)
    return actor


def _in_console(current: Request, door: FrontDoor, *, counted: bool = True) -> Actor:
    """Return whose session the console's cookies hold; the call must come from the console's own pages."""
    token = page_session.access_token(current)
    if token is None:
        raise errors.AuthenticationRequired()
    page_session.check_origin(current)
    actor = _entered(door.access_tokens(token, requests.origin(), counted=counted))
    cors.held_to_origins(actor)
    if not isinstance(actor, UserActor):
        raise errors.AuthenticationRequired()
    if actor.impersonator_id is not None:  # an admin acts by a header; the console's own calls know no such session
        raise errors.AuthenticationRequired().of(_named(actor))
    try:
        page_session.check_session_proof(current, actor.session_id)
    except errors.InsufficientScope as unproved:
        raise unproved.of(_named(actor)) from None
    return replace(actor, in_console=True)


def _identify(current: Request, view: View, door: FrontDoor, *, counted: bool) -> tuple[Actor, Actor | None]:
    """Return who calls, and the holder of the key if one was sent.

    A user's token beside an API key means that user through that key.
    """
    origin = requests.origin()
    bearer, header_key = _bearer(current), current.environ.get("HTTP_X_API_KEY")
    if bearer is None and header_key is None:
        return _in_console(current, door, counted=not getattr(view, "spares_console", False)), None
    keys = [secret for secret in (bearer, header_key) if secret is not None and secret.startswith("rlk_")]
    if len(keys) > 1 or (header_key is not None and header_key not in keys):
        raise errors.AuthenticationRequired("Send one key, and at most one access token beside it.")
    token = _entered(door.access_tokens(bearer, origin)) if bearer is not None and bearer not in keys else None
    key = _entered(door.keys(keys[0], origin, counted=counted, beside=token)) if keys else None
    cors.held_to_origins(key, token)
    if token is None:
        assert key is not None  # noqa: S101 - one of the two was sent
        return _at_named_address(current, key), key
    return (token if key is None else _through(token, key)), key


def _entered(admitted: Admitted) -> Actor:
    """Keep what is left of the windows for the answer's headers."""
    g.states = (*g.get("states", ()), *admitted.states)
    return admitted.actor


def _bearer(current: Request) -> str | None:
    header: str | None = current.environ.get("HTTP_AUTHORIZATION")
    if header is None:
        return None
    scheme, _, credential = header.partition(" ")
    if scheme.lower() != "bearer" or not credential or " " in credential:
        raise errors.AuthenticationRequired("Write the credential as `Authorization: Bearer <credential>`.")
    return credential


def _through(token: Actor, key: Actor) -> Actor:
    """Return a user acting through an API key: only with the scopes that both have."""
    if key.client_id != token.client_id:
        raise _foreign(key)
    if isinstance(token, UserActor) and isinstance(key, KeyActor):
        return replace(token, scopes=token.scopes & key.scopes, through_key=key.key)
    return token


def _at_named_address(current: Request, actor: Actor) -> Actor:
    """Let a backend (access key or secret key) name the address of its end user."""
    address = current.environ.get("HTTP_ROWLOCK_CLIENT_IP")
    if address is None or not actor.is_backend:
        g.address_named = False
        return actor
    g.address_named = True
    g.origin = replace(actor.origin, ip_address=requests.named_address(address))
    return replace(actor, origin=g.origin)


def _check_path(current: Request, actor: Actor, declared: tuple[Caller, ...]) -> None:
    """Refuse a credential on another client's path exactly as on an unknown one's."""
    arguments = current.view_args or {}
    if "client_id" not in arguments or isinstance(actor, AnonymousActor):
        return
    wanted = parse_id(arguments["client_id"])
    if wanted == actor.client_id and wanted is not None:
        return
    operates = isinstance(actor, OperatorActor) and actor.through_key is None
    crosses = operates and any(caller.kind == "operator" for caller in declared)
    if not crosses or wanted is None:
        raise _foreign(actor)


def _foreign(actor: Actor) -> AppError:
    return errors.ClientNotFound().of(_named(actor))


def _named(actor: Actor) -> Named:
    if actor.client_id is None:
        raise ValueError("a caller without a credential names nobody")
    impersonator = actor.impersonator_id if isinstance(actor, UserActor) else None
    return Named(actor.client_id, user_id=actor.user_id, key_id=actor.key_id, impersonator_id=impersonator)
