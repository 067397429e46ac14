"""What each hosted page says and does: which call it makes, and what it asks for first."""

from dataclasses import dataclass
from uuid import UUID

from app.clients import service as clients
from app.clients.models import Client
from app.core import db


@dataclass(frozen=True, slots=True)
class HostedPage:
    """One page. `call` is its path below the client; `asks` for a new password or for nothing but a click.

    `leads_on`: at its end it says where to log in, and tells whoever helps to run the client where the console is.
    """

    heading: str
    lead: str
    button: str
    call: str
    done: str
    asks: str | None = None
    leads_on: bool = False


PAGES = {
    "verify-email": HostedPage(
        heading="Confirm your e-mail address",
        lead="There is an account at {client} with your address, made by you or for you. Confirm that the address is"
        " yours. If you know of no such account, close this page.",
        button="Confirm my address",
        call="/email/verify",
        done="Your address is confirmed. You can close this page and log in.",
    ),
    "change-email": HostedPage(
        heading="Confirm your new e-mail address",
        lead="From now on you will log in to {client} with this address.",
        button="Use this address",
        call="/me/email/confirm",
        done="Your new address is in use. You can close this page; your other devices have been logged out.",
    ),
    "reset-password": HostedPage(
        heading="Choose a new password",
        lead="It replaces the password of your {client} account. All your devices will be logged out.",
        button="Save the new password",
        call="/password/reset",
        done="Your new password is saved. You can close this page and log in with it.",
        asks="new_password",
        leads_on=True,
    ),
    "accept-invitation": HostedPage(
        heading="Join {client}",
        lead="You have been invited. Choose a password and your account is ready.",
        button="Join",
        call="/invitations/accept",
        done="Your account is ready. You can close this page and log in with your e-mail address and this password.",
        asks="password",
        leads_on=True,
    ),
}


def open_client(client_id: UUID) -> Client:
    """Return the client whose page this is; raises ClientNotFound, for a suspended one too."""
    with db.reading():
        return clients.require_active(client_id)
