"""Making and changing the users of a client, inside the unit of work in force."""

from typing import Any
from uuid import UUID

from app.clients.models import ClientSettings
from app.core import clock, errors
from app.core.ids import new_id
from app.roles import service as roles
from app.users import password_policy
from app.users.errors import EmailTaken, LastAdmin, UsernameTaken
from app.users.models import ACTIVE, User
from app.users.store import UserDirectory


def create_table(client_id: UUID) -> int:
    """Create a client's users table, in the unit of work in force; return the version it was born at."""
    return UserDirectory(client_id).create_table()


def count(client_id: UUID) -> int:
    """Return how many users a client has."""
    return UserDirectory(client_id).count()


def delete_some(client_id: UUID, *, limit: int) -> int:
    """Delete some users of a client that is being erased, in no order; return how many."""
    return UserDirectory(client_id).delete_some(limit)


def drop_table(client_id: UUID) -> None:
    """Drop a client's users table, with everybody in it, in the unit of work in force."""
    UserDirectory(client_id).drop_table()


def find(client_id: UUID, user_id: UUID) -> User | None:
    """Return a user, or None."""
    return UserDirectory(client_id).find(user_id)


def has_password(client_id: UUID, user_id: UUID) -> bool:
    """Return whether a user has set a password; one who is only invited, or came by an import, may have none."""
    login = UserDirectory(client_id).find_login_of(user_id)
    return login is not None and login.password_hash is not None


def hold(client_id: UUID, user_id: UUID) -> User | None:
    """Return a user whom no other unit of work changes until this one ends, or None."""
    login = UserDirectory(client_id).hold_login_of(user_id)
    return None if login is None else login.user


def add(
    client_id: UUID,
    *,
    email: str,
    password_hash: str | None,
    role: str = roles.USER,
    status: str = ACTIVE,
    email_verified: bool = False,
    full_name: str | None = None,
    username: str | None = None,
    avatar_url: str | None = None,
    custom_fields: dict[str, Any] | None = None,
) -> User:
    """Add a user; raises EmailTaken or UsernameTaken. The table's own indexes decide, so races have one winner."""
    directory = UserDirectory(client_id)
    user = _new_user(
        email=email,
        role=role,
        status=status,
        email_verified=email_verified,
        full_name=full_name,
        username=username,
        avatar_url=avatar_url,
        custom_fields=custom_fields or {},
    )
    if not directory.add(_row(user, password_hash)):
        raise EmailTaken() if directory.find_login(email) is not None else UsernameTaken()
    return user


def find_or_add(client_id: UUID, *, email: str, password_hash: str, **profile: Any) -> tuple[User, bool]:
    """Return the user with an address and whether it was added just now; the work is the same either way.

    `profile` holds no username: an address is the only thing that can be taken.
    """
    directory = UserDirectory(client_id)
    values = {"full_name": None, "avatar_url": None, "custom_fields": {}, **profile}
    added = directory.add(_row(_new_user(email=email, role=roles.USER, username=None, **values), password_hash))
    user = directory.find_by_email(email)
    if user is None:
        raise errors.TemporarilyUnavailable(retry_after=1)  # it was deleted between the two statements
    return user, added


def _new_user(*, status: str = ACTIVE, email_verified: bool = False, **given: Any) -> User:
    now = clock.now()
    return User(
        **given,
        user_id=new_id(),
        email_verified=email_verified,
        status=status,
        created_at=now,
        updated_at=now,
        last_login_at=None,
    )


def _row(user: User, password_hash: str | None) -> dict[str, Any]:
    values = {name: getattr(user, name) for name in User.__slots__}
    return {**values, "password_hash": password_hash, "password_version": 1}


def find_by_email(client_id: UUID, email: str) -> User | None:
    """Return the user with a canonical e-mail, or None."""
    return UserDirectory(client_id).find_by_email(email)


def prove_mailbox(
    client_id: UUID,
    user_id: UUID,
    *,
    email: str,
    password_hash: str | None = None,
    profile: dict[str, Any] | None = None,
    first: bool = False,
) -> User | None:
    """Note that a mailbox is the user's, who is active from here on; with a password and a profile if given.

    A username that somebody has by now is left out. None where the user is gone, disabled, or has another address,
    and where the proof was to be the `first` and another came before. Raises Conflict where somebody takes the username
    at this very moment; a second try then leaves it out.
    """
    directory, values = UserDirectory(client_id), dict(profile or {})
    if values.get("username") is not None and directory.has_username(values["username"]):
        del values["username"]
    values["updated_at"] = clock.now()
    return directory.prove_mailbox(user_id, email=email, values=values, password_hash=password_hash, first=first)


def is_unused(user: User) -> bool:
    """Whether a user has never logged in, and has nothing but what every sign-up gets."""
    return user.last_login_at is None and (user.role, user.status) == (roles.USER, ACTIVE)


def change_email(client_id: UUID, user_id: UUID, *, email: str, expected: str) -> User | None:
    """Put a proved address in place of another; None where that is not the active user's any more.

    Raises Conflict for a taken one, after which the unit of work can only roll back.
    """
    return UserDirectory(client_id).change_email(user_id, email=email, expected=expected, moment=clock.now())


def check_password(password: str, *, field: str, email: str, client_name: str, settings: ClientSettings) -> None:
    """Raise PasswordRefused unless a new password meets the client's policy."""
    password_policy.check(
        password,
        field=field,
        min_length=settings.password_min_length,
        blocklist=settings.password_blocklist,
        email=email,
        client_name=client_name,
    )


def change(client_id: UUID, user_id: UUID, changes: dict[str, Any]) -> User:
    """Change columns of a user; raises UsernameTaken and NotFound."""
    try:
        user = UserDirectory(client_id).change(user_id, {**changes, "updated_at": clock.now()})
    except errors.Conflict as taken:
        raise UsernameTaken() from taken
    if user is None:
        raise errors.NotFound()
    return user


def check_not_last_admin(client_id: UUID, user: User) -> None:
    """Raise LastAdmin where nobody else leads the client.

    The caller holds the client's row and has read the user since, so that two admins cannot both go.
    """
    leads = user.role in (roles.ADMIN, roles.SUPER_ADMIN) and user.status == ACTIVE
    if leads and UserDirectory(client_id).count_active(user.role) <= 1:
        raise LastAdmin()


def delete(client_id: UUID, user_id: UUID) -> User:
    """Delete a user's row and return what it was; raises LastAdmin (see check_not_last_admin) and NotFound."""
    directory = UserDirectory(client_id)
    user = directory.find(user_id)
    if user is None:
        raise errors.NotFound()
    check_not_last_admin(client_id, user)
    directory.delete(user_id)
    return user


def count_of_role(client_id: UUID, role: str) -> int:
    """Return how many users hold a role, active or not."""
    return UserDirectory(client_id).count_of_role(role)
