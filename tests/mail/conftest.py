"""What tests of mails share."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.clients.tables import clients
from app.core import db
from app.mail import delivery
from app.mail.tables import outbox
from tests.support.smtp import MailServer, mail_server


@pytest.fixture
def smtp(app: Flask) -> Iterator[MailServer]:
    """A real mail server, and an outbox in which nothing else is due."""
    with app.app_context():
        delivery.deliver_due()
    with mail_server() as server:
        yield server


@pytest.fixture(autouse=True)
def no_mail_of_nobody(request: pytest.FixtureRequest) -> Iterator[None]:
    """Mails of invented clients go with their test: a report of isolation, in the same database, would tell of them."""
    yield
    if "app" in request.fixturenames:
        app: Flask = request.getfixturevalue("app")
        invented = outbox.c.client_id.not_in(select(clients.c.client_id))
        with app.app_context(), db.unit_of_work():
            db.execute(delete(outbox).where(invented))
