"""Blueprints and the OpenAPI 3.1 document they add up to: schemas, guards and errors, never written by hand."""

import functools
import inspect
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import flask_smorest
from flask import Flask

from app.core import errors
from app.core.errors import AppError
from app.web import guards
from app.web.bodies import StrictParser, loaded_object
from app.web.examples import Document
from app.web.schemas import Problem, Schema

View = Callable[..., Any]
CLIENT = "/api/v1/<client_id>"

_PROBLEM = "application/problem+json"
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "Any text of your own, new for each new call. A repeat with the same key and body within 24 hours"
    " does nothing twice: it answers 409 `already_created` with the ids that the first call made.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_SCHEMES: dict[str, dict[str, str]] = {
    "access_key": {"type": "http", "scheme": "bearer", "description": "The client's access key, `rlk_ak_…`."},
    "api_key": {"type": "http", "scheme": "bearer", "description": "A secret API key, `rlk_sk_…`."},
    "api_key_header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "Any API key."},
    "publishable_key": {"type": "http", "scheme": "bearer", "description": "A publishable key, `rlk_pk_…`."},
    "user": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A user's access token."},
    "enrollee": {"type": "http", "scheme": "bearer", "description": "An enrollment_token, `rlk_oc_…`, from a login."},
    "admin": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An admin's access token."},
    "operator": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An operator's token."},
    "metrics_token": {"type": "http", "scheme": "bearer", "description": "The setting METRICS_TOKEN."},
}
_ALWAYS: tuple[type[AppError], ...] = (errors.TemporarilyUnavailable, errors.InternalError)
_WITH_BODY = (
    errors.InvalidRequest,
    errors.PayloadTooLarge,
    errors.UnsupportedMediaType,
    errors.ValidationFailed,
    errors.StorageFull,
)
_WITH_CREDENTIAL = (
    errors.AuthenticationRequired,
    errors.TokenExpired,
    errors.TokenRevoked,
    errors.MfaRequired,
    errors.InsufficientScope,
    errors.ClientSuspended,
    errors.ClientNotFound,
    errors.RateLimited,
    errors.QuotaExceeded,
)


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """A feature's routes. Its documentation also shows who may call them and which errors they answer."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, **options: Any) -> None:
        """Add the documentation of guards and errors."""
        super().__init__(name, import_name, **options)
        self._prepare_doc_cbks.append(_document_guard)

    def register_views_in_doc(self, api: "Api", *rest: Any, **named: Any) -> None:
        """Leave the documentation for when it is asked for: no command but those about documents does."""
        api.pending.append(functools.partial(super().register_views_in_doc, api, *rest, **named))

    def _store_endpoint_docs(self, endpoint: str, obj: View, parameters: Any, tags: Any, **options: Any) -> None:
        """Name the operation after its view."""
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for doc in self._docs[endpoint].values():
            if isinstance(doc, dict):
                doc["manual_doc"] = {"operationId": endpoint} | doc.get("manual_doc", {})

    # flask-smorest's own decorators: without these types every view would pass for untyped.
    route: Callable[..., Callable[[View], View]]
    response: Callable[..., Callable[[View], View]]
    alt_response: Callable[..., Callable[[View], View]]
    doc: Callable[..., Callable[[View], View]]

    def arguments(self, schema: type[Schema], *, location: str = "json", **options: Any) -> Callable[[View], View]:
        """Read a body or query into the view's first argument; a body with no required field may be left out."""
        made = schema()  # once, not for each request
        options.setdefault("required", any(field.required for field in made.load_fields.values()))
        documented: Callable[[View], View] = super().arguments(made, location=location, **options)
        if location != "json":
            return documented

        def declare(view: View) -> View:
            @functools.wraps(documented(view))
            def read(*args: Any, **kwargs: Any) -> Any:
                return view(*args, loaded_object(made), **kwargs)

            return read

        return declare

    @staticmethod
    def raises(*kinds: type[AppError]) -> Callable[[View], View]:
        """Declare the errors of a view's own rules, for the documentation."""

        def declare(view: View) -> View:
            @functools.wraps(view)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                return view(*args, **kwargs)

            wrapper._apidoc = deepcopy(getattr(view, "_apidoc", {}))  # type: ignore[attr-defined]
            wrapper._apidoc["raises"] = kinds  # type: ignore[attr-defined]
            return wrapper

        return declare


class Api(flask_smorest.Api):  # type: ignore[misc]  # flask-smorest ships no types
    """Collects the blueprints' documentation; errors are answered by app.web.problems, the page by app.web.docs."""

    ERROR_SCHEMA = Problem
    pending: list[Callable[[], None]]
    failed: BaseException | None

    def document(self) -> Document:
        """Put together what the blueprints say of themselves; raises RuntimeError, ever after, once that has failed.

        What a blueprint has said by halves cannot be taken back, so there is no document without it and no second try.
        """
        if self.failed is not None:
            raise RuntimeError("the OpenAPI document could not be made") from self.failed
        try:
            while self.pending:
                self.pending.pop(0)()
        except BaseException as wrong:
            self.failed = wrong
            raise
        made: Document = self.spec.to_dict()
        return made

    def _init_spec(self, **options: Any) -> None:
        """Begin the document; flask-smorest's commands know the unfinished one, `flask docs` makes the real one."""
        super()._init_spec(**options)
        self._app.cli.commands.pop("openapi", None)

    def _register_error_handlers(self) -> None:
        """Leave every error to app.web.problems."""

    def schema_texts(self) -> dict[str, str]:
        """Return what each schema is, in the words of its class, by its name in the document."""
        named = self.ma_plugin.converter.refs.items()
        return {name: inspect.cleandoc(kind.__doc__) for (kind, *_), name in named}

    def init_app(self, app: Flask, **options: Any) -> None:
        """Begin the document with the credentials that the API knows."""
        self.pending, self.failed = [], None
        super().init_app(app, **options)
        for name, scheme in _SCHEMES.items():
            self.spec.components.security_scheme(name, dict(scheme))


def _document_guard(doc: dict[str, Any], info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
    """Add `security`, `x-callers` and one response for each status that the view can answer."""
    callers: tuple[guards.Caller, ...] = info.get("guard", ())
    open_to_all = guards.anyone in callers
    kinds = [*_ALWAYS, *info.get("raises", ())]
    kinds += [] if open_to_all else _WITH_CREDENTIAL
    kinds += [errors.ReauthRequired] if any(caller.fresh for caller in callers) else []
    if "file" in info:
        content = {media: {"schema": {"type": "string"}} for media in info["file"]}
        doc["requestBody"] = {"required": True, "content": content}
    kinds += _WITH_BODY if "requestBody" in doc else []
    kinds += [errors.ValidationFailed, errors.InvalidRequest] if doc.get("parameters") else []
    kinds += [errors.RateLimited] if info.get("limited") else []
    own = doc.get("responses", {}).items()
    responses = {int(status): answer for status, answer in own if str(status).isdigit() and int(status) != 422}
    doc["responses"] = dict(sorted((responses | _error_responses(kinds)).items()))
    if not open_to_all:
        doc["security"] = _security(callers)
    doc["x-callers"] = [_caller_text(caller) for caller in callers]
    return doc


def _error_responses(kinds: list[type[AppError]]) -> dict[int, Any]:
    answers: dict[int, Any] = {}
    for status in sorted({kind.status for kind in kinds}):
        codes = list(dict.fromkeys(kind.code for kind in kinds if kind.status == status))
        answers[status] = {
            "description": ", ".join(f"`{code}`" for code in codes),
            "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            "x-codes": codes,
        }
    return answers


def _security(callers: tuple[guards.Caller, ...]) -> list[dict[str, list[str]]]:
    listed: list[dict[str, list[str]]] = []
    for caller in callers:
        scopes = [caller.scope] if caller.scope and caller.kind == "api_key" else []
        match caller.kind:
            case "registrant":
                listed += [{}, {"operator": []}]
            case "api_key":
                listed += [{"access_key": []}, {"api_key": scopes}, {"api_key_header": scopes}]
            case "publishable_key":
                listed += [{"publishable_key": []}, {"api_key_header": []}]
            case kind:
                listed.append({kind: []})
    return [one for index, one in enumerate(listed) if one not in listed[:index]]


def _caller_text(caller: guards.Caller) -> str:
    scope = f"[{caller.scope}]" if caller.scope else ""
    return f"{caller.kind}{scope}{' fresh' if caller.fresh else ''}"
