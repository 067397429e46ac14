"""Passkeys: adding and removing one's own, and logging in with one."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from app.accounts import passkey_enrollment, passkey_login
from app.accounts.errors import EmailNotVerified
from app.accounts.factor_changes import Enroller
from app.accounts.models import LoggedIn, SignedIn
from app.accounts.passkey_schemas import (
    AddedPasskey,
    NewPasskey,
    PasskeyCreationOptions,
    PasskeyList,
    PasskeyLogin,
    PasskeyName,
    PasskeyRequestOptions,
    PasskeyView,
)
from app.accounts.schemas import LoggedIn as LoggedInView
from app.codes.errors import InvalidCode
from app.core.actors import Actor
from app.core.errors import NotFound
from app.limits.errors import AccountLocked
from app.mfa.errors import LastFactor, SecondFactorsOff
from app.mfa.passkey_errors import TooManyPasskeys
from app.mfa.passkey_models import Passkey
from app.users.errors import AccountDisabled
from app.web import page_session, pages
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import client_key, enrollee, fresh, guard, path_client, publishable_key, user
from app.web.limits import per_address

bp = Blueprint("passkeys", __name__, url_prefix=CLIENT, description="Passkeys (WebAuthn): a login without a password.")


@bp.route("/login/passkey/options", methods=["POST"])
@guard(publishable_key, client_key())
@per_address("login_limit")
@bp.response(200, PasskeyRequestOptions)
def begin_passkey_login(actor: Actor) -> dict[str, Any]:
    """Ask for what a browser logs in with: hand it to `navigator.credentials.get()`, and the result to the next call.

    Nobody is named: the person picks the account in the browser.
    """
    return passkey_login.options(path_client(actor.client_id))


@bp.route("/login/passkey", methods=["POST"])
@guard(publishable_key, client_key())
@per_address("login_limit")
@bp.raises(InvalidCode, AccountDisabled, AccountLocked, EmailNotVerified)
@bp.arguments(PasskeyLogin)
@bp.response(200, LoggedInView)
def log_in_with_passkey(data: dict[str, Any], actor: Actor) -> LoggedIn:
    """Log a user in by a passkey alone. It counts as two factors: the device, and what unlocks it.

    An account that is locked after failed logins is locked here too: 423 with `Retry-After`.
    """
    return passkey_login.log_in(actor, path_client(actor.client_id), **data)


@bp.route("/me/passkeys/options", methods=["POST"])
@guard(fresh(user), enrollee)
@bp.raises(SecondFactorsOff, TooManyPasskeys)
@bp.response(200, PasskeyCreationOptions)
def begin_passkey(actor: Enroller) -> dict[str, Any]:
    """Ask for what a browser makes a passkey from: hand it to `navigator.credentials.create()`."""
    return passkey_enrollment.options(actor)


@bp.route("/me/passkeys", methods=["POST"])
@guard(fresh(user), enrollee)
@bp.raises(InvalidCode, SecondFactorsOff, TooManyPasskeys)
@bp.arguments(NewPasskey)
@bp.response(201, AddedPasskey)
def add_passkey(data: dict[str, Any], actor: Enroller) -> dict[str, Any]:
    """Add the passkey that a browser has made. Your other sessions end.

    With your first factor come ten recovery codes, shown here once.
    """
    added = passkey_enrollment.add(actor, **data)
    page_session.forget_half()
    return asdict(added.passkey) | {"recovery_codes": added.recovery_codes}


@bp.route("/me/passkeys")
@guard(user)
@bp.arguments(pages.PageQuery, location="query")
@bp.response(200, PasskeyList)
def list_passkeys(query: dict[str, Any], actor: SignedIn) -> pages.Page:
    """List your passkeys, oldest first; there are at most 20."""
    own = passkey_enrollment.list_own(actor)
    return pages.cut_whole(own, query, f"passkeys:{actor.user}", lambda row: [str(row.passkey_id)])


@bp.route("/me/passkeys/<uuid:id>")
@guard(user)
@bp.raises(NotFound)
@bp.response(200, PasskeyView)
def show_passkey(id: UUID, actor: SignedIn) -> Passkey:
    """Read one of your passkeys."""
    return passkey_enrollment.show(actor, id)


@bp.route("/me/passkeys/<uuid:id>", methods=["PATCH"])
@guard(user)
@bp.raises(NotFound)
@bp.arguments(PasskeyName)
@bp.response(200, PasskeyView)
def rename_passkey(data: dict[str, Any], id: UUID, actor: SignedIn) -> Passkey:
    """Give one of your passkeys another name."""
    return passkey_enrollment.rename(actor, id, **data)


@bp.route("/me/passkeys/<uuid:id>", methods=["DELETE"])
@guard(fresh(user))
@bp.raises(NotFound, LastFactor)
@bp.response(204)
def remove_passkey(id: UUID, actor: SignedIn) -> None:
    """Remove one of your passkeys. Your other sessions end."""
    passkey_enrollment.remove(actor, id)


@bp.route("/me/reauth/options", methods=["POST"])
@guard(user)
@bp.raises(NotFound)
@bp.response(200, PasskeyRequestOptions)
def begin_reauthentication(actor: SignedIn) -> dict[str, Any]:
    """Ask for what a browser proves with, by one of your passkeys, that it is still you: for `POST /me/reauth`."""
    return passkey_enrollment.reauth_options(actor)
