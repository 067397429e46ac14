"""The OpenAPI document and docs/contract.yaml agree both ways, and what is not yet built is not there."""

import re
import uuid
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.contracts import openapi
from tests.contracts.contract import ANY, CONTRACT, Row
from tests.contracts.openapi import Operation
from tests.factories import Operator, Tenant, bearer

# Routes and their documentation are the same whatever the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")

EVERY_ROW = pytest.mark.parametrize("row", CONTRACT.built, ids=str)
LATER_VALUES = [
    (row, name, value)
    for row in CONTRACT.built
    for name, values in row.later_values.items()
    for value in sorted(values)
]
WITH_BODY = [row for row in CONTRACT.built if row.request]
PROBLEM = "application/problem+json"
_SECURITY = {
    "access_key": ["access_key"],
    "api_key": ["api_key", "api_key_header"],
    "publishable_key": ["publishable_key", "api_key_header"],
}
_CREDENTIAL = re.compile(r"(?P<kind>\w+)(?:\[(?P<scope>[\w:]+)\])?(?: fresh)?")


@pytest.fixture(scope="module")
def document(api: httpx.Client) -> dict[str, Any]:
    """The document as the service serves it."""
    answer = api.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Every operation of the document by `METHOD path`."""
    return openapi.operations(document)


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_every_row_is_documented_and_everything_documented_is_a_row_or_an_addition(
    operations: dict[str, Operation],
) -> None:
    built, additions = set(map(str, CONTRACT.built)), set(map(str, CONTRACT.additions))
    assert built - operations.keys() == set()
    assert operations.keys() - built - additions == set()


@EVERY_ROW
def test_the_documented_security_is_the_contracts(operations: dict[str, Operation], row: Row) -> None:
    named = [row.scheme] if row.scheme else row.credentials
    assert operations[str(row)].security() == {one for text in named for one in _schemes(text)}


@EVERY_ROW
def test_the_documented_request_has_the_contracts_fields(operations: dict[str, Operation], row: Row) -> None:
    documented = operations[str(row)]
    assert documented.request() == row.request
    assert documented.takes() == (row.takes or {"application/json"})
    assert documented.parameters("query") == row.query
    # docs/API.md, Credentials: whatever takes an access key or a secret key takes its end user's address too.
    backend = any(one.startswith(("access_key", "api_key")) for one in row.credentials)
    headers = row.headers | ({"Rowlock-Client-IP"} if backend else set())
    assert documented.parameters("header") == dict.fromkeys(headers, False)
    assert documented.parameters("path") == dict.fromkeys(re.findall(r"\{(\w+)\}", row.path), True)
    assert {name: documented.enum(name) for name in row.values} == row.values


@EVERY_ROW
def test_the_documented_answer_has_the_contracts_status_and_fields(operations: dict[str, Operation], row: Row) -> None:
    documented = operations[str(row)]
    assert documented.statuses() == row.statuses
    for status in row.statuses:
        answer = documented.answer(status)
        assert answer.keys() == row.media
        response = row.response_of(status)
        if response is not None:
            fields = documented.fields(answer["application/json"]["schema"])
            # Every field is always there, save in what is sparse; one that the contract marks `?` may be null.
            assert fields == {name: row.answers_always(name) for name in response}


@EVERY_ROW
def test_the_documented_errors_are_the_contracts(operations: dict[str, Operation], row: Row) -> None:
    codes = operations[str(row)].codes()
    assert (row.errors | CONTRACT.general_codes_of(row)) - codes.keys() == set()
    assert codes.keys() - row.errors - CONTRACT.general_codes() == set()
    assert codes == {code: CONTRACT.errors[code] for code in codes}


@EVERY_ROW
def test_every_documented_error_is_a_problem(operations: dict[str, Operation], row: Row) -> None:
    documented = operations[str(row)]
    for status in (int(status) for status in documented.raw["responses"] if status[0] in "45"):
        answer = documented.answer(status)
        assert list(answer) == [PROBLEM], status
        assert documented.fields(answer[PROBLEM]["schema"]) == CONTRACT.shapes["problem"]


@pytest.mark.parametrize("row", WITH_BODY, ids=str)
def test_a_body_may_be_left_out_exactly_where_no_field_is_required(operations: dict[str, Operation], row: Row) -> None:
    body = operations[str(row)].raw["requestBody"]
    assert body.get("required", False) is any(needed for name, needed in row.request.items() if "." not in name)


@pytest.mark.parametrize("method, path", CONTRACT.waiting(), ids=lambda text: text)
def test_a_call_that_is_not_yet_built_answers_404(
    api: httpx.Client, tenant: Tenant, operations: dict[str, Operation], method: str, path: str
) -> None:
    concrete = path.replace("{client_id}", tenant.client_id)
    concrete = re.sub(r"\{\w+\}", lambda _: str(uuid.uuid4()), concrete)
    method = "GET" if method == ANY else method
    answer = api.request(method, concrete, headers=bearer(tenant.access_key))
    others = {row.path for row in CONTRACT.built if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", row.path), path)}
    # Where only a client's path fits, its own first part is taken for a client's id.
    code = "method_not_allowed" if path in others else "client_not_found" if others else "not_found"
    assert answer.json()["code"] == code
    assert answer.status_code == CONTRACT.errors[code]
    assert answer.headers["Content-Type"] == PROBLEM
    assert f"{method} {path}" not in operations


@pytest.mark.parametrize("row, name, value", LATER_VALUES, ids=str)
def test_a_value_that_waits_for_a_later_part_is_refused(operator: Operator, row: Row, name: str, value: str) -> None:
    assert row.credentials == {"operator"}
    answer = operator.platform_call(row.method, row.path.removeprefix("/api/v1"), params={name: value})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert answer.json()["errors"].keys() == {name}


def _schemes(credential: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the security schemes of a credential; scopes are asked of API keys, a user's come with its role."""
    found = _CREDENTIAL.fullmatch(credential)
    assert found is not None, credential
    kind, scope = found["kind"], found["scope"]
    scopes = (scope,) if scope and kind == "api_key" else ()
    return [(scheme, scopes) for scheme in _SECURITY.get(kind, [kind])]
