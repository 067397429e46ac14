"""The OpenAPI document is good to read and good to generate from; tests/contracts hold what it says to the contract."""

import re
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS31Validator

from app.core.errors import AppError
from app.web import catalogue, openapi
from tests.conftest import client_from, settings_from
from tests.factories import Operator, Tenant, bearer
from tests.limits.calling import limit
from tests.support.applications import another_application

# The document is the same whatever the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")

BACKEND = {"access_key", "api_key"}
METRICS: list[dict[str, list[str]]] = [{"metrics_token": []}]
UNCOUNTED = {"400", "401", "413", "415", "500", "503", "507"}


@pytest.fixture
def document(api: httpx.Client) -> dict[str, Any]:
    """The document as the service serves it."""
    body: dict[str, Any] = api.get("/openapi.json").json()
    return body


@pytest.fixture
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every operation by its id."""
    return openapi.operations(document)


def test_every_operation_has_an_id_of_its_own_and_a_summary_in_one_line(
    document: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    assert len(operations) == len(list(openapi.calls(document)))
    for name, operation in operations.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
        assert re.fullmatch(r"[A-Z][^\n`]{10,110}[^.]", operation["summary"]), name


def test_the_tags_come_in_reading_order_and_each_is_used(
    document: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    names = [tag["name"] for tag in document["tags"]]
    assert names[0] == "clients"
    assert names[-1] == "health"
    assert set(names) == {tag for operation in operations.values() for tag in operation["tags"]}


def test_every_example_of_a_body_fits_its_schema(
    document: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    seen = set()
    for name, operation in operations.items():
        content = operation.get("requestBody", {}).get("content", {})
        for media in content.values():
            _check(media["schema"], media["example"], document)
            seen.add(name)
    assert {"register_client", "sign_up", "log_in", "change_me", "log_out"} <= seen


def test_every_example_of_a_field_fits_its_schema(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"].values()
    fields = [field for schema in schemas for field in schema.get("properties", {}).values()]
    shown = [(field, example) for field in fields for example in field.get("examples", [])]
    assert len(shown) > 50
    for field, example in shown:
        _check(field, example, document)


def test_every_schema_says_what_it_is(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert re.fullmatch(r"[A-Z].{8,}[.]", schema["description"], re.S), name


def test_every_error_is_shown_by_an_example_of_its_code(
    document: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    named = document["components"]["examples"]
    for code, example in named.items():
        assert example["value"]["code"] == code
        _check({"$ref": "#/components/schemas/Problem"}, example["value"], document)
    for operation in operations.values():
        for status, answer in operation["responses"].items():
            codes = answer.get("x-codes", [])
            assert [named[code]["value"]["status"] for code in codes] == [int(status)] * len(codes)
            if codes:
                assert list(answer["content"]["application/problem+json"]["examples"]) == codes


def test_the_counted_calls_show_what_is_left(document: dict[str, Any], operations: dict[str, dict[str, Any]]) -> None:
    reading = {one["operationId"] for method, _, one in openapi.calls(document) if method == "GET"}
    for name, operation in operations.items():
        # A call counts for its client, key or user, one that takes a code for the address; what anybody may read
        # counts for nobody, nor does Prometheus, nor logging out, which a neighbour must not keep anyone from.
        free = name in reading or name == "end_console_session"
        limited = operation.get("security", METRICS) != METRICS or not free
        assert ("429" in operation["responses"]) is limited, name
        good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        assert ("RateLimit" in good["headers"]) is limited
        assert "X-Request-ID" in good["headers"]
        if limited:
            refused = operation["responses"]["429"]["headers"]
            assert {"Retry-After", "RateLimit", "RateLimit-Policy", "X-RateLimit-Reset"} <= refused.keys()
        for status, answer in operation["responses"].items():
            assert ("RateLimit" in answer["headers"]) is (limited and status not in UNCOUNTED), (name, status)


def test_the_documented_headers_of_a_counted_answer_are_those_that_it_carries(
    api: httpx.Client, operations: dict[str, dict[str, Any]]
) -> None:
    answer = api.post("/api/v1/clients/register", json={"client_name": "Acme"})
    documented = operations["register_client"]["responses"]["201"]["headers"]
    assert {name for name in documented if name not in answer.headers} == set()


def test_a_refusal_of_a_counted_call_carries_what_is_left_as_documented(
    tenant: Tenant, operator: Operator, operations: dict[str, dict[str, Any]]
) -> None:
    limit(operator, tenant, requests_per_day=50)
    made = tenant.call("POST", "/keys", json={"name": "No rights"}).json()
    path, powerless = f"/keys/{made['key_id']}", bearer(made["api_key"])
    refused = {
        "create_key": tenant.call("POST", "/keys", json={"name": "More"}, headers=powerless),
        "show_key": tenant.call("GET", "/keys/none"),
        "change_key": tenant.call("PATCH", path, json={"name": 1}),
    }
    tenant.call("POST", f"{path}/revoke")
    refused["rotate_key"] = tenant.call("POST", f"{path}/rotate", json={})
    told = {name: answer.status_code for name, answer in refused.items()}
    assert told == {"create_key": 403, "show_key": 404, "change_key": 422, "rotate_key": 409}
    for name, answer in refused.items():
        documented = operations[name]["responses"][str(answer.status_code)]["headers"]
        assert "RateLimit-Policy" in documented
        assert {header for header in documented if header not in answer.headers} == set(), name


def test_a_backend_may_name_its_users_address_wherever_its_keys_are_taken(
    operations: dict[str, dict[str, Any]],
) -> None:
    for name, operation in operations.items():
        taken = {kind for one in operation.get("security", []) for kind in one} & BACKEND
        headers = [one["name"] for one in operation.get("parameters", []) if one["in"] == "header"]
        assert ("Rowlock-Client-IP" in headers) is bool(taken), name


def test_every_pattern_means_the_same_to_other_languages(document: dict[str, Any]) -> None:
    patterns = re.findall(r"'pattern': [\"'](.*?)[\"'][,}]", str(document["components"]["schemas"]))
    assert patterns
    for pattern in patterns:
        assert "\\Z" not in pattern
        assert pattern.startswith("^")
        assert pattern.endswith("$)")


def test_no_schema_is_there_for_nothing(document: dict[str, Any]) -> None:
    used = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert document["components"]["schemas"].keys() == used


def test_a_query_parameter_is_never_null(operations: dict[str, dict[str, Any]]) -> None:
    queries = [one["schema"] for operation in operations.values() for one in operation.get("parameters", [])]
    assert queries
    assert "None" not in str(queries)
    assert "null" not in str(queries)


def test_two_views_of_one_name_stop_the_application(document: dict[str, Any]) -> None:
    twice = {"paths": document["paths"] | {"/another": document["paths"]["/healthz"]}}
    with pytest.raises(RuntimeError, match="healthz"):
        openapi.operations(twice)


def test_the_catalogue_tells_a_code_once_and_its_special_cases_beneath(document: dict[str, Any]) -> None:
    entries = {entry.code: entry for entry in catalogue.read()}
    assert entries.keys() == document["components"]["examples"].keys()
    assert entries["internal_error"].title == AppError.title
    assert [title for title, _ in entries["conflict"].variants] == [
        "The platform client is not moved or copied.",
        "The rows that were to be put in place are not all there.",
        "There are as many passkeys as one account may have.",
        "There is no second factor that recovery codes could stand in for.",
        "This client has second factors switched off.",
        "This mail is neither waiting nor given up.",
        "This snapshot cannot be used.",
        "This user has not accepted the invitation yet.",
        "This username is taken.",
        "Your organisation asks for a second factor, and this is your last one.",
    ]


def test_there_is_no_document_without_what_failed_and_no_command_for_an_unfinished_one(
    environment: dict[str, str],
) -> None:
    def broken() -> None:
        raise ValueError("a blueprint that cannot say what it is")

    with another_application(settings_from(environment)) as app:
        app.extensions["flask-smorest"]["apis"][""]["ext_obj"].pending.insert(3, broken)
        ended = app.test_cli_runner().invoke(args=["openapi", "print"])
        assert (ended.exit_code, "No such command 'openapi'" in ended.output) == (2, True)
        for _ in range(3):
            answer = client_from(app, "127.0.0.1").get("/openapi.json")
            assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


def _check(schema: dict[str, Any], value: Any, document: dict[str, Any]) -> None:
    whole = {**schema, "components": document["components"]}
    OAS31Validator(whole, format_checker=OAS31Validator.FORMAT_CHECKER).validate(value)
