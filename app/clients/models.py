"""What other packages see of a client."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.settings import Settings
from app.core.settings import settings as operators

PLATFORM_SLUG = "platform"
PROBE_SLUGS = "isolation-probe-"
"""How the slugs of the throw-away clients begin that an isolation report is made with; nobody else's slug may."""
ACTIVE, SUSPENDED, ERASING = "active", "suspended", "erasing"
"""An erasing client is gone for everybody but the operators' lists: its rows are just being deleted."""
BY_CREATION, BY_NAME, BY_STORAGE = "created_at", "name", "storage"
"""The orders that clients are listed in: newest first, upwards, largest first."""
DEFAULT, PLATFORM, CLIENT = "default", "platform", "client"
"""The levels that the value of a setting comes from: built in, the operator's, the client's own."""
EMAIL_VERIFICATIONS = ("off", "optional", "required")
SIGNUPS = ("open", "invitation")
MFA_POLICIES = ("off", "optional", "required_for_admins", "required")
MAIL_KINDS = (
    "email_verify",
    "password_reset",
    "email_change",
    "email_change_notice",
    "email_changed",
    "email_change_attempt",
    "invitation",
    "signup_attempt",
    "password_changed",
    "mfa_changed",
)
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
"""How far each setting that is a number can go at all, both ends included; CLIENT_BOUNDS narrows it."""


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
    def is_erasing(self) -> bool:
        """Whether it is being erased: whoever asks for it by name finds nothing any more."""
        return self.status == ERASING

    @property
    def settings(self) -> ClientSettings:
        """The settings in force: the client's own over the defaults."""
        return effective_settings(self.own_settings, is_platform=self.is_platform)


_BUILT_IN = asdict(ClientSettings())
_BUILT_IN_OF_PLATFORM = _BUILT_IN | {"password_min_length": _PLATFORM_PASSWORD_MIN_LENGTH, "signup": "invitation"}
_LISTS = frozenset(name for name, value in _BUILT_IN.items() if isinstance(value, tuple))


def effective_settings(own: Mapping[str, Any], *, is_platform: bool = False) -> ClientSettings:
    """Return a client's settings in force: its own over the operator's defaults over those built in."""
    if not own:
        return _of_operator(is_platform=is_platform).settings
    return _settings_of(levels(own, is_platform=is_platform))


def chosen(name: str, own: Mapping[str, Any], *, is_platform: bool = False) -> Any:
    """Return one setting in force, where a call needs no other."""
    base = _of_operator(is_platform=is_platform)
    if name not in own or name in base.fixed:
        return base.levels[name][0]
    return _own_level(name, own[name], base)[0]


def levels(own: Mapping[str, Any], *, is_platform: bool = False) -> dict[str, tuple[Any, str]]:
    """Return by name the value of each setting in force and the level it comes from.

    A number outside the operator's bounds, set before they were, counts as the nearest one within. Operators'
    passwords have at least 15 characters, and nobody signs up as one.
    """
    base = _of_operator(is_platform=is_platform)
    found = dict(base.levels)
    for name, value in own.items():
        if name in found and name not in base.fixed:
            found[name] = _own_level(name, value, base)
    return found


def bounds(*, is_platform: bool = False) -> Mapping[str, tuple[int, int]]:
    """Return what each setting that is a number may be, as the operator has narrowed it, both ends included."""
    return _of_operator(is_platform=is_platform).bounds


@dataclass(frozen=True, slots=True)
class _Base:
    """What holds for clients without settings of their own, under one version of the operator's settings."""

    under: Settings
    levels: dict[str, tuple[Any, str]]
    bounds: dict[str, tuple[int, int]]
    fixed: frozenset[str]
    settings: ClientSettings


_bases: dict[bool, _Base] = {}


def _of_operator(*, is_platform: bool) -> _Base:
    """Return the base under the settings in force; every call with a token asks for it, so it is worked out once."""
    now, known = operators(), _bases.get(is_platform)
    if known is None or known.under is not now:
        known = _bases[is_platform] = _base(now, is_platform=is_platform)
    return known


def _own_level(name: str, value: Any, base: _Base) -> tuple[Any, str]:
    return _within(name, (tuple(value) if name in _LISTS else value, CLIENT), base.bounds)


def _base(under: Settings, *, is_platform: bool) -> _Base:
    within = BOUNDS | dict(under.client_bounds)
    built_in, fixed = _BUILT_IN, frozenset[str]()
    if is_platform:
        least, most = within["password_min_length"]
        floor = max(least, _PLATFORM_PASSWORD_MIN_LENGTH)
        within["password_min_length"] = (floor, max(most, floor))
        built_in, fixed = _BUILT_IN_OF_PLATFORM, frozenset({"signup"})
    found = {name: (value, DEFAULT) for name, value in built_in.items()}
    for name, value in under.client_defaults.items():
        if name in found and name not in fixed:
            found[name] = (tuple(value) if name in _LISTS else value, PLATFORM)
    found = {name: _within(name, level, within) for name, level in found.items()}
    return _Base(under, found, within, fixed, _settings_of(found))


def _within(name: str, level: tuple[Any, str], within: Mapping[str, tuple[int, int]]) -> tuple[Any, str]:
    """Return a value with its level; outside the bounds it is the nearest one within, and the operator's."""
    if name not in within:
        return level
    least, most = within[name]
    value = min(max(level[0], least), most)
    return level if value == level[0] else (value, PLATFORM)


def _settings_of(found: Mapping[str, tuple[Any, str]]) -> ClientSettings:
    return ClientSettings(**{name: value for name, (value, _) in found.items()})
