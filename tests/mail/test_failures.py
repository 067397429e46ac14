"""R-21: one mail that cannot be sent costs no other mail anything, whatever is wrong with it."""

import json

from flask import Flask
from sqlalchemy import update

from app.core import crypto, db
from app.mail import delivery
from app.mail.models import Message
from app.mail.tables import outbox
from tests.mail.sending import deliver, let_time_pass, message, put, row
from tests.support.smtp import MailServer


def change(app: Flask, mail: Message, **values: object) -> None:
    """Change what the outbox keeps of a mail."""
    with app.app_context(), db.unit_of_work():
        db.execute(update(outbox).where(outbox.c.client_id == mail.client_id).values(**values))


def test_R_21_a_mail_that_nobody_can_read_fails_alone_and_dies(app: Flask, smtp: MailServer) -> None:
    broken, others = message(), [message() for _ in range(3)]
    put(app, broken, *others)
    strange = json.dumps({"recipient": broken.recipient, "of_another_version": 1}).encode()
    bound_to = f"{broken.client_id}/{row(app, broken).message_id}"
    change(app, broken, sealed=crypto.seal("outbox", strange, bound_to=bound_to))
    assert deliver(app, smtp) == 4
    assert [(row(app, mail).status, row(app, mail).attempts) for mail in others] == [("sent", 1)] * 3
    kept = row(app, broken)
    assert (kept.status, kept.attempts, kept.last_error) == ("waiting", 1, "unexpected: TypeError")
    assert kept.claimed_until is None
    while row(app, broken).status == "waiting":
        let_time_pass(app, broken, hours=25)
        assert deliver(app, smtp) == 1
    assert (row(app, broken).status, row(app, broken).attempts) == ("dead", delivery.MOST_ATTEMPTS)


def test_R_21_a_mail_that_no_process_survives_dies_before_it_is_read_again(app: Flask, smtp: MailServer) -> None:
    deadly, mail = message(), message()
    put(app, deadly, mail)
    let_time_pass(app, deadly, hours=1)
    change(app, deadly, attempts=delivery.MOST_ATTEMPTS, claimed_until=row(app, deadly).next_attempt_at)
    deliver(app, smtp)
    assert (row(app, deadly).status, row(app, deadly).last_error) == ("dead", "no attempt came to an end")
    assert smtp.mails_to(deadly.recipient) == []
    assert row(app, mail).status == "sent"


def test_R_21_a_server_that_hangs_up_on_one_mail_gets_the_others(app: Flask, smtp: MailServer) -> None:
    first, unlucky, *others = mails = [message() for _ in range(5)]
    put(app, *mails)
    smtp.hangs_up_on = unlucky.recipient
    assert deliver(app, smtp) == 5
    assert [row(app, mail).status for mail in (first, *others)] == ["sent"] * 4
    assert [row(app, mail).attempts for mail in mails] == [1] * 5
    kept = row(app, unlucky)
    assert (kept.status, kept.last_error) == ("waiting", "server: SMTPServerDisconnected")
    let_time_pass(app, unlucky, minutes=1)
    smtp.hangs_up_on = ""
    assert deliver(app, smtp) == 1
    assert len(smtp.mails_to(unlucky.recipient)) == 1


def test_R_21_a_server_that_is_away_is_tried_with_two_mails_and_the_others_lose_no_attempt(
    app: Flask, smtp: MailServer
) -> None:
    mails = [message() for _ in range(5)]
    put(app, *mails)
    smtp.text_answer = "421 4.3.2 closing"
    assert deliver(app, smtp) == 2
    assert [row(app, mail).attempts for mail in mails] == [1, 1, 0, 0, 0]
    assert [row(app, mail).claimed_until for mail in mails] == [None] * 5
    smtp.text_answer = "250 OK"
    assert deliver(app, smtp) == 3
    for mail in mails[:2]:
        let_time_pass(app, mail, minutes=1)
    assert deliver(app, smtp) == 2
    assert [row(app, mail).status for mail in mails] == ["sent"] * 5
