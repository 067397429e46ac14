"""`/me`: a user's own account."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from app.accounts import own_sessions, password_change, profile, reauthentication
from app.accounts.mfa_schemas import Reauthentication
from app.accounts.models import SignedIn
from app.accounts.password_check import InvalidCredentials
from app.accounts.schemas import PasswordChange, SessionPage
from app.codes.errors import InvalidCode
from app.core import clock
from app.core.errors import InsufficientScope, NotFound
from app.limits.errors import AccountLocked
from app.mfa.errors import TooManyGuesses
from app.users.errors import LastAdmin, UsernameTaken
from app.users.models import User
from app.users.schemas import ProfileChange, UserView
from app.web import pages
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import fresh, guard, user

bp = Blueprint("me", __name__, url_prefix=f"{CLIENT}/me", description="A user's own account.")


@bp.route("")
@guard(user)
@bp.response(200, UserView)
def show_me(actor: SignedIn) -> User:
    """Read your own account."""
    return actor.profile


@bp.route("", methods=["PATCH"])
@guard(user)
@bp.raises(UsernameTaken)
@bp.arguments(ProfileChange)
@bp.response(200, UserView)
def change_me(data: dict[str, Any], actor: SignedIn) -> User:
    """Change your own profile; fields that are not sent stay."""
    return profile.change(actor, data)


@bp.route("", methods=["DELETE"])
@guard(fresh(user))
@bp.raises(LastAdmin)
@bp.response(204)
def delete_me(actor: SignedIn) -> None:
    """Delete your own account with its sessions, tokens and keys."""
    profile.delete(actor)


@bp.route("/reauth", methods=["POST"])
@guard(user)
@bp.raises(InvalidCredentials, InvalidCode, AccountLocked, TooManyGuesses)
@bp.arguments(Reauthentication)
@bp.response(204)
def reauthenticate(data: dict[str, Any], actor: SignedIn) -> None:
    """Prove who you are again: the session is fresh for five minutes. The console has a call of its own for it.

    Whoever has a second factor sends a code beside the password, or a passkey's answer alone; without one it is 401
    `mfa_required` with the `methods` that you have.
    """
    if actor.in_console:
        raise InsufficientScope("In the console a proof begins a new session: POST /api/v1/console/session/reauth.")
    reauthentication.reauthenticate(actor, **data)


@bp.route("/password", methods=["POST"])
@guard(user)
@bp.raises(InvalidCredentials, AccountLocked)
@bp.arguments(PasswordChange)
@bp.response(204)
def change_password(data: dict[str, Any], actor: SignedIn) -> None:
    """Change your password; all your other sessions end."""
    password_change.change_password(actor, **data)


@bp.route("/sessions")
@guard(user)
@bp.arguments(pages.PageQuery, location="query")
@bp.response(200, SessionPage)
def list_sessions(query: dict[str, Any], actor: SignedIn) -> pages.Page:
    """List your live sessions, newest first."""
    name = f"sessions:{actor.user}"
    position = pages.read_cursor(name, query["cursor"])
    after = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else None
    rows = own_sessions.list_live(actor, after=after, limit=query["limit"])
    page = pages.cut(rows, query["limit"], name, lambda row: [clock.rfc3339(row.created_at), str(row.session_id)])
    shown = [asdict(row) | {"current": row.session_id == actor.session_id} for row in page.items]
    return pages.Page(shown, page.next_cursor)


@bp.route("/sessions/<uuid:session_id>", methods=["DELETE"])
@guard(user)
@bp.raises(NotFound)
@bp.response(204)
def end_session(session_id: UUID, actor: SignedIn) -> None:
    """End one of your sessions at once."""
    own_sessions.end(actor, session_id)
