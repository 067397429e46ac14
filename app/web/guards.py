"""Who may call a route: every view carries a guard, and app.web.front_door checks each call against it.

A view without a guard stops the application at start.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g

from app.core import errors

CONFIRM = "rowlock.confirm"
"""The extension under which an application keeps what makes sure of a key's holder that was not counted."""
View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """One kind of caller that a route admits; `scope` if it must hold one, `fresh` if its login must be recent.

    `impersonated`: even where the call changes something, an admin who acts for the user is admitted.
    """

    kind: str
    scope: str | None = None
    fresh: bool = False
    impersonated: bool = False


anyone = Caller("anyone")
"""No credential is looked at."""
registrant = Caller("registrant")
"""Anyone while CLIENT_REGISTRATION is `open`; else an operator."""
access_key = Caller("access_key")
publishable_key = Caller("publishable_key")
user = Caller("user")
operator = Caller("operator")
enrollee = Caller("enrollee")
"""A user who must set up a second factor before the first session; only the calls that do so admit one."""


def client_key(scope: str | None = None) -> Caller:
    """Admit an access key, or a secret API key with the scope (any secret key if none is named)."""
    return Caller("api_key", scope)


def admin(scope: str | None = None) -> Caller:
    """Admit a user whose role has the scope (the role admin if none is named)."""
    return Caller("admin", scope or "admin")


def fresh(caller: Caller) -> Caller:
    """Admit the caller only within five minutes of a login or re-authentication."""
    return replace(caller, fresh=True)


def also_impersonated(caller: Caller) -> Caller:
    """Admit the caller though an admin acts for it; without this such a token only reads (GET, HEAD)."""
    return replace(caller, impersonated=True)


def guard(*callers: Caller, counts_itself: bool = False, spares_console: bool = False) -> Callable[[View], View]:
    """Declare who may call a view; outermost decorator. The view gets `actor` (and `client_id` if it names it).

    A view that `counts_itself` gets a caller whose key may come out of memory, and confirms it as it counts. One that
    `spares_console` uses up nothing of the windows of a user who calls by the console's cookies; it has its own limit.
    """

    def declare(view: View) -> View:
        wants_client = "client_id" in inspect.signature(view).parameters
        wants_actor = "actor" in inspect.signature(view).parameters

        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not wants_client:
                kwargs.pop("client_id", None)
            if wants_actor:
                kwargs["actor"] = g.actor
            return (_confirming if counts_itself else _call)(view, args, kwargs)

        guarded.callers = callers  # type: ignore[attr-defined]
        guarded.counts_itself = counts_itself  # type: ignore[attr-defined]
        guarded.spares_console = spares_console  # type: ignore[attr-defined]
        guarded._apidoc = {**getattr(view, "_apidoc", {}), "guard": callers}  # type: ignore[attr-defined]
        return guarded

    return declare


def callers_of(view: View) -> tuple[Caller, ...]:
    """Return whom a view admits; () if it carries no guard."""
    declared: tuple[Caller, ...] = getattr(view, "callers", ())
    return declared


def check_all_guarded(app: Flask) -> None:
    """Stop the application if a route says nothing of who may call it."""
    bare = sorted(name for name, view in app.view_functions.items() if not callers_of(view))
    if bare:
        raise RuntimeError(f"views without a guard: {', '.join(bare)}")


def path_client(value: UUID | None) -> UUID:
    """Return the client id of the path; raises ClientNotFound where it was not one."""
    if value is None:
        raise errors.ClientNotFound()
    return value


def _call(view: View, args: Any, kwargs: Any) -> Any:
    return view(*args, **kwargs)


def _confirming(view: View, args: Any, kwargs: Any) -> Any:
    """Call a view that counts itself; where it fails first, the caller learns that its key has ended, not why."""
    with current_app.extensions[CONFIRM]():
        return view(*args, **kwargs)
