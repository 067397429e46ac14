"""What a new password must be under the policy of its client."""

from app.accounts import mailed_codes
from app.clients.models import Client
from app.core.actors import Actor
from app.users import service as users
from app.users.errors import PasswordRefused
from app.users.models import User


def check(client: Client, password: str, *, field: str, email: str) -> None:
    """Raise PasswordRefused unless a new password meets the client's policy."""
    users.check_password(password, field=field, email=email, client_name=client.client_name, settings=client.settings)


def check_of(actor: Actor, client: Client, user: User, password: str, *, field: str, action: str) -> None:
    """Do the same for a user who has a mailed code; the audit row of a refusal is written apart."""
    try:
        check(client, password, field=field, email=user.email)
    except PasswordRefused as refused:
        reason = refused.extra["reason"]
        mailed_codes.refuse_apart(actor, client.client_id, action, refused, reason=reason, user_id=user.user_id)
