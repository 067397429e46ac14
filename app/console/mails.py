"""The mails that the login page asks for: whether there is such a client or address can be told from no answer."""

from collections.abc import Callable

from app.accounts import email_verification, password_reset
from app.clients.models import ACTIVE
from app.console.places import acting_at, find, stand_in
from app.core import db, isolation
from app.core.actors import Origin
from app.users import service as users


def forget_password(origin: Origin, *, client: str, email: str) -> None:
    """Mail a code that resets a password; at an unknown or suspended client the same work is done, and nothing sent."""
    _mail(password_reset.forget, password_reset.send, origin, client=client, email=email)


def resend_verification(origin: Origin, *, client: str, email: str) -> None:
    """Mail another code to an address that waits to be confirmed; elsewhere as forget_password() does."""
    _mail(email_verification.resend, email_verification.send, origin, client=client, email=email)


def _mail(
    ask: Callable[..., None], stand_in_for: Callable[..., bool], origin: Origin, *, client: str, email: str
) -> None:
    """Do what mails a code at a client that is there and active; else the same work, by which nothing is sent."""
    found = find(client)
    if found is not None and found.status == ACTIVE:
        with acting_at(found, origin) as actor:
            ask(actor, found.client_id, email=email)
        return
    elsewhere = stand_in()
    with isolation.within(elsewhere.client_id), db.unit_of_work():
        users.find_by_email(elsewhere.client_id, email)
        stand_in_for(elsewhere, None, email, eligible=False)
