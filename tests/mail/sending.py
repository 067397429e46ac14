"""Puts mails into the outbox as the flows do, sends them, and lets time pass for them."""

import uuid
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from app.core import clock, db, isolation, mail_server, settings
from app.core.isolation import Crossing
from app.mail import delivery, service
from app.mail.models import EMAIL_VERIFY, Brand, Message
from app.mail.tables import outbox
from tests.factories import fresh_email
from tests.support.smtp import MailServer

CODE = "rlk_oc_sample"
LINK = f"http://localhost:8000/pages/018f3b3e-0000-7000-8000-000000000000/verify-email#token={CODE}"


def message(**fields: Any) -> Message:
    """Return a mail of a client of its own to an address that nobody has."""
    given: dict[str, Any] = {
        "client_id": uuid.uuid4(),
        "kind": EMAIL_VERIFY,
        "recipient": fresh_email(),
        "link": LINK,
        "brand": Brand("Acme"),
    }
    return Message(**given | fields)


def put(app: Flask, *messages: Message) -> None:
    """Put mails into the outbox, in one unit of work."""
    with app.app_context(), isolation.across(Crossing.SHELL), db.unit_of_work():
        for one in messages:
            service.enqueue(one)


def deliver(app: Flask, url: str | MailServer) -> int:
    """Send what is due to a mail server."""
    address = url if isinstance(url, str) else url.url
    with settings.changed(mail_url=mail_server.parse("MAIL_URL", address)), app.app_context():
        return delivery.deliver_due()


def row(app: Flask, mail: Message) -> Any:
    """Return what the outbox keeps of the one mail of its client."""
    with app.app_context(), db.reading():
        return db.execute(select(outbox).where(outbox.c.client_id == mail.client_id)).one()


def rows(app: Flask, mail: Message) -> list[Any]:
    """Return what the outbox keeps of all mails of a client."""
    with app.app_context(), db.reading():
        return list(db.execute(select(outbox).where(outbox.c.client_id == mail.client_id)))


def let_time_pass(app: Flask, mail: Message, **by: float) -> None:
    """Move every moment of a client's mails into the past."""
    kept = [outbox.c[name] for name in ("created_at", "next_attempt_at", "claimed_until", "sent_at")]
    for found in rows(app, mail):
        moved = {column.name: getattr(found, column.name) - timedelta(**by) for column in kept
                 if getattr(found, column.name) is not None}  # fmt: skip
        with app.app_context(), db.unit_of_work():
            db.execute(update(outbox).where(outbox.c.message_id == found.message_id).values(**moved))


def seconds_until(moment: Any) -> float:
    """Return how far off a moment is."""
    left: float = (moment - clock.now()).total_seconds()
    return left
