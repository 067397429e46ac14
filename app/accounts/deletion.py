"""Deleting a user with everything that names it; only the audit log stays."""

from uuid import UUID

from app.codes import service as codes
from app.keys import service as keys
from app.mfa import service as mfa
from app.sessions import service as sessions
from app.users import service as users

DELETED = "user.delete"


def delete_user(client_id: UUID, user_id: UUID) -> dict[str, int]:
    """Delete a user in the unit of work in force, and return how much of each kind went with it.

    The caller holds the client's row (clients.lock) and writes the audit row. Raises LastAdmin and NotFound.
    """
    users.delete(client_id, user_id)
    deleted = sessions.delete_of_user(client_id, user_id, reason=DELETED)
    deleted["keys"] = keys.delete_of_user(client_id, user_id)
    deleted["codes"] = codes.delete_of_user(client_id, user_id)
    deleted["factors"] = mfa.delete_of_user(client_id, user_id)
    return deleted
