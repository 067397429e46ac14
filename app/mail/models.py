"""What other packages see of mails, and what the outbox keeps of one."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

EMAIL_VERIFY, PASSWORD_RESET = "email_verify", "password_reset"
EMAIL_CHANGE, EMAIL_CHANGE_NOTICE = "email_change", "email_change_notice"
EMAIL_CHANGED, EMAIL_CHANGE_ATTEMPT = "email_changed", "email_change_attempt"
INVITATION, SIGNUP_ATTEMPT = "invitation", "signup_attempt"
PASSWORD_CHANGED, MFA_CHANGED = "password_changed", "mfa_changed"
KINDS = (
    EMAIL_VERIFY,
    PASSWORD_RESET,
    EMAIL_CHANGE,
    EMAIL_CHANGE_NOTICE,
    EMAIL_CHANGED,
    EMAIL_CHANGE_ATTEMPT,
    INVITATION,
    SIGNUP_ATTEMPT,
    PASSWORD_CHANGED,
    MFA_CHANGED,
)
PLACEHOLDERS = ("client_name", "email", "full_name", "change", "moment")
"""What a client's own texts may hold in braces."""
WAITING, SENT, DEAD, DISCARDED = "waiting", "sent", "dead", "discarded"
STATUSES = (WAITING, SENT, DEAD, DISCARDED)


@dataclass(frozen=True, slots=True)
class Brand:
    """How a client shows itself: its name, its colour as `#rrggbb`, and whom its mails come from."""

    name: str
    color: str | None = None
    sender_name: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A mail to be sent. With `deliverable` false the same work is done, and nothing is ever sent.

    `texts` may hold `subject` and `text` of the client's own, in which `{client_name}`, `{email}`, `{full_name}`,
    `{change}` and `{moment}` stand for `values` (`full_name`, `change`; the address is the recipient's unless given)
    and for the moment the mail is written.
    """

    client_id: UUID
    kind: str
    recipient: str
    link: str | None
    brand: Brand
    texts: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    deliverable: bool = True


@dataclass(frozen=True, slots=True)
class Content:
    """What of a mail is kept sealed until it is sent."""

    recipient: str
    sender_name: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that this process sends now, until `claimed_until`."""

    message_id: UUID
    client_id: UUID
    kind: str
    sealed: bytes
    attempts: int
    created_at: datetime
    claimed_until: datetime


@dataclass(frozen=True, slots=True)
class OutboxFilter:
    """Which mails to read; None means any."""

    status: str | None = None
    kind: str | None = None
    client_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """What an operator sees of a mail: never its recipient, text or code."""

    message_id: UUID
    client_id: UUID
    kind: str
    status: str
    attempts: int
    last_error: str | None
    created_at: datetime
    next_attempt_at: datetime
    sent_at: datetime | None
