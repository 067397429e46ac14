"""A real mail server (aiosmtpd) on a port of its own, which keeps what it is given and answers as it is told to."""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.mails import ReceivedMail, parsed

USER, PASSWORD = "post", "8wZt2NvR5xYb7K"
_TAKEN = "250 Taken"


@dataclass
class MailServer:
    """What a mail server was given. Its answers to a recipient and to a text, and how slow it is, may be set."""

    port: int = 0
    recipient_answer: str = "250 OK"
    text_answer: str = _TAKEN
    seconds: float = 0.0
    """Until its answer to a text. Less of it lets go those that wait already."""
    hangs_up_on: str = ""
    """The recipient whose text it does not answer."""
    given: list[bytes] = field(default_factory=list)
    """Every text received, whatever was answered."""
    logins: list[bool] = field(default_factory=list)
    """Each login, and whether it was encrypted."""
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """What MAIL_URL is to be."""
        return f"smtp://127.0.0.1:{self.port}"

    def mails_to(self, address: str) -> list[ReceivedMail]:
        """Return what came for an address."""
        with self._arrived:
            mails = [parsed(raw) for raw in self.given]
        return [mail for mail in mails if mail.recipient == address]

    def wait_for(self, address: str, count: int = 1, *, seconds: float = 15) -> list[ReceivedMail]:
        """Wait until so many mails have come for an address."""
        deadline = time.monotonic() + seconds
        while len(found := self.mails_to(address)) < count:
            assert time.monotonic() < deadline, f"{len(found)} mails for {address}"
            with self._arrived:
                self._arrived.wait(0.2)
        return found

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient or not."""
        if self.recipient_answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep a text, then answer in good time."""
        if self.hangs_up_on in envelope.rcpt_tos and server.transport is not None:
            server.transport.close()
            return _TAKEN
        with self._arrived:
            self.given.append(envelope.original_content or b"")
            self._arrived.notify_all()
        begun = time.monotonic()
        while time.monotonic() < begun + self.seconds:
            await asyncio.sleep(0.02)
        return self.text_answer

    def authenticate(
        self, _server: SMTP, session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        """Check a login (RFC 4954)."""
        right = data == LoginPassword(USER.encode(), PASSWORD.encode())
        self.logins.append(right and session.ssl is not None)
        return AuthResult(success=right, handled=False)


class _Controller(Controller):
    """A controller that lets the kernel choose the port."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def mail_server(*, certificate: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """Run a mail server; with a certificate it asks for STARTTLS and a login."""
    inbox = MailServer()
    secured: dict[str, Any] = {}
    if certificate is not None:
        secured = {"tls_context": certificate, "require_starttls": True, "auth_required": True}
        secured |= {"authenticator": inbox.authenticate, "auth_require_tls": True}
    controller = _Controller(inbox, hostname="127.0.0.1", port=0, **secured)
    controller.start()
    inbox.port = controller.port
    try:
        yield inbox
    finally:
        controller.stop()


def closed_port() -> int:
    """Return a port that nobody listens on: it was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
