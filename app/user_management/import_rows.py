"""Checks the rows of a file, each by itself: what they say is a user, and what of them may be repeated."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import ValidationError

from app.clients import custom_fields
from app.clients.models import Client
from app.core import clock
from app.core.errors import ValidationFailed
from app.user_management.import_files import Record
from app.user_management.import_models import Errors, Row
from app.user_management.import_schemas import ImportedUser
from app.users import foreign_hashes
from app.users.foreign_hashes import HashRefused
from app.web.bodies import flattened

_SCHEMA = ImportedUser()
KNOWN = frozenset(_SCHEMA.fields)
_HASH = "password_hash"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")
"""What the name of a field that is not known may look like to be repeated: a name, hardly anybody's secret."""
_MOST_NAMED = 10
_SAID_BY_ITSELF = {"password": ["Only hashes are taken: send password_hash."]}


def checked(records: Iterable[Record], client: Client) -> Iterator[Row]:
    """Yield each record as the columns of a user, or with all that is wrong with it."""
    for record in records:
        yield Row(record.line, errors=_repeatable(record.errors)) if record.errors else _checked(record, client)


def _checked(record: Record, client: Client) -> Row:
    try:
        values: dict[str, Any] = _SCHEMA.load(record.fields)
        errors: Errors = {}
    except ValidationError as wrong:
        values = wrong.valid_data if isinstance(wrong.valid_data, dict) else {}
        errors = flattened(wrong.messages)
    errors |= _beyond_shape(values, client)
    email = values.get("email")
    if errors:
        return Row(record.line, errors=_repeatable(errors), email=email)
    return Row(record.line, values, email=email)


def _beyond_shape(values: dict[str, Any], client: Client) -> Errors:
    """Return what is wrong with fields that have the right shape; puts the hash into its stored form."""
    wrong: Errors = {}
    if values.get("created_at") is not None and values["created_at"] > clock.now():
        wrong["created_at"] = ["This moment is yet to come."]
    if isinstance(values.get("custom_fields"), dict):
        try:
            custom_fields.check(client, values["custom_fields"])
        except ValidationFailed as refused:
            wrong |= refused.errors
    given = values.get(_HASH)
    if given is not None:
        try:
            values[_HASH] = _stored_form(given)
        except HashRefused as refused_hash:
            wrong[_HASH] = [str(refused_hash)]
    return wrong


def _stored_form(given: Any) -> str:
    if not isinstance(given, str | dict):
        raise HashRefused("A hash is a text or an object.")
    return foreign_hashes.stored_form(given)


def _repeatable(errors: Errors) -> Errors:
    """Return messages by field; a field that is not known is named where its name looks like one."""
    told: Errors = {}
    for name, messages in errors.items():
        first = name.partition(".")[0]
        if name in _SAID_BY_ITSELF:
            told[name] = _SAID_BY_ITSELF[name]
        elif first in KNOWN:
            told[name if first == custom_fields.FIELD else first] = messages
        elif first == "row":
            told["row"] = messages
        elif _PLAIN_NAME.fullmatch(first) and len(told) < _MOST_NAMED:
            told[first] = ["There is no such field."]
        else:
            told["row"] = ["There is a field that is not known."]
    return told
