"""What the calls with a mailed code share: a refused one leaves its audit row, and nobody learns who has an account."""

from typing import NoReturn
from uuid import UUID

from app.accounts import mails
from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.codes import service as codes
from app.codes.errors import InvalidCode
from app.codes.models import LIVES, RESET_PASSWORD, Code
from app.core import db
from app.core.actors import Actor
from app.core.errors import AppError, InvalidRequest
from app.core.ids import new_id
from app.users import service as users
from app.users.errors import AccountDisabled
from app.users.models import DISABLED, INVITED, User

TOO_MANY = "too_many_mails"
FOREIGN = "foreign_redirect"


def client_of(actor: Actor, client_id: UUID, redirect_to: str | None, *, action: str) -> Client:
    """Return the client of a call that sends a mail; raises InvalidRequest for a `redirect_to` that is not its own."""
    with db.reading():
        client = clients.require(client_id)
    check_redirect(actor, client, redirect_to, action=action)
    return client


def check_redirect(actor: Actor, client: Client, redirect_to: str | None, *, action: str) -> None:
    """Write the audit row of a call whose mail would lead elsewhere, and raise InvalidRequest."""
    try:
        mails.check_redirect(client, redirect_to)
    except InvalidRequest as foreign:
        refuse_apart(actor, client.client_id, action, foreign, reason=FOREIGN)


def holder(actor: Actor, client_id: UUID, purpose: str, token: str, *, action: str) -> tuple[Client, User]:
    """Return whom a live code is about, without spending it; raises InvalidCode and ClientNotFound."""
    with db.reading():
        client = clients.require_active(client_id)
        code = codes.find(client_id, purpose, token)
        user = users.find(client_id, code.user_id) if code is not None and code.user_id is not None else None
    if user is None:
        refuse_apart(actor, client_id, action, InvalidCode(), reason=InvalidCode.code)
    return client, user


def redeem(actor: Actor, client_id: UUID, purpose: str, token: str, *, action: str) -> tuple[Code, UUID]:
    """Spend a mailed code in the unit of work in force and return it with its user; raises InvalidCode."""
    try:
        code = codes.redeem(client_id, purpose, token)
    except InvalidCode as wrong:
        refuse(actor, client_id, action, wrong)
    if code.user_id is None:
        raise ValueError("a mailed code belongs to a user")
    return code, code.user_id


def refuse(actor: Actor, client_id: UUID, action: str, error: AppError, *, user_id: UUID | None = None) -> NoReturn:
    """Write the audit row of a failed attempt in the unit of work in force, and raise why."""
    note_failure(actor, client_id, action, error.code, user_id=user_id)
    raise error


def refuse_apart(
    actor: Actor, client_id: UUID, action: str, error: AppError, *, reason: str, user_id: UUID | None = None
) -> NoReturn:
    """Do the same in a unit of work of its own."""
    with db.unit_of_work():
        note_failure(actor, client_id, action, reason, user_id=user_id)
    raise error


def note_failure(actor: Actor, client_id: UUID, action: str, reason: str, *, user_id: UUID | None = None) -> None:
    """Write the audit row of a failed attempt in the unit of work in force."""
    audit.record(actor, action, client_id=client_id, user_id=user_id, failed=True, detail={"reason": reason})


def note_request(actor: Actor, action: str, user: User | None, *, reason: str | None) -> None:
    """Write the audit row of a call for a mail; `reason` is why none leaves, which the caller is never told."""
    detail = {"reason": reason} if reason else {}
    audit.record(actor, action, user_id=user.user_id if user else None, failed=reason is not None, detail=detail)


def why_none(user: User | None) -> str | None:
    """Return why nothing is mailed to an address: nobody has it, or who has it may not use it yet or any more."""
    if user is None:
        return "no_account"
    return {DISABLED: AccountDisabled.code, INVITED: INVITED}.get(user.status)


def void_all(client_id: UUID, user_id: UUID) -> None:
    """Let nothing that a user has pending work any more: links, half-finished logins, ceremonies."""
    codes.void(client_id, user_id, *LIVES)


def subject(user: User | None, *, eligible: bool) -> UUID:
    """Return whom a code is made for: the user, or nobody at all, so that the work is the same."""
    return user.user_id if user is not None and eligible else new_id()


def issue_nobodys(client_id: UUID, email: str) -> None:
    """Make a code that nobody gets, in the unit of work in force: the work of one that somebody does get."""
    codes.issue(client_id, new_id(), RESET_PASSWORD, payload={"email": email})
