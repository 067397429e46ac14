"""Verification, recovery, e-mail change and invitation: what is sent by mail, and what comes back from it."""

from typing import Any
from uuid import UUID

from flask import Response

from app.accounts import email_change, email_verification, invitation, password_reset
from app.accounts.errors import MfaEnrollmentRequired, MfaRequired
from app.accounts.models import LoggedIn, SignedIn
from app.accounts.schemas import Acceptance, MailAddressed, MailedCode, PasswordReset
from app.accounts.schemas import LoggedIn as LoggedInView
from app.clients.models import Client
from app.codes.errors import InvalidCode
from app.core.actors import Actor
from app.core.errors import ClientNotFound
from app.roles import service as roles
from app.users.models import User
from app.web import console_pages
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import anyone, client_key, fresh, guard, path_client, publishable_key, user
from app.web.limits import in_all, per_address

bp = Blueprint("recovery", __name__, url_prefix=CLIENT, description="What is proved by mail.")


@bp.route("/email/verify", methods=["POST"])
@guard(anyone)
@per_address("code_limit")
@bp.raises(InvalidCode, ClientNotFound)
@bp.arguments(MailedCode)
@bp.response(204)
def verify_email(data: dict[str, Any], client_id: UUID | None, actor: Actor) -> None:
    """Confirm the e-mail address of an account by the code of its mail."""
    email_verification.verify(actor, path_client(client_id), **data)


@bp.route("/email/resend", methods=["POST"])
@guard(publishable_key, client_key())
@per_address("recovery_limit")
@in_all("recovery_global_limit", per_client=True)
@bp.arguments(MailAddressed)
@bp.response(202)
def resend_verification(data: dict[str, Any], actor: Actor) -> Response:
    """Mail another code to an address that waits to be confirmed; the answer is the same for every other.

    An address gets five such mails in an hour; then none leaves, and the code of the last one stays good.
    """
    email_verification.resend(actor, path_client(actor.client_id), **data)
    return _accepted()


@bp.route("/password/forgot", methods=["POST"])
@guard(publishable_key, client_key())
@per_address("recovery_limit")
@in_all("recovery_global_limit", per_client=True)
@bp.arguments(MailAddressed)
@bp.response(202)
def forget_password(data: dict[str, Any], actor: Actor) -> Response:
    """Mail a code that resets a password; the answer is the same for an address that nobody has.

    An address gets five such mails in an hour; then none leaves, and the code of the last one stays good.
    """
    password_reset.forget(actor, path_client(actor.client_id), **data)
    return _accepted()


@bp.route("/password/reset", methods=["POST"])
@guard(anyone)
@per_address("code_limit")
@bp.raises(InvalidCode, ClientNotFound)
@bp.arguments(PasswordReset)
@bp.response(204)
def reset_password(data: dict[str, Any], client_id: UUID | None, actor: Actor) -> None:
    """Set a new password by the code of a mail; all sessions end, and the second factor is still asked for.

    A password that the client's policy refuses (422) leaves the code good. To whoever helps to run the client the
    header Link names the console's login.
    """
    password_reset.reset(actor, path_client(client_id), proved=_offer_console, **data)


@bp.route("/me/email", methods=["POST"])
@guard(fresh(user))
@per_address("recovery_limit")
@bp.arguments(MailAddressed)
@bp.response(202)
def change_email(data: dict[str, Any], actor: SignedIn) -> Response:
    """Mail a code to a new address of yours, and a notice to the old one, which stays yours until the code is back.

    An address gets five such mails in an hour; then none leaves, and the code of the last one stays good.
    """
    email_change.request(actor, **data)
    return _accepted()


@bp.route("/me/email/confirm", methods=["POST"])
@guard(anyone)
@per_address("code_limit")
@bp.raises(InvalidCode, ClientNotFound)
@bp.arguments(MailedCode)
@bp.response(204)
def confirm_email(data: dict[str, Any], client_id: UUID | None, actor: Actor) -> None:
    """Take the new address by the code of its mail; all sessions but the one that asked for it end."""
    email_change.confirm(actor, path_client(client_id), **data)


@bp.route("/invitations/accept", methods=["POST"])
@guard(anyone)
@per_address("code_limit")
@bp.raises(InvalidCode, ClientNotFound, MfaRequired, MfaEnrollmentRequired)
@bp.arguments(Acceptance)
@bp.response(200, LoggedInView)
def accept_invitation(data: dict[str, Any], client_id: UUID | None, actor: Actor) -> LoggedIn:
    """Set your password by the code of an invitation, and log in.

    To whoever helps to run the client the header Link names the console's login.
    """
    return invitation.accept(actor, path_client(client_id), proved=_offer_console, **data)


def _offer_console(client: Client, user: User) -> None:
    if roles.runs_something(roles.scopes_of(client.client_id, user.role)):
        console_pages.offer_login(client.slug)


def _accepted() -> Response:
    """Return an answer that says nothing, not even `null`."""
    answer = Response(status=202)
    del answer.headers["Content-Type"]
    return answer
