"""Finishes the OpenAPI document: what follows from routes, schemas and error classes, written out for its readers."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any
from uuid import UUID

from app.web import catalogue, examples
from app.web.catalogue import Entry
from app.web.examples import Document

_METHODS = ("get", "post", "put", "patch", "delete")
_TAGS = (
    "clients",
    "erasures",
    "accounts",
    "recovery",
    "me",
    "mfa",
    "passkeys",
    "console",
    "users",
    "transfer",
    "exports",
    "roles",
    "keys",
    "verification",
    "limits",
    "statistics",
    "all_statistics",
    "isolation",
    "audit",
    "outbox",
    "sessions",
    "docs",
    "metrics",
    "health",
)
_PROBLEM = "application/problem+json"
_BACKENDS = ("access_key", "api_key")
_PATH_PARAMETERS = {
    "client_id": ("The client's id, from its registration.", examples.CLIENT_ID),
    "session_id": ("The session's id, from the list of sessions.", "0192f0c4-81d9-7b40-a6e7-1c35f9d2048b"),
    "key_id": ("The key's id, from the list of keys.", examples.KEY_ID),
    "user_id": ("The user's id, from the list of users.", examples.USER_ID),
    "id": ("The passkey's id, from the list of passkeys.", "0192f0c4-a1b7-7e60-b1d8-5f2c90e4736a"),
    "message_id": ("The mail's id, from the list of mails.", "0192f0c4-a3f2-7c85-9e04-3d7a61b8c02f"),
}
_HEADERS: Document = {
    "X-Request-ID": ("Names this request in answers, log and audit log.", {"type": "string", "format": "uuid"}),
    "X-RateLimit-Limit": ("How many calls the window nearest to exhaustion allows.", {"type": "integer"}),
    "X-RateLimit-Remaining": ("How many more pass in it now.", {"type": "integer"}),
    "X-RateLimit-Reset": (
        "When one more call is free again: the oldest leaves the window. On a refusal, when the refused call can pass.",
        {"type": "string", "format": "date-time"},
    ),
    "RateLimit-Policy": (
        "The windows in which the call counts, as the IETF draft writes them:"
        ' `"requests_per_minute";q=10;w=60, "requests_per_hour";q=100;w=3600`,'
        ' by address `"address_per_hour";q=10;w=3600`.',
        {"type": "string"},
    ),
    "RateLimit": (
        "What is left of the one nearest to exhaustion, and in how many seconds one more call is free:"
        ' `"requests_per_minute";r=9;t=60`.',
        {"type": "string"},
    ),
    "Retry-After": ("Seconds to wait before the same call can pass.", {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": ("The scheme that this call wants: `Bearer`.", {"type": "string"}),
    "ETag": ("Send it back as `If-None-Match`: 304 while the document is the same.", {"type": "string"}),
}
_LIMIT_HEADERS = tuple(name for name in _HEADERS if "RateLimit" in name)
_OF_STATUS: dict[str, tuple[str, ...]] = {
    "401": ("WWW-Authenticate",),
    "423": ("Retry-After",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
_UNCOUNTED = ("400", "401", "413", "415", "431")
"""Statuses that may come before the call is counted; what is left is no promise there, as on any 5xx."""
_CLIENT_IP: Document = {
    "in": "header",
    "name": "Rowlock-Client-IP",
    "required": False,
    "description": "With the client's own access key or secret key, not with a user's key: the address of the end user"
    " for whom the backend calls. The audit log, the limits per address and a verified key's `allowed_ips` use it."
    " From any other caller it is ignored.",
    "schema": {"type": "string", "maxLength": 45},
}


def finish(raw: Document, entries: list[Entry], texts: Mapping[str, str]) -> Document:
    """Return the document with examples, header fields, parameters in words and its tags in reading order.

    `texts` say what each schema is, by its name.
    """
    document = deepcopy(raw)
    components = document["components"]
    components["schemas"] = _used(components["schemas"], document["paths"])
    components["headers"] = {name: {"description": text, "schema": of} for name, (text, of) in _HEADERS.items()}
    components["examples"] = {
        entry.code: {"summary": entry.title, "value": catalogue.problem_example(entry)} for entry in entries
    }
    for name, schema in components["schemas"].items():
        schema["description"] = texts[name]
        for field in schema.get("properties", {}).values():
            _use_portable_pattern(field)
            _use_portable_pattern(field.get("items", {}))
    examples.add_to_schemas(components["schemas"])
    for item in document["paths"].values():
        for parameter in item.get("parameters", []):
            _explain_path_parameter(parameter)
    for operation in operations(document).values():
        _finish_operation(operation, components["schemas"])
    known = {tag["name"]: tag for tag in document["tags"]}
    order = dict.fromkeys((*_TAGS, *known))
    document["tags"] = [known[name] for name in order if name in known]
    return document


def for_client(document: Document, client_id: UUID) -> Document:
    """Return the document with a client's id in every path, served from where the document comes from."""
    paths: Document = {}
    for path, item in document["paths"].items():
        own = [one for one in item.get("parameters", []) if one["name"] != "client_id"]
        rest = {name: value for name, value in item.items() if name != "parameters"}
        paths[path.replace("{client_id}", str(client_id))] = rest | ({"parameters": own} if own else {})
    components = document["components"]
    # The page's dialog for credentials opens at the last one: let that be what a newcomer holds.
    schemes = dict(reversed(components["securitySchemes"].items()))
    return {
        **document,
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {**components, "securitySchemes": schemes},
    }


def operations(document: Document) -> dict[str, Document]:
    """Return every operation by its operationId; raises RuntimeError where two views have one name."""
    found: dict[str, Document] = {}
    for _, _, operation in calls(document):
        if operation["operationId"] in found:
            raise RuntimeError(f"two views are called {operation['operationId']}")
        found[operation["operationId"]] = operation
    return found


def calls(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Yield method, path and operation of every call."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def _finish_operation(operation: Document, schemas: Document) -> None:
    # A summary is plain text, unlike a description.
    operation["summary"] = operation["summary"].removesuffix(".").replace("`", "")
    for parameter in operation.get("parameters", []):
        _drop_null(parameter["schema"])
    parameters = [*operation.get("parameters", []), *_header_parameters(operation)]
    if parameters:
        operation["parameters"] = parameters
    body = examples.body_of(operation, schemas)
    if body is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = body
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        if media in examples.FILES:
            content["example"] = examples.FILES[media]
    limited = "429" in operation["responses"]
    for status, answer in operation["responses"].items():
        _finish_answer(status, answer, limited=limited, tagged=operation["operationId"] == "openapi_json")


def _header_parameters(operation: Document) -> list[Document]:
    credentials = {name for one in operation.get("security", []) for name in one}
    return [deepcopy(_CLIENT_IP)] if credentials.intersection(_BACKENDS) else []


def _finish_answer(status: str, answer: Document, *, limited: bool, tagged: bool) -> None:
    names = _OF_STATUS.get(status, ())
    if limited and status not in _UNCOUNTED and not status.startswith("5"):
        names += _LIMIT_HEADERS
    if tagged and status.startswith("2"):
        names += ("ETag",)
    answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", *names)}
    problem = answer.get("content", {}).get(_PROBLEM)
    if problem is not None and "x-codes" in answer:
        problem["examples"] = {code: {"$ref": f"#/components/examples/{code}"} for code in answer["x-codes"]}


def _explain_path_parameter(parameter: Document) -> None:
    if parameter["name"] in _PATH_PARAMETERS:
        parameter["description"], parameter["example"] = _PATH_PARAMETERS[parameter["name"]]
        parameter["schema"] = {"type": "string", "format": "uuid"}


def _drop_null(schema: Document) -> None:
    """Take null out of what a query parameter may be: it cannot be sent."""
    if "null" in examples.types_of(schema):
        schema["type"] = next(iter(sorted(examples.types_of(schema) - {"null"})))
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    if schema.get("default", ...) is None:
        del schema["default"]


def _use_portable_pattern(field: Document) -> None:
    """Write a pattern as ECMA 262 reads it: Python's `\\Z` is a letter there, and nothing is tied to the beginning."""
    if "pattern" in field:
        field["pattern"] = f"^(?:{field['pattern']})".replace(r"\Z", "$")


def _used(schemas: Document, paths: Document) -> Document:
    """Return the schemas that some path needs."""
    needed: set[str] = set()
    waiting = list(_named(paths))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += _named(schemas[name])
    return {name: schema for name, schema in schemas.items() if name in needed}


def _named(part: Any) -> set[str]:
    return set(re.findall(r"#/components/schemas/(\w+)", str(part)))
