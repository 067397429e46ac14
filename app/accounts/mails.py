"""The mails of the flows: whom they come from, what they say, and where their links lead.

A link leads to a page of this service, below PUBLIC_URL, or to a page that the client has named by its exact address;
nothing of the request's own headers goes into it. The code sits in the fragment, which no server is ever sent.
"""

from collections.abc import Mapping

from app.clients.models import Client
from app.core import errors
from app.core.settings import settings
from app.mail import service as mail
from app.mail.models import Brand, Message
from app.users.models import User


def send(
    client: Client,
    kind: str,
    recipient: str,
    code: str | None = None,
    page: str | None = None,
    *,
    redirect_to: str | None = None,
    deliverable: bool = True,
    values: Mapping[str, str] | None = None,
) -> None:
    """Put a mail into the outbox, in the unit of work in force; it leaves after the commit.

    `kind` is one of app.mail.models, `page` the hosted page that takes the code. Where the mail is not `deliverable`
    the same work is done, and nothing is ever sent. Raises InvalidRequest where `redirect_to` is no page of the
    client.
    """
    check_redirect(client, redirect_to)
    chosen = client.settings
    mail.enqueue(
        Message(
            client_id=client.client_id,
            kind=kind,
            recipient=recipient,
            link=None if code is None or page is None else _link(client, page, code, redirect_to),
            brand=Brand(name=client.client_name, color=chosen.brand_color, sender_name=chosen.sender_name),
            texts=dict(chosen.mail_texts.get(kind, {})),
            values=dict(values or {}),
            deliverable=deliverable,
        )
    )


def has_room(client: Client, kind: str, recipient: str) -> bool:
    """Whether an address may get another mail of a kind now; asked before a code is made that voids earlier ones."""
    return mail.has_room(client.client_id, kind, recipient)


def named(user: User | None) -> dict[str, str]:
    """Return what a mail may call its recipient."""
    return {"full_name": user.full_name or "" if user else ""}


def check_redirect(client: Client, redirect_to: str | None) -> None:
    """Raise InvalidRequest for a page that the client has not named, letter by letter (RFC 9700, 2.1)."""
    if redirect_to is not None and redirect_to not in client.settings.redirect_urls:
        raise errors.InvalidRequest("redirect_to must be one of the client's redirect_urls, exactly as set there.")


def _link(client: Client, page: str, code: str, redirect_to: str | None) -> str:
    if redirect_to is not None:
        return f"{redirect_to}#token={code}&purpose={page}"
    return f"{settings().public_url}/pages/{client.client_id}/{page}#token={code}"
