"""How a mail leaves: by SMTP to the server that MAIL_URL names, else as a file."""

import os
import re
import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Self
from uuid import UUID

import structlog

from app.core.mail_server import MailServer, domain_of
from app.core.settings import settings
from app.mail.models import Content

SECONDS = 15
"""How long the mail server may take for one answer."""
_SEVEN_BITS = SMTP.clone(cte_type="7bit")
"""No mail server on the way need know 8BITMIME (RFC 6152)."""
_MOST_PER_CONNECTION = 20
"""Many servers close after so and so many."""
_PERMANENT, _CLOSING = range(500, 600), 421
_ENHANCED = re.compile(rb"\s*([45]\.\d{1,3}\.\d{1,3})\b")
_log = structlog.get_logger()


class NotSent(Exception):
    """A mail that did not leave. `reason` is short and quotes nothing that the server has said of its recipient."""

    def __init__(self, reason: str, *, permanent: bool = False, whole: bool = False) -> None:
        """Say whether trying again is in vain, and whether it is the server, so that no other mail leaves either."""
        super().__init__(reason)
        self.reason, self.permanent, self.whole = reason, permanent, whole


class Link:
    """Sends mails over one connection, made when there is the first one; after whatever breaks it the next is fresh."""

    def __init__(self) -> None:
        """Begin without a connection."""
        self._link: smtplib.SMTP | None = None
        self._sent = 0

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self._close()

    def send(self, message_id: UUID, created_at: datetime, content: Content) -> None:
        """Send a mail, as a file where there is no MAIL_URL; raises NotSent."""
        server, mail = settings().mail_url, _mail(message_id, created_at, content)
        if server is None:
            _write_file(message_id, created_at, mail)
            return
        if self._sent == _MOST_PER_CONNECTION:
            self._close()
        self._link = self._link or _connected(server)
        try:
            _send(self._link, content.recipient, mail)
            self._sent += 1
        except BaseException as wrong:
            if not isinstance(wrong, NotSent) or wrong.whole:
                self._close()
            raise

    def _close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link, self._sent = None, 0


def _mail(message_id: UUID, created_at: datetime, content: Content) -> bytes:
    """Return a mail with the same headers at each attempt (RFC 5322); raises NotSent if it cannot be written."""
    try:
        return _composed(message_id, created_at, content).as_bytes()
    except ValueError as wrong:  # an address or a text that no header can hold
        raise NotSent(f"not a mail: {type(wrong).__name__}", permanent=True) from wrong


def _composed(message_id: UUID, created_at: datetime, content: Content) -> EmailMessage:
    mail = EmailMessage(policy=_SEVEN_BITS)
    mail["From"] = Address(content.sender_name, addr_spec=settings().mail_from)
    mail["To"] = Address(addr_spec=content.recipient)
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(created_at)
    mail["Message-ID"] = f"<{message_id}@{domain_of(settings().public_url)}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note is wanted
    mail.set_content(content.text)
    mail.add_alternative(content.html, subtype="html")
    return mail


def _write_file(message_id: UUID, created_at: datetime, mail: bytes) -> None:
    """Write a mail into the instance folder, for its owner alone; once more writes the same file."""
    folder = settings().instance_path / "outbox"
    path = folder / f"{created_at:%Y%m%dT%H%M%S.%f}-{message_id}.eml"
    fresh = folder / f".{message_id}.{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(fresh, mail)
        fresh.replace(path)
    except OSError as wrong:
        raise NotSent(f"file: {type(wrong).__name__}") from wrong
    _log.info("mail written", path=str(path), advice="set MAIL_URL to have mails sent")


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _connected(server: MailServer) -> smtplib.SMTP:
    """Return a connection, encrypted and logged in as MAIL_URL asks; whatever goes wrong may be right next time."""
    link: smtplib.SMTP | None = None
    place = server.host, server.port, domain_of(settings().public_url)
    try:
        if server.tls:
            link = smtplib.SMTP_SSL(*place, timeout=SECONDS, context=ssl.create_default_context())
        else:
            link = smtplib.SMTP(*place, timeout=SECONDS)
        if server.starttls:
            link.starttls(context=ssl.create_default_context())
        if server.username is not None and server.password is not None:
            link.login(server.username, server.password)
    except (OSError, smtplib.SMTPException) as wrong:
        if link is not None:
            link.close()
        raise NotSent(f"connection: {_named(wrong)}", whole=True) from wrong
    return link


def _send(link: smtplib.SMTP, recipient: str, mail: bytes) -> None:
    try:
        link.sendmail(settings().mail_from, [recipient], mail)
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        raise NotSent(_answered("recipient", code, said), permanent=code in _PERMANENT) from refused
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
        part, code = "sender" if isinstance(refused, smtplib.SMTPSenderRefused) else "text", refused.smtp_code
        reason = _answered(part, code, refused.smtp_error)
        raise NotSent(reason, permanent=code in _PERMANENT, whole=code == _CLOSING) from refused
    except smtplib.SMTPNotSupportedError as wrong:
        raise NotSent(f"server: {_named(wrong)}", permanent=True) from wrong
    except (OSError, smtplib.SMTPException) as wrong:
        raise NotSent(f"server: {_named(wrong)}", whole=True) from wrong


def _answered(part: str, code: int, said: bytes | str) -> str:
    """Return an answer's code and enhanced code (RFC 3463); its text may hold the address."""
    enhanced = _ENHANCED.match(said if isinstance(said, bytes) else said.encode())
    return f"{part} refused: {code}{' ' + enhanced[1].decode() if enhanced else ''}"


def _named(wrong: Exception) -> str:
    code = getattr(wrong, "smtp_code", None)
    return f"{type(wrong).__name__}{f' {code}' if code else ''}"
