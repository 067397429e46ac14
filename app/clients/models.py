"""What other packages see of a client."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

PLATFORM_SLUG = "platform"
ACTIVE, SUSPENDED = "active", "suspended"
_PLATFORM_PASSWORD_MIN_LENGTH = 15


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What a client decides for itself. Times are seconds."""

    password_min_length: int = 8
    """Shortest password, in code points (NIST SP 800-63B-4)."""
    access_token_ttl: int = 30 * 60
    """Life of an access token."""
    session_idle_ttl: int = 7 * 86_400
    """A session ends when it is not refreshed for so long."""
    session_absolute_ttl: int = 30 * 86_400
    """A session ends so long after its login."""
    allowed_origins: tuple[str, ...] = ()
    """Pages from which its users may call with their tokens; none named: no page may read an answer."""
    password_blocklist: tuple[str, ...] = ()
    """Words that no password may consist of, beside the common ones."""
    email_verification: str = "off"
    """`off`: nothing is asked; `optional`: a sign-up is mailed a link; `required`: no login before it was followed."""
    signup: str = "open"
    """`open`: whoever has a key signs people up; `invitation`: only those whom an admin has invited."""
    mfa_policy: str = "optional"
    """`off`: nobody enrols; `optional`; `required_for_admins`; `required`. A factor once enrolled is always asked."""
    redirect_urls: tuple[str, ...] = ()
    """Pages of its own that links in mails may lead to, each by its exact address."""
    passkey_rp_id: str | None = None
    """The domain that passkeys are bound to; None: the host of PUBLIC_URL (WebAuthn, 5.1.2)."""
    passkey_origins: tuple[str, ...] = ()
    """Pages that passkeys are used on; none named: the origin of PUBLIC_URL."""
    sender_name: str | None = None
    """Whom its mails come from; None: the client's name."""
    brand_color: str | None = None
    """The colour of its mails and hosted pages, as `#rrggbb`."""
    mail_texts: dict[str, dict[str, str]] = field(default_factory=dict)
    """By kind of mail, `subject` and `text` in place of the built-in ones."""
    custom_fields_schema: dict[str, Any] | None = None
    """JSON Schema (2020-12) that its users' custom_fields keep to."""


BOUNDS: dict[str, tuple[int, int]] = {
    "password_min_length": (8, 64),
    "access_token_ttl": (60, 3_600),
    "session_idle_ttl": (300, 30 * 86_400),
    "session_absolute_ttl": (300, 90 * 86_400),
}
"""The operator's bounds of each setting that is a number, both ends included."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client's row."""

    client_id: UUID
    client_name: str
    slug: str
    domain: str | None
    industry: str | None
    contact_email: str | None
    status: str
    tier: str
    own_settings: dict[str, Any]
    own_limits: dict[str, Any]
    users_schema_version: int
    version: int
    limits_epoch: int
    created_at: datetime
    updated_at: datetime

    @property
    def is_platform(self) -> bool:
        """Whether this is the built-in client of the operators."""
        return self.slug == PLATFORM_SLUG

    @property
    def settings(self) -> ClientSettings:
        """The settings in force: the client's own over the platform's defaults."""
        return effective_settings(self.own_settings, is_platform=self.is_platform)


_KNOWN = frozenset(one.name for one in fields(ClientSettings))
_LISTS = frozenset({"allowed_origins", "password_blocklist", "redirect_urls", "passkey_origins"})


def effective_settings(own: dict[str, Any], *, is_platform: bool = False) -> ClientSettings:
    """Return a client's settings over the defaults; operators' passwords have at least 15 characters."""
    given: dict[str, Any] = {
        name: tuple(value) if name in _LISTS else value for name, value in own.items() if name in _KNOWN
    }
    settings = ClientSettings(**given)
    if not is_platform:
        return settings
    return replace(settings, password_min_length=max(settings.password_min_length, _PLATFORM_PASSWORD_MIN_LENGTH))
