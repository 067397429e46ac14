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
from marshmallow.fields import Nested

from app.core.errors import AppError, ValidationFailed
from app.keys.models import PREFIX_OF, PUBLISHABLE, SECRET
from app.keys.schemas import KeyChange
from app.onboarding.schemas import ClientChange
from app.roles import administration
from app.roles.schemas import Permissions
from app.roles.service import FIXED, SUPER_ADMIN
from app.transfer.models import Header
from app.transfer.row_forms import Misfit, Values
from app.transfer.store import Part
from app.users import foreign_hashes
from app.users.foreign_hashes import HashRefused
from app.users.models import ACTIVE, DISABLED, INVITED
from app.web.bodies import check_texts
from app.web.schemas import EmailAddress, Schema

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
_CLIENT, _KEY, _ROLE = ClientChange(), KeyChange(), Permissions()
_OF_KEY = ("name", "scopes", "rate_limit", "allowed_ips", "allowed_origins", "usage_limit")
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
    _must(values["version"] > 0 and values["limits_epoch"] >= 0, "version counts from 1")
    _as_kept(_CLIENT, {name: values[name] for name in _CLIENT.fields}, "clients")
    _must(None not in values["settings"].values(), "a setting that is the default is not named")


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
    _as_kept(_ROLE, {"permissions": values["permissions"]}, "roles")


def _key(values: Values) -> None:
    kind = values["kind"]
    _must(kind in PREFIX_OF, "kind is none of a key's")
    _must(values["prefix"].startswith(f"rlk_{PREFIX_OF[kind]}_"), "prefix is of another kind")
    _must(values["usage_count"] >= 0, "usage counts from 0")
    _as_kept(_KEY, {name: values[name] for name in _OF_KEY}, "keys")
    _must(kind == SECRET or not values["scopes"], "only a secret key has scopes")
    _must(kind == SECRET or values["user_id"] is None, "only a secret key is a user's own")
    _must(kind == PUBLISHABLE or not values["allowed_origins"], "only a publishable key is for pages")


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


def _as_kept(schema: Schema, given: Mapping[str, Any], what: str) -> None:
    """Raise Misfit unless a request that gives these values is taken, and they are kept as they are given."""
    try:
        kept = schema.load(dict(given))
    except ValidationError as wrong:
        raise Misfit(f"{_names(wrong.messages_dict, schema)}: not what may be in {what}") from wrong
    differing = [name for name in given if kept[name] != given[name]]
    _must(not differing, f"{', '.join(differing)}: not in the form in which it is kept")


def _names(wrong: Mapping[str, Any], schema: Schema) -> str:
    """Return the fields in which something is wrong, with those within them that the schema knows."""
    known = []
    for name in sorted(wrong.keys() & schema.fields.keys()):
        field = schema.fields[name]
        inner = field.schema.fields.keys() & wrong[name] if isinstance(field, Nested) else ()
        known += [f"{name}.{one}" for one in sorted(inner)] or [name]
    return ", ".join(known)


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
