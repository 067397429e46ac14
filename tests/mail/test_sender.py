"""The sending thread: a slow mail server keeps neither requests nor other processes from their work."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from app.core import mail_server, settings
from app.mail import sender
from app.mail.sender import Sender
from tests.factories import PASSWORD, Tenant
from tests.mail.sending import deliver, message, put, row
from tests.support.smtp import MailServer

Run = Callable[..., Sender]


@pytest.fixture
def running(app: Flask, smtp: MailServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Start sending threads that send to the mail server, look often and hold nothing back."""
    monkeypatch.setattr(sender, "_HELD_BACK", (0.0, 0.0))
    started: list[Sender] = []

    def run() -> Sender:
        started.append(Sender(app, poll_seconds=0.05))
        started[-1].start()
        return started[-1]

    with settings.changed(mail_url=mail_server.parse("MAIL_URL", smtp.url)):
        yield run
        smtp.seconds = 0
        assert all(thread.stop(seconds=10) for thread in started)


@contextmanager
def sooner_than(seconds: float) -> Iterator[None]:
    """Fail if what is done takes longer."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


def test_R_21_a_slow_mail_server_holds_up_no_request(smtp: MailServer, running: Run, tenant: Tenant) -> None:
    person, other = tenant.sign_up(), tenant.sign_up()
    smtp.seconds = 60
    running()
    assert tenant.call("POST", "/password/forgot", json={"email": person.email}).status_code == 202
    smtp.wait_for(person.email)
    with sooner_than(1.5):  # writes, which on SQLite take turns
        assert tenant.call("POST", "/password/forgot", json={"email": other.email}).status_code == 202
    with sooner_than(1.5):
        body = {"email": other.email, "password": PASSWORD}
        assert tenant.call("POST", "/login", json=body).status_code == 200
    assert smtp.mails_to(other.email) == []


def test_R_21_whoever_ends_amid_slow_mails_leaves_the_others_to_anybody(
    app: Flask, smtp: MailServer, running: Run
) -> None:
    smtp.seconds = 60
    mails = [message() for _ in range(4)]
    put(app, *mails)
    thread = running()
    smtp.wait_for(mails[0].recipient)
    assert not thread.stop(seconds=0.1)  # the mail at hand takes longer than there is time
    assert [row(app, mail).attempts for mail in mails] == [1, 0, 0, 0]
    assert [row(app, mail).claimed_until is None for mail in mails] == [False, True, True, True]
    smtp.seconds = 0
    assert deliver(app, smtp) == 3
    assert thread.stop(seconds=10)
    assert [row(app, mail).status for mail in mails] == ["sent"] * 4
    assert [len(smtp.mails_to(mail.recipient)) for mail in mails] == [1] * 4
