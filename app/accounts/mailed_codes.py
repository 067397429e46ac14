"""What the calls with a mailed code share: a refused one leaves its audit row, and nobody learns who has an account."""

from typing import NoReturn
from uuid import UUID

from app.audit import service as audit
from app.codes import service as codes
from app.codes.errors import InvalidCode
from app.codes.models import LIVES, Code
from app.core import db
from app.core.actors import Actor
from app.core.errors import AppError
from app.core.ids import new_id
from app.users.models import DISABLED, User


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


def void_all(client_id: UUID, user_id: UUID) -> None:
    """Let nothing that a user has pending work any more: links, half-finished logins, ceremonies."""
    codes.void(client_id, user_id, *LIVES)


def subject(user: User | None, *, eligible: bool) -> UUID:
    """Return whom a code is made for: the user, or nobody at all, so that the work is the same."""
    return user.user_id if user is not None and eligible else new_id()


def is_unproved(user: User | None) -> bool:
    """Whether there is a user whose mailbox nobody has proved yet, and who may still do so."""
    return user is not None and not user.email_verified and user.status != DISABLED
