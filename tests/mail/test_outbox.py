"""The outbox: a mail waits, sealed, in the transaction that asks for it; too many for one address are never sent."""

import stat
from pathlib import Path

import pytest
from flask import Flask
from structlog.testing import capture_logs

from app.core import db, settings
from app.mail import service
from app.mail.models import PASSWORD_RESET
from tests import database
from tests.concurrency import at_once
from tests.flows.observing import watched
from tests.mail.sending import CODE, LINK, let_time_pass, message, put, row, rows
from tests.mails import mails_to

NEW_KEY = "Pz8-tYw2_Lq5NdXe7RvKc3Hs9UbMf4Ja6GiOo1T0k"


def test_a_mail_arrives_once_with_its_link(app: Flask) -> None:
    mail = message()
    put(app, mail)
    [received] = mails_to(app, mail.recipient)
    assert (received.subject, received.link) == ("Confirm your e-mail address for Acme", LINK)
    assert (received.code, received.page) == (CODE, "verify-email")
    assert received.sender == "Acme <rowlock@localhost>"
    assert mails_to(app, mail.recipient) == [received]


def test_R_21_a_mail_is_there_only_if_its_transaction_is(app: Flask) -> None:
    mail = message()
    with app.app_context(), pytest.raises(ZeroDivisionError), db.unit_of_work():
        service.enqueue(mail)
        _ = 1 / 0
    assert rows(app, mail) == []
    assert mails_to(app, mail.recipient) == []


def test_LOG_01_what_waits_is_not_readable_and_what_is_sent_is_gone(app: Flask, database_url: str) -> None:
    mail = message()
    put(app, mail)
    assert row(app, mail).sealed is not None
    dumped = database.dump(database_url)
    assert mail.recipient not in dumped
    assert CODE not in dumped
    assert len(mails_to(app, mail.recipient)) == 1
    kept = row(app, mail)
    assert (kept.status, kept.sealed, kept.claimed_until, kept.attempts) == ("sent", None, None, 1)
    assert kept.sent_at >= kept.created_at


def test_without_a_mail_server_mails_are_files_for_their_owner_alone(app: Flask) -> None:
    mail = message()
    put(app, mail)
    assert len(mails_to(app, mail.recipient)) == 1
    with settings.changed() as now:
        [path] = (now.instance_path / "outbox").glob(f"*-{row(app, mail).message_id}.eml")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {one.suffix for one in path.parent.iterdir()} == {".eml"}


def test_LOG_01_the_log_says_where_a_mail_is_and_nothing_of_what_it_says(app: Flask) -> None:
    mail = message()
    put(app, mail)
    with capture_logs() as lines:
        mails_to(app, mail.recipient)
    [line] = [line for line in lines if str(row(app, mail).message_id) in str(line)]
    assert (line["event"], line["log_level"]) == ("mail written", "info")
    assert line["path"].endswith(f"-{row(app, mail).message_id}.eml")
    for secret in (mail.recipient, CODE, "Acme"):
        assert secret not in str(lines)


def test_ACC_04_what_cannot_be_delivered_is_the_same_work_and_never_sent(app: Flask) -> None:
    wanted, unwanted = message(), message(deliverable=False)
    put(app, message())  # fills the caches
    with watched(app) as real:
        put(app, wanted)
    with watched(app) as feigned:
        put(app, unwanted)
    assert feigned.statements == real.statements
    assert len(row(app, unwanted).sealed) == pytest.approx(len(row(app, wanted).sealed), abs=8)
    assert mails_to(app, unwanted.recipient) == []
    assert rows(app, unwanted) == []  # pruned on the way
    assert len(mails_to(app, wanted.recipient)) == 1


def test_RL_08_an_address_gets_five_mails_of_a_kind_in_an_hour(app: Flask) -> None:
    mail = message()
    at_once(12, lambda _: put(app, mail))
    assert sorted(found.status for found in rows(app, mail)) == ["discarded"] * 7 + ["waiting"] * 5
    assert len(mails_to(app, mail.recipient)) == 5
    others = message(recipient=mail.recipient), message(client_id=mail.client_id)
    other_kind = message(client_id=mail.client_id, recipient=mail.recipient, kind=PASSWORD_RESET)
    put(app, mail, *others, other_kind)
    assert len(mails_to(app, mail.recipient)) == 7
    let_time_pass(app, mail, minutes=61)
    put(app, mail)
    assert len(mails_to(app, mail.recipient)) == 8


def test_what_waits_is_sealed_anew_after_a_change_of_keys(app: Flask, tmp_path: Path) -> None:
    mail = message()
    mails_to(app, mail.recipient)
    put(app, mail)
    before, old = row(app, mail).sealed, settings.settings().secret_key
    with app.app_context():
        with settings.changed(secret_key=NEW_KEY, secret_key_fallbacks=(old,)):
            assert sum(service.reseal()) >= 1
            assert sum(service.reseal()) == 0
        assert row(app, mail).sealed != before
        with settings.changed(secret_key=NEW_KEY, instance_path=tmp_path):
            assert len(mails_to(app, mail.recipient)) == 1
        with settings.changed(secret_key=old, secret_key_fallbacks=(NEW_KEY,)):
            sum(service.reseal())  # what other tests have left
