"""Checking a password: the attempt is reserved and committed, then the hash is compared with no connection held."""

import contextlib
from collections.abc import Iterator
from uuid import UUID

from app.core import db
from app.core.errors import AppError, TemporarilyUnavailable
from app.limits import login_throttle
from app.users import passwords
from app.users.models import Login
from app.users.store import UserDirectory


class InvalidCredentials(AppError):
    """A wrong address or password; the answer does not say which."""

    status, code, title = 401, "invalid_credentials", "The e-mail address or the password is wrong."
    advice = "Check both and try again; after five failures each try must wait."
    keeps_writes = True


def reserve(client_id: UUID, email: str) -> Login | None:
    """Count an attempt and return what the password is checked against; raises AccountLocked."""
    with db.unit_of_work():
        login_throttle.reserve(client_id, email)
        return UserDirectory(client_id).find_login(email)


def is_right(client_id: UUID, email: str, *, password: str, login: Login | None) -> bool:
    """Return whether a password is the user's; an unknown user costs the same work. Raises TemporarilyUnavailable."""
    with attempt_handed_back(client_id, email):
        return passwords.verify(password, login.password_hash if login else None)


@contextlib.contextmanager
def attempt_handed_back(client_id: UUID, email: str) -> Iterator[None]:
    """Hash under a reserved attempt: where the hashing queue is full (503), the attempt does not count."""
    try:
        yield
    except TemporarilyUnavailable:
        login_throttle.hand_back(client_id, email)
        raise


def better_hash(password: str, login: Login) -> str | None:
    """Return a hash at the current cost if the stored one is cheaper; None also where the hashing queue is full."""
    if login.password_hash is None or not passwords.is_outdated(login.password_hash):
        return None
    try:
        return passwords.hash_password(password)
    except TemporarilyUnavailable:
        return None  # the next login will do
