"""R-21: mails over a real mail server that takes them, is down, refuses, or does not let itself be known."""

import ipaddress
import ssl
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from flask import Flask

from app.core import metrics, settings
from app.core.mail_server import parse as mail_server_named
from app.mail import delivery, transport
from app.mail.models import MFA_CHANGED, Brand
from tests.concurrency import at_once
from tests.factories import Operator, Tenant
from tests.mail.sending import deliver, let_time_pass, message, put, row, seconds_until
from tests.support.smtp import PASSWORD, USER, MailServer, closed_port, mail_server


def test_R_21_a_mail_is_handed_over_whole_with_its_own_message_id(app: Flask, smtp: MailServer) -> None:
    mail = message(brand=Brand('Ärzte & Söhne 王, "GmbH"'), texts={"text": "Grüße\n.\nline " + "long " * 400})
    put(app, mail)
    with settings.changed(mail_from="auth@example.com"):
        assert deliver(app, smtp) == 1
    [received] = smtp.mails_to(mail.recipient)
    kept = row(app, mail)
    assert received.sender == '"Ärzte & Söhne 王, \\"GmbH\\"" <auth@example.com>'
    assert received.text.startswith("Grüße\n.\nline long long")
    assert smtp.given[0].isascii()  # whatever a server on the way knows
    assert received.message_id == f"<{kept.message_id}@localhost>"
    assert received.link == mail.link
    assert kept.status == "sent"
    assert b"Auto-Submitted: auto-generated" in smtp.given[0]
    assert deliver(app, smtp) == 0


def test_R_21_while_the_mail_server_is_down_mails_wait_and_then_arrive(app: Flask, smtp: MailServer) -> None:
    mails = [message(), message()]
    put(app, *mails)
    assert deliver(app, f"smtp://127.0.0.1:{closed_port()}") == 2
    for mail in mails:
        kept = row(app, mail)
        assert (kept.status, kept.attempts, kept.last_error) == ("waiting", 1, "connection: ConnectionRefusedError")
        assert 20 < seconds_until(kept.next_attempt_at) < 40
        let_time_pass(app, mail, seconds=40)
    assert deliver(app, smtp) == 2
    assert [len(smtp.mails_to(mail.recipient)) for mail in mails] == [1, 1]


def test_R_21_a_temporary_refusal_is_tried_again(app: Flask, smtp: MailServer) -> None:
    mail = message()
    put(app, mail)
    smtp.text_answer = f"451 4.3.0 not now, {mail.recipient}"
    deliver(app, smtp)
    kept = row(app, mail)
    assert (kept.status, kept.last_error) == ("waiting", "text refused: 451 4.3.0")
    let_time_pass(app, mail, minutes=1)
    smtp.text_answer = "250 OK"
    deliver(app, smtp)
    first, second = smtp.mails_to(mail.recipient)
    assert first.message_id == second.message_id
    assert row(app, mail).status == "sent"


@pytest.mark.parametrize("at", ["recipient", "text"])
def test_R_21_a_final_refusal_is_told_to_the_operator_who_may_retry_it(
    app: Flask, api: httpx.Client, smtp: MailServer, operator: Operator, tenant: Tenant, at: str
) -> None:
    mail = message(client_id=uuid.UUID(tenant.client_id))
    put(app, mail)
    setattr(smtp, f"{at}_answer", f"550 5.1.1 no {mail.recipient} here")
    deliver(app, smtp)
    query = {"status": "dead", "client_id": tenant.client_id}
    shown = operator.platform_call("GET", "/admin/outbox", params=query).json()
    [dead] = shown["items"]
    assert (dead["status"], dead["last_error"], dead["attempts"]) == ("dead", f"{at} refused: 550 5.1.1", 1)
    assert shown["counts"]["dead"] >= 1
    assert mail.recipient not in str(shown)
    retried = operator.platform_call("POST", f"/admin/outbox/{dead['message_id']}/retry")
    assert (retried.status_code, retried.json()["status"], retried.json()["attempts"]) == (200, "waiting", 0)
    [told] = tenant.audit(action="mail.retry")
    assert told["detail"] == {"message_id": dead["message_id"], "kind": mail.kind, "by": "operator"}
    smtp.recipient_answer = smtp.text_answer = "250 OK"
    deliver(app, smtp)
    assert smtp.mails_to(mail.recipient)[-1].message_id == f"<{dead['message_id']}@localhost>"
    again = operator.platform_call("POST", f"/admin/outbox/{dead['message_id']}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_R_21_one_refused_mail_does_not_hold_up_the_others(app: Flask, smtp: MailServer) -> None:
    unlucky, mail = message(recipient="näïve@example.com"), message()
    put(app, unlucky, mail)
    deliver(app, smtp)
    assert len(smtp.mails_to(mail.recipient)) == 1
    assert row(app, mail).status == "sent"
    assert (row(app, unlucky).status, row(app, unlucky).last_error) == ("dead", "not a mail: NonASCIILocalPartDefect")


def test_R_21_attempts_grow_apart_to_a_day_and_end_after_about_three(app: Flask, smtp: MailServer) -> None:
    mail = message()
    put(app, mail)
    smtp.recipient_answer = "450 4.2.1 later"
    waits = []
    while row(app, mail).status == "waiting":
        deliver(app, smtp)
        waits.append(seconds_until(row(app, mail).next_attempt_at))
        let_time_pass(app, mail, hours=25)
    assert len(waits) == delivery.MOST_ATTEMPTS
    grown = waits[:-1]  # the last failure leaves the moment as it was
    assert [round(wait) for wait in grown] == sorted(round(wait) for wait in grown)
    assert 0.7 * 86_400 < max(grown) <= 86_400
    assert 2 * 86_400 < sum(grown) < 4 * 86_400
    assert row(app, mail).status == "dead"


def test_what_is_sent_fails_and_dies_is_counted_by_kind(app: Flask, smtp: MailServer) -> None:
    kind = MFA_CHANGED
    before = [counted(name, kind) for name in ("sent", "failed", "dead")]
    put(app, message(kind=kind))
    deliver(app, smtp)
    smtp.recipient_answer = "550 no"
    put(app, message(kind=kind))
    deliver(app, smtp)
    after = [counted(name, kind) for name in ("sent", "failed", "dead")]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]


def counted(name: str, kind: str) -> float:
    return metrics.everything.get_sample_value(f"mail_{name}_total", {"kind": kind}) or 0.0


def test_R_21_many_senders_at_once_send_each_mail_once(app: Flask, smtp: MailServer) -> None:
    mails = [message() for _ in range(14)]
    put(app, *mails)
    with settings.changed(mail_url=mail_server_named("MAIL_URL", smtp.url)):
        assert sum(at_once(3, lambda _: deliver_here(app))) == 14
    assert [len(smtp.mails_to(mail.recipient)) for mail in mails] == [1] * 14


def deliver_here(app: Flask) -> int:
    with app.app_context():
        return delivery.deliver_due()


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for 127.0.0.1 that nobody trusts yet, and the file that makes it trusted."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = made.add_extension(here, critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    trusted, private = tmp_path / "trusted.pem", tmp_path / "private.pem"
    trusted.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted


def test_a_password_and_mails_go_over_TLS_to_a_server_that_is_known_only(
    app: Flask, smtp: MailServer, certified: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    del smtp
    mail = message()
    put(app, mail)
    context, trusted = certified
    with mail_server(certificate=context) as secured:
        address = f"{USER}:{PASSWORD}@127.0.0.1:{secured.port}?starttls=true"
        deliver(app, f"smtp://{address}")
        assert row(app, mail).last_error == "connection: SSLCertVerificationError"
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        let_time_pass(app, mail, minutes=1)
        deliver(app, f"smtp://{address.replace(PASSWORD, 'wrong')}")
        assert row(app, mail).last_error == "connection: SMTPAuthenticationError 535"
        let_time_pass(app, mail, minutes=5)
        deliver(app, f"smtp://{address}")
        assert secured.logins == [False, False, True]  # refused once by each of two mechanisms
        assert len(secured.mails_to(mail.recipient)) == 1
    assert row(app, mail).status == "sent"


def test_a_server_that_does_not_answer_is_given_up_in_time(
    app: Flask, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "SECONDS", 0.2)
    smtp.seconds = 3
    mail = message()
    put(app, mail)
    deliver(app, smtp)
    assert (row(app, mail).status, row(app, mail).last_error) == ("waiting", "server: SMTPServerDisconnected")
