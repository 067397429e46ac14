"""What a row of a bundle may say, beyond what its columns hold: the rules that its makers would have kept to.

A signature says whose a bundle is, not that everything in it is sound: whoever runs another installation could write
anything. Nothing here makes an operator, leads a browser astray, or lets a login cost minutes.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError

from app.clients.models import ACTIVE, SUSPENDED
from app.clients.service import SLUG
from app.core.errors import AppError, ValidationFailed
from app.core.settings_rules import TIER_NAME
from app.keys import models as key_models
from app.limits.schemas import Overrides
from app.onboarding.settings_schemas import SettingsChange
from app.roles import administration
from app.roles.schemas import MOST_PERMISSIONS, WORD
from app.roles.service import FIXED, SUPER_ADMIN
from app.transfer.models import Header
from app.transfer.row_forms import Misfit, Values
from app.transfer.store import Part
from app.users import foreign_hashes
from app.users.foreign_hashes import HashRefused
from app.users.models import DISABLED, INVITED
from app.web.bodies import check_texts
from app.web.schemas import EmailAddress

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,31}")
_PLAIN_EMAIL = re.compile(r"[a-z0-9][a-z0-9_+-]*(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}")
"""Addresses that are plainly canonical; every other one is looked at by the rules of requests."""
_OWN_HASH = re.compile(r"(?:sha384:)?\$2b\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}")
_TOTP_SEED = re.compile(rb"[A-Z2-7]{16,128}")
_CUSTOM_BYTES = 16 * 1024
_MOST_SUMMED_UP = 120
"""Characters, before which the client's id and a colon go."""
_MOST_LISTED = 100
_EMAIL = EmailAddress()
_SETTINGS, _LIMITS = SettingsChange(), Overrides()
Check = Callable[[Values], None]


def checked(part: Part, given: Mapping[str, Any], header: Header) -> Values:
    """Return the values of a row as columns have them; raises Misfit, whose text repeats nothing of the row."""
    if set(given) & {"client_id"}:
        raise Misfit("a row names no client")
    values = part.form.read(given, missing=_MISSING.get(part.name, {}))
    try:
        check_texts(dict(given))
    except AppError as odd:
        raise Misfit("there is a NUL, a lone surrogate, or too deep a value") from odd
    if part.name != "totp_factors" or header.seeds == "in_clear":
        _CHECKS[part.name](values)
    return values


_MISSING: dict[str, dict[str, Any]] = {"users": {}}
"""Values of columns that older shapes of a table lack: a new column goes in here with what it is for rows of before."""


def _client(values: Values) -> None:
    _must(values["status"] in (ACTIVE, SUSPENDED), "status is none of a client's")
    _must(SLUG.fullmatch(values["slug"]), "slug is none")
    _must(TIER_NAME.fullmatch(values["tier"]), "tier is none")
    _must(values["version"] > 0 and values["limits_epoch"] >= 0, "version counts from 1")
    _must(values["client_name"].strip(), "client_name is empty")
    _must(isinstance(values["settings"], dict) and isinstance(values["limits"], dict), "settings are an object")
    _of_schema(_SETTINGS.validate(values["settings"]), "settings")
    _of_schema(_LIMITS.validate(values["limits"]), "limits")


def _user(values: Values) -> None:
    _must(_is_canonical(values["email"]), "email is not canonical")
    _must(values["role"] != SUPER_ADMIN, "nobody becomes an operator by a bundle")
    _must(values["status"] in (ACTIVE, DISABLED, INVITED), "status is none of a user's")
    name = values["username"]
    _must(name is None or _USERNAME.fullmatch(name), "username is none")
    _must(values["avatar_url"] is None or _leads_to_the_web(values["avatar_url"]), "avatar_url is no address")
    custom = values["custom_fields"]
    _must(isinstance(custom, dict) and _size(custom) <= _CUSTOM_BYTES, "custom_fields is no object of 16 KiB")
    _must(values["password_version"] > 0, "password_version counts from 1")
    _must(values["password_hash"] is None or _is_hash(values["password_hash"]), "password_hash is none that is kept")


def _role(values: Values) -> None:
    _must(administration.NAME.fullmatch(values["name"]) and values["name"] not in FIXED, "name is none of a role's")
    _words(values["permissions"], "permissions")


def _key(values: Values) -> None:
    _must(values["kind"] in key_models.PREFIX_OF, "kind is none of a key's")
    prefix = f"rlk_{key_models.PREFIX_OF[values['kind']]}_"
    _must(values["prefix"].startswith(prefix), "prefix is of another kind")
    _words(values["scopes"], "scopes")
    _must(values["usage_count"] >= 0 and (values["usage_limit"] or 1) > 0, "usage counts from 0")
    windows = values["rate_limit"]
    _must(isinstance(windows, dict), "rate_limit is an object")
    _of_schema(_LIMITS.validate(windows), "rate_limit")
    for name in ("allowed_ips", "allowed_origins"):
        _must(_are_texts(values[name]), f"{name} is a list of texts")


def _totp(values: Values) -> None:
    seeds = [values[name] for name in ("seed", "pending_seed") if values[name] is not None]
    _must(all(_TOTP_SEED.fullmatch(seed) for seed in seeds), "a seed is none")
    _must(values["last_step"] >= 0, "last_step counts from 0")


def _recovery_code(values: Values) -> None:
    _must(values["made_for"] is not None, "made_for is empty")


def _passkey(values: Values) -> None:
    _must(_are_texts(values["transports"]), "transports is a list of texts")
    _must(values["sign_count"] >= 0, "sign_count counts from 0")


def _usage(values: Values) -> None:
    _must(values["period"] in ("hour", "day"), "period is none")
    _must(values["requests"] >= 0 and values["refusals"] >= 0, "uses count from 0")


def _audit(values: Values) -> None:
    _must(values["status"] in ("success", "failed"), "status is none of an audit row's")
    _must(isinstance(values["detail"], dict), "detail is an object")
    _must(values["times"] > 0, "times counts from 1")
    _must(len(values["summed_up_as"] or "") <= _MOST_SUMMED_UP, "summed_up_as is too long")


_CHECKS: dict[str, Check] = {
    "clients": _client,
    "users": _user,
    "roles": _role,
    "keys": _key,
    "totp_factors": _totp,
    "recovery_codes": _recovery_code,
    "passkeys": _passkey,
    "rate_limit_usage": _usage,
    "audit_logs": _audit,
}


def _must(holds: object, otherwise: str) -> None:
    if not holds:
        raise Misfit(otherwise)


def _of_schema(wrong: Mapping[str, Any], name: str) -> None:
    if wrong:
        known = [field for field in wrong if field in {*_SETTINGS.fields, *_LIMITS.fields}]
        raise Misfit(f"{name} hold what cannot be{': ' + ', '.join(sorted(known)) if known else ''}")


def _is_canonical(email: str) -> bool:
    if _PLAIN_EMAIL.fullmatch(email):
        return True
    try:
        return bool(_EMAIL.deserialize(email) == email)
    except (ValidationError, ValidationFailed):
        return False


def _leads_to_the_web(address: str) -> bool:
    try:
        return urlsplit(address).scheme in ("http", "https") and bool(urlsplit(address).hostname)
    except ValueError:
        return False


def _is_hash(stored: str) -> bool:
    """Return whether a hash has a stored form, at a cost that a login may have."""
    if _OWN_HASH.fullmatch(stored):
        return True
    given = stored.removeprefix(foreign_hashes.BCRYPT)
    if stored.startswith(foreign_hashes.BCRYPT_OF_SHA256):
        given = "bcrypt_sha256$" + stored.removeprefix(foreign_hashes.BCRYPT_OF_SHA256)
    try:
        return foreign_hashes.stored_form(given) == stored
    except HashRefused:
        return False


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _MOST_LISTED and all(isinstance(one, str) for one in value)


def _words(value: Any, name: str) -> None:
    fits = isinstance(value, list) and len(value) <= MOST_PERMISSIONS
    _must(fits and all(isinstance(one, str) and WORD.match(one) for one in value), f"{name} are words")
