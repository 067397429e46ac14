"""What a new password must be under the policy of its client."""

from app.clients.models import Client
from app.users import service as users


def check(client: Client, password: str, *, field: str, email: str) -> None:
    """Raise PasswordRefused unless a new password meets the client's policy."""
    users.check_password(password, field=field, email=email, client_name=client.client_name, settings=client.settings)
