"""Strict intake of JSON: one object, UTF-8, bounded depth, no duplicate keys, no NaN, no NUL, no lone surrogates."""

import json
import math
from typing import Any, NoReturn

from flask import Request, request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy

from app.core import errors
from app.web import requests

MAX_DEPTH = 32


class StrictParser(FlaskParser):
    """Reads query parameters for flask-smorest; every refusal is an AppError."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": "raise"}

    def load_querystring(self, req: Request, schema: Any) -> Any:
        """Return the query parameters; one that is given twice, or holds NUL, is refused."""
        for name, values in req.args.lists():
            if len(values) > 1:
                raise errors.ValidationFailed({name: ["Give it once."]})
            _check_text(name, name)
            _check_text(values[0], name)
        return MultiDictProxy(req.args, schema)

    def handle_error(
        self, error: ValidationError, req: Request, schema: Any, *, error_status_code: Any, error_headers: Any
    ) -> NoReturn:
        """Turn a schema's messages into a 422."""
        messages: Any = error.messages
        if isinstance(messages, dict) and len(messages) == 1 and next(iter(messages)) in ("json", "query"):
            messages = next(iter(messages.values()))
        raise errors.ValidationFailed(flattened(messages)) from error


def loaded_object(schema: Schema) -> Any:
    """Return what a schema makes of the body of the request in hand; raises ValidationFailed and as read_object()."""
    try:
        return schema.load(read_object(request._get_current_object()))  # type: ignore[attr-defined]
    except ValidationError as wrong:
        raise errors.ValidationFailed(flattened(wrong.messages)) from wrong


def read_object(req: Request = request) -> dict[str, Any]:
    """Return the JSON object in the body of a request; raises 400, 413, 415 or 422."""
    raw = req.get_data(cache=True)
    if not raw:
        return {}
    if len(raw) > requests.MAX_BODY:
        raise errors.PayloadTooLarge()
    if req.mimetype != "application/json" or "Content-Encoding" in req.headers:
        raise errors.UnsupportedMediaType()
    return parsed_object(raw)


def parsed_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object that a text is; raises InvalidRequest and ValidationFailed."""
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except (ValueError, RecursionError) as wrong:
        raise errors.InvalidRequest() from wrong
    if not isinstance(value, dict):
        raise errors.InvalidRequest("The body must be one JSON object.")
    check_texts(value)
    return value


def check_texts(value: dict[str, Any]) -> None:
    """Raise ValidationFailed for NUL and lone surrogates anywhere in a value, InvalidRequest for too deep a one."""
    _check(value, "", 1)


def flattened(messages: Any, path: str = "") -> dict[str, list[str]]:
    """Return marshmallow's nested messages as one level: `{"admin.email": ["…"]}`."""
    if isinstance(messages, dict):
        flat: dict[str, list[str]] = {}
        for name, inner in messages.items():
            own = path if name == "_schema" else f"{path}.{name}".lstrip(".")
            flat |= flattened(inner, own)
        return flat
    listed = messages if isinstance(messages, list) else [messages]
    return {path or "body": [str(message) for message in listed]}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _finite(text: str) -> float:
    """Return a number; one too large for a double (1e400) would come back as Infinity, which is not JSON."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number out of range")
    return number


def _check(value: Any, path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise errors.InvalidRequest(f"The body is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name, path or "body")
            _check(inner, f"{path}.{name}".lstrip("."), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, path, depth + 1)


def _check_text(text: str, path: str) -> None:
    if "\0" in text:
        raise errors.ValidationFailed({path.replace("\0", "?"): ["NUL is not allowed."]})
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise errors.ValidationFailed({_printable(path): ["A lone surrogate is not text."]})


def _printable(path: str) -> str:
    return path.encode("utf-8", "replace").decode("utf-8")
