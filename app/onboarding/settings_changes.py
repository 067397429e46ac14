"""A change of a client's settings: what contradicts what, and what the audit log repeats of it."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from app.clients.models import Client, ClientSettings, bounds, effective_settings
from app.core import web_origins
from app.core.errors import ValidationFailed
from app.core.settings import settings

OPERATORS_OWN = frozenset({"mfa_policy"})
"""Settings of the platform client that only an operator changes."""
_PASSKEYS = ("passkey_rp_id", "passkey_origins")


def merged(before: Client, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client's own settings after a change; null takes one back to the default.

    Raises ValidationFailed for a value outside the operator's bounds, and for settings that contradict each other.
    """
    own = {name: value for name, value in {**before.own_settings, **changes}.items() if value is not None}
    wrong = contradictions(own, changes, is_platform=before.is_platform)
    if wrong:
        raise ValidationFailed({f"settings.{name}": [message] for name, message in wrong.items()})
    return own


def contradictions(own: Mapping[str, Any], changed: Iterable[str], *, is_platform: bool = False) -> dict[str, str]:
    """Return by name what is wrong with settings together, of those that were changed; a default gives way in silence.

    `own` are the settings after the change.
    """
    changed = set(changed)
    after = effective_settings(own, is_platform=is_platform)
    wrong = _outside_bounds(own, changed, is_platform=is_platform)
    if own.get("session_idle_ttl", 0) > after.session_absolute_ttl:
        wrong.setdefault("session_idle_ttl", f"At most session_absolute_ttl, which is {after.session_absolute_ttl}.")
    if is_platform and "signup" in changed and own.get("signup", after.signup) != after.signup:
        wrong["signup"] = "Nobody signs up as an operator: `flask operators create` makes them."
    if changed & set(_PASSKEYS) and own.keys() & set(_PASSKEYS):
        wrong |= _misplaced_passkeys(after, changed)
    return wrong


def told(before: Mapping[str, Any], after: Mapping[str, Any], changed: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return for the audit log each setting that has another value than before, with both; null is the default.

    Of what is long, or a secret of a kind, only how much of it changed is told.
    """
    return {
        name: _told_of(name, before.get(name), after.get(name))
        for name in sorted(changed)
        if before.get(name) != after.get(name)
    }


def _told_of(name: str, old: Any, new: Any) -> dict[str, Any]:
    if name == "mail_texts":
        old, new = old or {}, new or {}
        return {"changed": sorted(kind for kind in {*old, *new} if old.get(kind) != new.get(kind))}
    if name == "password_blocklist":
        words, kept = set(old or ()), set(new or ())
        return {"added": len(kept - words), "removed": len(words - kept)}
    return {"changed": True} if name == "custom_fields_schema" else {"old": old, "new": new}


def _outside_bounds(own: Mapping[str, Any], changed: set[str], *, is_platform: bool) -> dict[str, str]:
    return {
        name: f"Here it is from {least} to {most}."
        for name, (least, most) in bounds(is_platform=is_platform).items()
        if name in changed and name in own and not least <= own[name] <= most
    }


def _misplaced_passkeys(after: ClientSettings, changed: set[str]) -> dict[str, str]:
    """Return what is wrong where a page that passkeys are used on is not of their domain (WebAuthn, 5.1.2)."""
    public_url = settings().public_url
    domain = after.passkey_rp_id or urlsplit(public_url).hostname or ""
    origins = after.passkey_origins or (web_origins.of_address(public_url) or public_url,)
    strangers = [origin for origin in origins if not _is_within(urlsplit(origin).hostname or "", domain)]
    if not strangers:
        return {}
    field = next((name for name in _PASSKEYS if name in changed), _PASSKEYS[0])
    return {field: f"Passkeys of {domain} cannot be used on {strangers[0]}: change passkey_rp_id and passkey_origins."}


def _is_within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
