"""What the service really answers fits the schemas that it documents, call by call."""

import uuid

import httpx
import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator

import app as application
from app.core.errors import TemporarilyUnavailable
from tests.contracts import calls_of_clients, calls_of_people, openapi
from tests.contracts.contract import CONTRACT
from tests.factories import Operator


def test_every_answer_fits_its_documented_schema(app: Flask, api: httpx.Client, operator: Operator) -> None:
    document = api.get("/openapi.json").json()
    documented = openapi.operations(document)
    seen = set()
    of_operators = (*calls_of_clients.platform_calls(api, operator), *calls_of_clients.limit_calls(api, operator))
    for call, answer in (
        *calls_of_clients.open_calls(api),
        *of_operators,
        *calls_of_people.account_calls(api),
        *calls_of_people.recovery_calls(app, api),
        *calls_of_people.mfa_calls(api),
        *calls_of_people.passkey_calls(api),
        *calls_of_people.console_calls(app, api),
        *calls_of_clients.key_calls(api),
        *calls_of_clients.role_calls(api),
        *calls_of_clients.isolation_calls(app, api),
        *calls_of_clients.export_calls(app, api),
        *calls_of_clients.user_calls(api, operator),
    ):
        seen.add(call)
        assert answer.status_code in documented[call].statuses(), answer.text
        _check(answer, documented[call])
    assert seen == set(map(str, CONTRACT.built))


@pytest.mark.parametrize("call", ["not_found", "validation_failed", "already_created", "slug_taken"])
def test_a_problem_fits_its_documented_schema(api: httpx.Client, call: str) -> None:
    documented = openapi.operations(api.get("/openapi.json").json())["POST /api/v1/clients/register"]
    key = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"client_name": "Acme", "slug": f"acme-{uuid.uuid4().hex[:8]}"}
    api.post("/api/v1/clients/register", json=body, headers=key)
    answer = {
        "not_found": lambda: api.get("/nowhere"),
        "validation_failed": lambda: api.post("/api/v1/clients/register", json={}),
        "already_created": lambda: api.post("/api/v1/clients/register", json=body, headers=key),
        "slug_taken": lambda: api.post("/api/v1/clients/register", json=body),
    }[call]()
    assert answer.json()["code"] == call
    schema = documented.answer(422)["application/problem+json"]["schema"]
    OAS31Validator({**schema, "components": documented.components}).validate(answer.json())


def test_a_service_that_is_not_ready_says_so_in_a_problem(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_reach() -> str:
        raise TemporarilyUnavailable

    monkeypatch.setitem(application.CHECKS, "database", out_of_reach)
    answer = api.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) >= 1
    body = answer.json()
    assert body["code"] == "temporarily_unavailable"
    assert body["checks"]["database"] == "failed"


def _check(answer: httpx.Response, documented: openapi.Operation) -> None:
    content = documented.answer(answer.status_code)
    if not content:
        assert answer.content == b""
        return
    media = answer.headers["Content-Type"].partition(";")[0]
    assert media in content
    if media == "application/json":
        schema = {**content[media].get("schema", {}), "components": documented.components}
        OAS31Validator(schema, format_checker=OAS31Validator.FORMAT_CHECKER).validate(answer.json())
