"""Deleting a user."""

from uuid import UUID

from app.accounts import deletion
from app.audit import service as audit
from app.clients import service as clients
from app.core import db
from app.core.actors import Actor
from app.user_management import rights


def delete(actor: Actor, client_id: UUID, user_id: UUID) -> dict[str, int]:
    """Delete a user with everything that names it, and return how much of each kind; the audit log stays.

    Raises NotFound, BeyondOwnRights and LastAdmin.
    """
    with db.unit_of_work():
        clients.lock(client_id)
        user = rights.require(client_id, user_id)
        rights.check_over(actor, client_id, user, action=deletion.DELETED)
        deleted = deletion.delete_user(client_id, user_id)
        detail = {"role": user.role, "deleted": deleted}
        audit.record(actor, deletion.DELETED, client_id=client_id, user_id=user_id, detail=detail)
    return deleted
