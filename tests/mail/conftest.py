"""What tests of mails share."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.mail import delivery
from tests.support.smtp import MailServer, mail_server


@pytest.fixture
def smtp(app: Flask) -> Iterator[MailServer]:
    """A real mail server, and an outbox in which nothing else is due."""
    with app.app_context():
        delivery.deliver_due()
    with mail_server() as server:
        yield server
