"""The first proof of a mailbox: what a stranger set up under somebody's address before must not outlive it."""

from uuid import UUID

from app.accounts import mailed_codes
from app.keys import service as keys
from app.sessions import service as sessions
from app.users.models import User

PROVED = "email.first_proof"


def wipe(client_id: UUID, user: User, keep_session: UUID | None = None) -> int:
    """End the sessions, keys and codes of a user; return how many sessions there were.

    Called in the unit of work that proves the mailbox, where the caller replaces the password. Second factors stay:
    where addresses need not be proved, an account in use may be unproved too, and its mailbox alone must not be the
    way past them. A stranger's keeps the owner out, whom an admin helps; it never lets the stranger in.
    """
    ended = sessions.revoke_all(client_id, user.user_id, keep=keep_session, reason=PROVED)
    keys.delete_of_user(client_id, user.user_id)
    mailed_codes.void_all(client_id, user.user_id)
    return ended
