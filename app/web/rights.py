"""Whether the guard of a view admits a caller."""

from flask import request

from app.core.actors import Actor, ClientActor, EnrolleeActor, KeyActor, OperatorActor, UserActor
from app.web.guards import Caller


def admitted(actor: Actor, declared: tuple[Caller, ...]) -> bool:
    """Return whether a guard admits a caller."""
    return any(_admits(caller, actor) for caller in declared)


def needs_fresh(actor: Actor, declared: tuple[Caller, ...]) -> bool:
    """Return whether a guard admits a caller only after a recent proof of identity."""
    return all(caller.fresh for caller in declared if _admits(caller, actor))


def _admits(caller: Caller, actor: Actor) -> bool:
    if isinstance(actor, UserActor) and actor.impersonator_id is not None and not (caller.impersonated or _reads()):
        return False
    match caller.kind, actor:
        case "access_key", ClientActor():
            return True
        case "api_key", ClientActor():
            return True
        case "api_key", KeyActor(publishable=False):
            # Where no scope is asked for, a user's own key opens nothing of its client.
            return actor.owner is None or _names_no_client() if caller.scope is None else caller.scope in actor.scopes
        case "publishable_key", KeyActor(publishable=True):
            return True
        case "enrollee", EnrolleeActor():
            return True
        case (("operator" | "registrant"), OperatorActor()):
            return actor.through_key is None
        case "admin", UserActor():
            return caller.scope in actor.scopes
        case "user", UserActor():
            return actor.through_key is None or _method_scope() in actor.scopes
    return False


def _names_no_client() -> bool:
    return "client_id" not in (request.view_args or {})


def _method_scope() -> str:
    """Return the scope that a key beside a user's token needs for the user's own calls."""
    return "read" if _reads() else "write"


def _reads() -> bool:
    return request.method in ("GET", "HEAD")
