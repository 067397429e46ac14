"""Mails as their recipients see them: what the outbox holds for an address is delivered, then read."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from flask import Flask

from app.core.settings import settings
from app.mail import delivery

_LINK = re.compile(r"https?://\S+#token=\S+")


@dataclass(frozen=True)
class ReceivedMail:
    """A mail that has arrived."""

    recipient: str
    sender: str
    subject: str
    text: str
    html: str
    message_id: str

    @property
    def link(self) -> str:
        """The link that carries a code; '' if there is none."""
        found = _LINK.search(self.text)
        return found[0] if found else ""

    @property
    def code(self) -> str:
        """The code in the link's fragment; '' if there is none."""
        return self._fragment("token")

    @property
    def page(self) -> str:
        """The page that the link is for, wherever it leads: `verify-email`, `reset-password`, …"""
        return self._fragment("purpose") or urlsplit(self.link).path.rpartition("/")[2]

    def _fragment(self, name: str) -> str:
        return parse_qs(urlsplit(self.link).fragment).get(name, [""])[0]


def mails_to(app: Flask, address: str) -> list[ReceivedMail]:
    """Deliver what is due (into files: the tests have no MAIL_URL) and return an address's mails, the oldest first."""
    with app.app_context():
        delivery.deliver_due()
    files = sorted((settings().instance_path / "outbox").glob("*.eml"))
    return [mail for mail in map(_read, files) if mail.recipient == address]


def parsed(raw: bytes) -> ReceivedMail:
    """Return a mail as its recipient's program shows it."""
    mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
    texts = [part for part in mail.walk() if not part.is_multipart()]
    parts = {part.get_content_type(): str(part.get_content()).replace("\r\n", "\n") for part in texts}
    recipient, sender, subject, message_id = (str(mail[name]) for name in ("To", "From", "Subject", "Message-ID"))
    return ReceivedMail(recipient, sender, subject, parts["text/plain"], parts["text/html"], message_id)


@lru_cache(maxsize=4096)
def _read(path: Path) -> ReceivedMail:
    return parsed(path.read_bytes())
