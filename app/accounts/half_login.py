"""Half a login: what was proved, kept under a one-time code until a second factor completes it or has been set up.

It dies with the password or the address that it was proved by, whoever changes them.
"""

from uuid import UUID

from app.clients.models import Client
from app.codes import service as codes
from app.codes.models import MFA_PENDING, Code
from app.core import clock, crypto, errors
from app.users.models import ACTIVE, Login, User
from app.users.store import UserDirectory


def keep(client: Client, user: User, purpose: str, *, amr: list[str]) -> str:
    """Return the code under which a half login is kept, in the unit of work in force; `amr` is what was proved.

    Several may wait for their second factor: a person logs in on two devices at once.
    """
    login = UserDirectory(client.client_id).find_login_of(user.user_id)
    if login is None:
        raise errors.TokenRevoked()
    payload = {"amr": amr, "email": user.email, "password_version": login.password_version}
    waiting = purpose == MFA_PENDING
    return codes.issue(client.client_id, user.user_id, purpose, payload=payload, keep_earlier=waiting)


def find(client_id: UUID, purpose: str, token: str) -> Login | None:
    """Return the active user of a half login that still stands; spends nothing."""
    if crypto.kind_of(token) != codes.KIND:
        return None
    code = codes.find(client_id, purpose, token)
    login = None if code is None else whose(code)
    return login if login is not None and login.user.status == ACTIVE else None


def whose(code: Code, *, held: bool = False) -> Login | None:
    """Return the user of a half login, disabled or not; None where its password or address is another by now.

    `held`: no other unit of work changes the user until this one ends.
    """
    if code.user_id is None:
        return None
    directory = UserDirectory(code.client_id)
    login = directory.hold_login_of(code.user_id) if held else directory.find_login_of(code.user_id)
    if login is None or login.user.email != code.payload["email"]:
        return None
    return login if login.password_version == code.payload["password_version"] else None


def end(client_id: UUID, login: Login) -> User | None:
    """Note the whole login; None where the user is no longer active."""
    directory, version = UserDirectory(client_id), login.password_version
    return directory.record_login(login.user.user_id, password_version=version, moment=clock.now())
