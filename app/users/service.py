"""Making and changing the users of a client, inside the unit of work in force."""

from typing import Any
from uuid import UUID

from app.core import clock, errors
from app.core.ids import new_id
from app.roles import service as roles
from app.users import password_policy
from app.users.errors import EmailTaken, LastAdmin, UsernameTaken
from app.users.models import ACTIVE, User
from app.users.store import UserDirectory


def create_table(client_id: UUID) -> None:
    """Create a client's users table."""
    UserDirectory(client_id).create_table()


def find(client_id: UUID, user_id: UUID) -> User | None:
    """Return a user, or None."""
    return UserDirectory(client_id).find(user_id)


def add(
    client_id: UUID,
    *,
    email: str,
    password_hash: str,
    role: str = roles.USER,
    full_name: str | None = None,
    username: str | None = None,
    avatar_url: str | None = None,
    custom_fields: dict[str, Any] | None = None,
) -> User:
    """Add a user; raises EmailTaken or UsernameTaken. The table's own indexes decide, so races have one winner."""
    directory, now = UserDirectory(client_id), clock.now()
    user = User(
        user_id=new_id(),
        email=email,
        email_verified=False,
        full_name=full_name,
        username=username,
        avatar_url=avatar_url,
        role=role,
        status=ACTIVE,
        custom_fields=custom_fields or {},
        created_at=now,
        updated_at=now,
        last_login_at=None,
    )
    values = {name: getattr(user, name) for name in User.__slots__}
    if not directory.add({**values, "password_hash": password_hash, "password_version": 1}):
        raise EmailTaken() if directory.find_login(email) is not None else UsernameTaken()
    return user


def check_password(password: str, *, field: str, min_length: int, email: str, client_name: str) -> None:
    """Raise PasswordRefused unless a new password meets the client's policy."""
    password_policy.check(password, field=field, min_length=min_length, email=email, client_name=client_name)


def change_profile(client_id: UUID, user_id: UUID, changes: dict[str, Any]) -> User:
    """Change what a user may change of itself; raises UsernameTaken and NotFound."""
    try:
        user = UserDirectory(client_id).change(user_id, {**changes, "updated_at": clock.now()})
    except errors.Conflict as taken:
        raise UsernameTaken() from taken
    if user is None:
        raise errors.NotFound()
    return user


def delete(client_id: UUID, user: User) -> None:
    """Delete a user's row; raises LastAdmin. The caller holds the client's row, so that two admins cannot both go."""
    directory = UserDirectory(client_id)
    leads = user.role in (roles.ADMIN, roles.SUPER_ADMIN)
    if leads and directory.count_active(user.role) <= 1:
        raise LastAdmin()
    if not directory.delete(user.user_id):
        raise errors.NotFound()
