"""How often a code may be guessed: ten wrong ones of a user within an hour, whatever challenge they answer.

A guess is reserved before it is looked at. A right one is handed back, so that only wrong ones count; they are
forgotten an hour after the last of them, so that no hour ever holds more than ten.
"""

from uuid import UUID

from app.core import clock
from app.mfa import store
from app.mfa.errors import TooManyGuesses

MOST = 10
FORGOTTEN_MS = 60 * 60 * 1000


def reserve(client_id: UUID, user_id: UUID) -> None:
    """Count a guess in the unit of work in force; raises TooManyGuesses."""
    now = _now()
    if not store.reserve_guess(client_id, user_id, now=now, forgotten=now - FORGOTTEN_MS, most=MOST):
        until = (store.last_guess(client_id, user_id) or now) + FORGOTTEN_MS
        raise TooManyGuesses("Too many wrong codes.", retry_after=(until - now) / 1000)


def note_wrong(client_id: UUID, user_id: UUID) -> None:
    """Let the reserved guess stand."""
    store.note_wrong(client_id, user_id, now=_now())


def hand_back(client_id: UUID, user_id: UUID) -> None:
    """Take the reserved guess back, which was right."""
    store.hand_back(client_id, user_id)


def _now() -> int:
    return int(clock.now().timestamp() * 1000)
