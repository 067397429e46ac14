"""Makes the Postman collection and its environment out of the OpenAPI document."""

import json
import re
from collections.abc import Iterable, Iterator
from uuid import NAMESPACE_URL, uuid5

from app.web import examples, openapi, postman_keys, postman_proofs, postman_story, postman_users
from app.web.examples import Document
from app.web.postman_calls import Call

_FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
# Of several, the first that a call takes: a new client's tier allows ten calls a minute by access and secret keys.
_CREDENTIALS = {
    "admin": "admin_token",
    "user": "access_token",
    "operator": "operator_token",
    "metrics_token": "metrics_token",
}
_EMPTY = ("client_id", "user_id", "session_id", "key_id", "new_key_id", "id", "message_id", "name", "run", "email")
_KEYS = ("access_key", "publishable_key", "api_key", "new_api_key")
_TOKENS = ("access_token", "refresh_token", "admin_token", "operator_token", "metrics_token")
_SECRET = (*_KEYS, *_TOKENS, "password", "new_password")
_ABOUT = """Made from the OpenAPI document by `flask docs build`; do not edit it by hand.

Run the whole collection in order: it registers a client of its own, and each request hands on what the next one needs.
Set `base_url` in the environment. With an `operator_token` (an operator's access token from a login of the last five
minutes) the operators' calls are made too; without one they must answer 401. It fits the tier of a new client."""


def collection(document: Document) -> Document:
    """Return the collection, format 2.1: the main job, keys, users and proofs as chains, then every other call once."""
    found = {one["operationId"]: (method, path, one) for method, path, one in openapi.calls(document)}
    schemas = document["components"]["schemas"]
    stories = {
        "The main job": postman_story.MAIN,
        "API keys and limits": postman_keys.KEYS,
        "Users, roles and sessions": postman_users.USERS,
        "Recovery, second factors and passkeys": postman_proofs.PROOFS,
    }
    told = {call.operation for story in (*stories.values(), postman_story.REST) for call in story}
    plain = [_plain_call(operation) for _, _, operation in found.values() if operation["operationId"] not in told]
    folders = {**stories, "Every other call": (*postman_story.REST, *plain)}
    return {
        "info": {"_postman_id": _id("collection"), "name": "Rowlock", "description": _ABOUT, "schema": _FORMAT},
        "item": [
            {
                "name": title,
                "item": [
                    _item(f"{title} {at}", call, *found[call.operation], schemas) for at, call in enumerate(calls)
                ],
            }
            for title, calls in folders.items()
        ],
    }


def environment(document: Document) -> Document:
    """Return the environment: where the service is, and the variables that the requests hand on."""
    values = [("base_url", document["servers"][0]["url"], "default")]
    values += [(name, "", "default") for name in _EMPTY] + [(name, "", "secret") for name in _SECRET]
    return {
        "id": _id("environment"),
        "name": "Rowlock",
        "values": [{"key": key, "value": value, "type": kind, "enabled": True} for key, value, kind in values],
        "_postman_variable_scope": "environment",
    }


def _plain_call(operation: Document) -> Call:
    """Return a call that no story tells of yet: it must answer one of its documented statuses."""
    kinds = {name for one in operation.get("security", []) for name in one}
    of_people = [credential for kind, credential in _CREDENTIALS.items() if kind in kinds]
    return Call(operation["operationId"], next(iter(of_people), "access_key") if kinds else None)


def _item(at: str, call: Call, method: str, path: str, operation: Document, schemas: Document) -> Document:
    events = [_event("prerequest", call.before)] if call.before else []
    events.append(_event("test", _test_lines(call, operation, schemas)))
    return {
        "id": _id(at),
        "name": call.name or operation["summary"],
        "event": events,
        "request": _request(call, method, path, operation, schemas),
        "response": [],
    }


def _request(call: Call, method: str, path: str, operation: Document, schemas: Document) -> Document:
    address = re.sub(r"\{(\w+)\}", r"{{\1}}", path)
    request: Document = {
        "auth": _auth(call),
        "method": method,
        "header": [{"key": name, "value": value} for name, value in call.headers.items()],
        "url": {"raw": f"{{{{base_url}}}}{address}", "host": ["{{base_url}}"], "path": address.strip("/").split("/")},
        "description": operation.get("description", operation["summary"]),
    }
    if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", [])):
        request["header"].append({"key": "Idempotency-Key", "value": "{{$randomUUID}}"})
    media, raw, language = "application/json", call.file, "json"
    body = call.body if call.body is not None else examples.body_of(operation, schemas)
    if raw is not None:
        media, language = next(iter(operation["requestBody"]["content"])), "text"
    elif body is not None:
        raw = json.dumps(body, indent=2, ensure_ascii=False)
    if raw is not None:
        request["header"].append({"key": "Content-Type", "value": media})
        request["body"] = {"mode": "raw", "raw": raw, "options": {"raw": {"language": language}}}
    return request


def _auth(call: Call) -> Document:
    if call.credential is None:
        return {"type": "noauth"}
    value = f"{{{{{call.credential}}}}}"
    if call.as_api_key:
        parts = {"key": "X-API-Key", "value": value, "in": "header"}
        return {
            "type": "apikey",
            "apikey": [{"key": key, "value": part, "type": "string"} for key, part in parts.items()],
        }
    return {"type": "bearer", "bearer": [{"key": "token", "value": value, "type": "string"}]}


def _test_lines(call: Call, operation: Document, schemas: Document) -> Iterator[str]:
    """Yield the test script of a request; what was refused as expected is looked at no further."""
    yield from _status_lines(call, operation)
    if call.code is not None:
        yield f"pm.test('the code is {call.code}', () => pm.expect(pm.response.json().code).to.eql('{call.code}'));"
    elif call.or_refused:
        yield f"if (pm.environment.get('{call.credential}')) {{"
        yield from (f"  {line}" for line in _answer_lines(call, operation, schemas))
        yield "}"
    else:
        yield from _answer_lines(call, operation, schemas)


def _answer_lines(call: Call, operation: Document, schemas: Document) -> Iterator[str]:
    content = operation["responses"].get(str(call.status), {}).get("content", {})
    if content:
        kinds = json.dumps(list(content))
        yield "const kind = pm.response.headers.get('Content-Type').split(';')[0];"
        yield f"pm.test('the media type is documented', () => pm.expect(kind).to.be.oneOf({kinds}));"
    if "application/json" in content:
        shape = json.dumps(_shape(content["application/json"]["schema"], schemas))
        yield "const answer = pm.response.json();"
        yield f"pm.test('the answer has the documented fields', () => pm.response.to.have.jsonSchema({shape}));"
    for name, check in call.checks.items():
        yield f"pm.test({json.dumps(name)}, () => {check});"
    for variable, field in call.saves.items():
        yield f"pm.environment.set('{variable}', answer.{field});"
    yield from call.after


def _status_lines(call: Call, operation: Document) -> Iterator[str]:
    if call.status is None:
        statuses = [int(status) for status in operation["responses"] if not status.startswith("5")]
        yield f"pm.test('the status is documented', () => pm.expect(pm.response.code).to.be.oneOf({statuses}));"
    elif call.or_refused:
        yield f"const status = pm.environment.get('{call.credential}') ? {call.status} : 401;"
        yield "pm.test('the status is as expected', () => pm.response.to.have.status(status));"
    else:
        yield f"pm.test('the status is {call.status}', () => pm.response.to.have.status({call.status}));"
    yield "pm.test('the answer names its request', () => pm.expect(pm.response.headers.get('X-Request-ID')).to.be.ok);"


def _shape(schema: Document, schemas: Document) -> Document:
    """Return types and required fields of a schema, which any version of JSON Schema understands."""
    schema = examples.resolve(schema, schemas)
    shape: Document = {name: schema[name] for name in ("type", "required", "enum") if name in schema}
    if "properties" in schema:
        shape["properties"] = {name: _shape(field, schemas) for name, field in schema["properties"].items()}
    if "items" in schema:
        shape["items"] = _shape(schema["items"], schemas)
    return shape


def _event(kind: str, lines: Iterable[str]) -> Document:
    return {"listen": kind, "script": {"type": "text/javascript", "exec": list(lines)}}


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"rowlock/postman/{name}"))
