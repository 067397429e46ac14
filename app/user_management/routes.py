"""`/users`: a client's people, for its backend and its admins."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from app.accounts.schemas import SessionPage
from app.core import clock
from app.core.actors import Actor, UserActor
from app.core.errors import Conflict, NotFound
from app.idempotency import service as idempotency
from app.idempotency.errors import AlreadyCreated, IdempotencyMismatch, InProgress
from app.user_management import (
    change,
    creation,
    factor_reset,
    impersonation,
    inviting,
    listing,
    logging_out,
    mailing,
    removal,
)
from app.user_management.errors import InvitationPending
from app.user_management.models import CREATED_AT, UserFilter
from app.user_management.schemas import (
    Deleted,
    DeletedFactors,
    ImpersonationView,
    Invitation,
    MailedLink,
    NewUser,
    Reason,
    Revoked,
    UserChange,
    UserPage,
    UserQuery,
)
from app.users.errors import EmailTaken, LastAdmin, UsernameTaken
from app.users.models import User
from app.users.schemas import UserView
from app.web import pages
from app.web.blueprint import CLIENT, IDEMPOTENCY_KEY, Blueprint
from app.web.guards import admin, client_key, fresh, guard, path_client
from app.web.idempotency_header import idempotency_key

bp = Blueprint("users", __name__, url_prefix=CLIENT, description="Your users: finding, making, changing, ending.")
_READ, _WRITE = "users:read", "users:write"
_REPEATABLE = IDEMPOTENCY_KEY | {
    "description": "Any text of your own, new for each new call. A repeat with the same key and body within 24 hours"
    " makes nobody twice: it answers the user that the first call made (409 `already_created` once that one is gone)."
}


@bp.route("/users")
@guard(client_key(_READ), admin(_READ))
@bp.arguments(UserQuery, location="query")
@bp.response(200, UserPage)
def list_users(query: dict[str, Any], actor: Actor) -> pages.Page:
    """List users, newest first or by e-mail address.

    Who is made while you page is on no page twice; newest first, it is on none that follows.
    """
    client_id, sort, limit = path_client(actor.client_id), query.pop("sort"), query.pop("limit")
    name = f"users:{client_id}:{sort}"
    position = pages.read_cursor(name, query.pop("cursor"))
    rows = listing.page(client_id, UserFilter(**query), sort=sort, position=position, limit=limit)
    return pages.cut(rows, limit, name, lambda row: [_sort_value(row, sort), str(row.user_id)])


@bp.route("/users", methods=["POST"])
@guard(client_key(_WRITE), admin(_WRITE))
@bp.doc(parameters=[_REPEATABLE])
@bp.raises(EmailTaken, UsernameTaken, AlreadyCreated, InProgress, IdempotencyMismatch)
@bp.arguments(NewUser)
@bp.response(201, UserView)
def create_user(data: dict[str, Any], actor: Actor) -> User:
    """Make a user, or invite one: without a password a mail asks whoever reads it to choose one.

    Takes an `Idempotency-Key`: a repeat answers the same user.
    """
    call = idempotency.of_call(actor, route="users", key=idempotency_key(), body=data)
    return creation.create(actor, path_client(actor.client_id), call=call, **data)


@bp.route("/users/<uuid:user_id>")
@guard(client_key(_READ), admin(_READ))
@bp.raises(NotFound)
@bp.response(200, UserView)
def show_user(user_id: UUID, actor: Actor) -> User:
    """Read one of your users."""
    return listing.show(path_client(actor.client_id), user_id)


@bp.route("/users/<uuid:user_id>", methods=["PATCH"])
@guard(client_key(_WRITE), admin(_WRITE))
@bp.raises(NotFound, UsernameTaken, InvitationPending, LastAdmin)
@bp.arguments(UserChange)
@bp.response(200, UserView)
def change_user(data: dict[str, Any], user_id: UUID, actor: Actor) -> User:
    """Change a user; another role or status ends its sessions before this answers, and binds its keys at once.

    You can give only roles that hold no more than you do, and change only users who hold no more. Nobody is active
    without a password: whoever is enabled and has none is `invited` again, by a new mail.
    """
    return change.change(actor, path_client(actor.client_id), user_id, data)


@bp.route("/users/<uuid:user_id>", methods=["DELETE"])
@guard(client_key(_WRITE), admin(_WRITE))
@bp.raises(NotFound, LastAdmin)
@bp.response(200, Deleted)
def delete_user(user_id: UUID, actor: Actor) -> dict[str, Any]:
    """Delete a user with its sessions, tokens, keys and codes; the audit log stays."""
    return {"deleted": removal.delete(actor, path_client(actor.client_id), user_id)}


@bp.route("/users/<uuid:user_id>/invitation", methods=["POST"])
@guard(client_key(_WRITE), admin(_WRITE))
@bp.raises(NotFound, Conflict)
@bp.arguments(Invitation)
@bp.response(202)
def invite_user_again(data: dict[str, Any], user_id: UUID, actor: Actor) -> None:
    """Mail an invited user another invitation; the one before works no more.

    An address gets five such mails in an hour; then none leaves, and the code of the last one stays good.
    """
    inviting.invite_again(actor, path_client(actor.client_id), user_id, **data)


@bp.route("/users/<uuid:user_id>/password/forgot", methods=["POST"])
@guard(client_key(_WRITE), admin(_WRITE))
@bp.raises(NotFound, Conflict)
@bp.arguments(MailedLink)
@bp.response(202)
def mail_user_reset(data: dict[str, Any], user_id: UUID, actor: Actor) -> None:
    """Mail an active user a link that sets a new password; nothing ends before it is used.

    An address gets five such mails in an hour; then none leaves, and the code of the last one stays good.
    """
    mailing.mail_reset(actor, path_client(actor.client_id), user_id, **data)


@bp.route("/users/<uuid:user_id>/email/resend", methods=["POST"])
@guard(client_key(_WRITE), admin(_WRITE))
@bp.raises(NotFound, Conflict)
@bp.arguments(MailedLink)
@bp.response(202)
def mail_user_verification(data: dict[str, Any], user_id: UUID, actor: Actor) -> None:
    """Mail an active user another link that confirms its address, as long as nobody has.

    An address gets five such mails in an hour; then none leaves, and the code of the last one stays good.
    """
    mailing.mail_verification(actor, path_client(actor.client_id), user_id, **data)


@bp.route("/users/<uuid:user_id>/mfa", methods=["DELETE"])
@guard(client_key(_WRITE), fresh(admin(_WRITE)))
@bp.raises(NotFound, Conflict)
@bp.response(200, DeletedFactors)
def reset_user_factors(user_id: UUID, actor: Actor) -> dict[str, Any]:
    """Take all second factors of a user away who has lost them; its sessions end, and a mail tells it.

    Make sure first that it is that person who asks. Where `mfa_policy` asks for a factor, the next login sets one up.
    """
    return {"deleted": {"factors": factor_reset.reset_factors(actor, path_client(actor.client_id), user_id)}}


@bp.route("/users/<uuid:user_id>/sessions")
@guard(client_key(_WRITE), admin(_WRITE))
@bp.raises(NotFound)
@bp.arguments(pages.PageQuery, location="query")
@bp.response(200, SessionPage)
def list_user_sessions(query: dict[str, Any], user_id: UUID, actor: Actor) -> pages.Page:
    """List a user's live sessions, newest first."""
    name = f"sessions:{user_id}"
    position = pages.read_cursor(name, query["cursor"])
    after = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else None
    rows = logging_out.list_live(path_client(actor.client_id), user_id, after=after, limit=query["limit"])
    page = pages.cut(rows, query["limit"], name, lambda row: [clock.rfc3339(row.created_at), str(row.session_id)])
    own = actor.session_id if isinstance(actor, UserActor) else None
    return pages.Page([asdict(row) | {"current": row.session_id == own} for row in page.items], page.next_cursor)


@bp.route("/users/<uuid:user_id>/sessions", methods=["DELETE"])
@guard(client_key(_WRITE), admin(_WRITE))
@bp.raises(NotFound)
@bp.response(204)
def end_user_sessions(user_id: UUID, actor: Actor) -> None:
    """Log a user out everywhere, at once; its keys go on."""
    logging_out.end_all(actor, path_client(actor.client_id), user_id)


@bp.route("/users/<uuid:user_id>/sessions/<uuid:session_id>", methods=["DELETE"])
@guard(client_key(_WRITE), admin(_WRITE))
@bp.raises(NotFound)
@bp.response(204)
def end_user_session(user_id: UUID, session_id: UUID, actor: Actor) -> None:
    """End one of a user's sessions at once."""
    logging_out.end(actor, path_client(actor.client_id), user_id, session_id)


@bp.route("/sessions/revoke-all", methods=["POST"])
@guard(client_key(_WRITE), admin(_WRITE))
@bp.response(200, Revoked)
def end_everyones_sessions(actor: Actor) -> dict[str, int]:
    """Log everyone of your client out, yourself included, at once; keys go on."""
    return {"revoked": logging_out.end_everyones(actor, path_client(actor.client_id))}


@bp.route("/users/<uuid:user_id>/impersonate", methods=["POST"])
@guard(fresh(admin("users:impersonate")))
@bp.raises(NotFound, Conflict)
@bp.arguments(Reason)
@bp.response(200, ImpersonationView)
def impersonate_user(data: dict[str, Any], user_id: UUID, actor: UserActor) -> dict[str, Any]:
    """Act for a user for 15 minutes: see what the user sees, and change nothing.

    The token says who acts (`act`), only reads (GET, HEAD; of the user's scopes it has `read` and each `…:read`), and
    cannot be refreshed. Never for an admin, nor for a user who holds rights beyond `read` and `write` that you do not
    hold: the `missing` ones are in the answer. It is in the audit log, with your reason, and in the user's list of
    sessions.
    """
    user, begun = impersonation.impersonate(actor, path_client(actor.client_id), user_id, **data)
    return {"user": user, "begun": begun}


def _sort_value(row: User, sort: str) -> str:
    return clock.rfc3339(row.created_at) if sort == CREATED_AT else row.email
