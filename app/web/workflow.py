"""Draws the main job as a Mermaid sequence diagram, from the OpenAPI document."""

from app.web import examples, openapi
from app.web.examples import Document

_STEPS = ("register_client", "sign_up", "log_in", "show_me", "refresh_session", "log_out")
_BACKEND, _BROWSER = "Backend", "App"
_ACTORS = {"show_me": _BROWSER, "log_out": _BROWSER}
_ABOUT = """# The main job

Made by `flask docs build` from the OpenAPI document; do not edit it by hand. A client's backend calls with its access
key, a user's app with the access token. In brackets: what the call takes, each enough by itself.
"""
_CALLERS = {
    "registrant": "anyone, or an operator's token",
    "api_key": "access key, API key",
    "publishable_key": "publishable key",
    "user": "access token",
}
_MOST_FIELDS = 7


def page(document: Document) -> str:
    """Return the page: one arrow to the service and one back for each call, with what each brings."""
    found = {one["operationId"]: (method, path, one) for method, path, one in openapi.calls(document)}
    schemas = document["components"]["schemas"]
    lines = ["sequenceDiagram", "    autonumber", "    participant App as User's app"]
    lines += ["    participant Backend as Client's backend", "    participant Rowlock"]
    for name in _STEPS:
        method, path, operation = found[name]
        actor = _ACTORS.get(name, _BACKEND)
        callers = ", ".join(_CALLERS[caller] for caller in operation["x-callers"])
        lines.append(f"    Note over {actor},Rowlock: {_plain(operation['summary'])}")
        lines.append(f"    {actor}->>Rowlock: {method} {path} [{callers}]{_body(operation, schemas)}")
        lines.append(f"    Rowlock-->>{actor}: {_outcome(operation, schemas)}")
    again = found["show_me"]
    lines.append(f"    {_BROWSER}->>Rowlock: {again[0]} {again[1]} with the same token")
    lines.append(f"    Rowlock-->>{_BROWSER}: 401 token_revoked")
    return _ABOUT + "\n```mermaid\n" + "\n".join(lines) + "\n```\n"


def _body(operation: Document, schemas: Document) -> str:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    needed = _required(body["schema"], schemas) if body else ""
    return f" {needed}".rstrip()


def _outcome(operation: Document, schemas: Document) -> str:
    status = next(status for status in operation["responses"] if status.startswith("2"))
    content = operation["responses"][status].get("content", {}).get("application/json")
    return f"{status} {_required(content['schema'], schemas)}" if content else f"{status}"


def _required(schema: Document, schemas: Document) -> str:
    resolved = examples.resolve(schema, schemas)
    needed = set(resolved.get("required", []))
    names = [name for name in resolved["properties"] if name in needed]
    return ", ".join(names[:_MOST_FIELDS] + ["…"] * (len(names) > _MOST_FIELDS))


def _plain(text: str) -> str:
    """Return text without the signs that end a Mermaid statement."""
    return text.replace(";", ",").replace("#", "")
