"""The first calls as copy-paste curl lines, read off the OpenAPI document."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.web import examples, openapi
from app.web.examples import Document

_REGISTER = ("register_client",)
_FIRST = ("sign_up", "log_in")
_KEYS = ("create_key", "verify_key")
_WHOLE = ("sign_up", "log_in", "show_me", "refresh_session", "log_out")
_CREDENTIALS = {"show_me": "ACCESS_TOKEN", "log_out": "ACCESS_TOKEN"}
_BODIES: dict[str, dict[str, Any]] = {
    "refresh_session": {"refresh_token": "$REFRESH_TOKEN"},
    "verify_key": {"key": "$API_KEY", "scopes": ["read"]},
}


@dataclass(frozen=True, slots=True)
class Step:
    """One call: what it does, in the words of its route, and the line that does it."""

    operation: str
    title: str
    command: str


def registration(document: Document, base_url: str) -> list[Step]:
    """Return the step that makes a client."""
    return _steps(document, base_url, _REGISTER, client_id="")


def first_steps(document: Document, base_url: str) -> list[Step]:
    """Return sign-up and login for whoever has set CLIENT_ID and ACCESS_KEY in the shell."""
    return _steps(document, base_url, _FIRST, client_id="$CLIENT_ID")


def key_steps(document: Document, base_url: str) -> list[Step]:
    """Return making an API key and checking it, for whoever has set CLIENT_ID and ACCESS_KEY in the shell."""
    return _steps(document, base_url, _KEYS, client_id="$CLIENT_ID")


def whole_story(document: Document, base_url: str, client_id: str) -> list[Step]:
    """Return sign-up to logout for one client, by its id or a variable of the shell."""
    return _steps(document, base_url, _WHOLE, client_id=client_id)


def _steps(document: Document, base_url: str, names: Sequence[str], *, client_id: str) -> list[Step]:
    found = {one["operationId"]: (method, path, one) for method, path, one in openapi.calls(document)}
    schemas = document["components"]["schemas"]
    return [_step(*found[name], base_url, client_id, schemas) for name in names]


def _step(method: str, path: str, operation: Document, base_url: str, client_id: str, schemas: Document) -> Step:
    name = operation["operationId"]
    address = base_url + path.replace("{client_id}", client_id)
    lines = [f"curl -X {method} {_quoted(address)}" if method != "GET" else f"curl {_quoted(address)}"]
    if "security" in operation and {} not in operation["security"]:
        lines.append(f'-H "Authorization: Bearer ${_CREDENTIALS.get(name, "ACCESS_KEY")}"')
    body = _BODIES.get(name) or examples.body_of(operation, schemas)
    if body:
        lines += ["-H 'Content-Type: application/json'", f"-d {_quoted(json.dumps(body, ensure_ascii=False))}"]
    return Step(name, operation["summary"], " \\\n  ".join(lines))


def _quoted(text: str) -> str:
    """Return one word of a POSIX shell, in which variables still stand for their values."""
    if "$" not in text:
        return "'" + text.replace("'", "'\\''") + "'" if any(letter in text for letter in " '\"{}") else text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'
