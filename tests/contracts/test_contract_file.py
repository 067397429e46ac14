"""docs/contract.yaml says what docs/API.md says: every call, field, shape and error code, both ways."""

import re

import httpx
import pytest

from tests.contracts import api_page
from tests.contracts.contract import ANY, CONTRACT, DOCS, Row
from tests.contracts.notation import read_fields

PAGE = (DOCS / "API.md").read_text("utf-8")
CALLS = api_page.calls(PAGE)
LISTED = {(row.method, row.path) for row in CONTRACT.built} | set(CONTRACT.waiting())
PUBLIC = {
    "POST /api/v1/clients/register",
    "POST /api/v1/console/session",
    "DELETE /api/v1/console/session",
    "POST /api/v1/console/session/mfa",
    "POST /api/v1/console/session/refresh",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /openapi.json",
    "GET /docs/{client_id}",
    "POST /api/v1/{client_id}/email/verify",
    "POST /api/v1/{client_id}/password/reset",
    "POST /api/v1/{client_id}/me/email/confirm",
    "POST /api/v1/{client_id}/invitations/accept",
    "GET /api/v1/{client_id}/.well-known/jwks.json",
    "GET /api/v1/{client_id}/.well-known/openid-configuration",
}
"""The calls that need no credential; adding one is a decision."""
PUBLIC_ADDITIONS = {
    "POST /api/v1/console/session/passkey/options",
    "POST /api/v1/console/session/passkey",
    "POST /api/v1/console/password/forgot",
    "POST /api/v1/console/email/resend",
}
"""The same beyond docs/API.md, besides what only shows a page."""


def test_the_page_is_read_whole() -> None:
    paths = {(call.method, call.path) for call in CALLS}
    assert len(CALLS) == len(paths) == 108
    assert ("POST", "/api/v1/clients/{client_id}/sessions/revoke-all") in paths
    assert ("POST", "/api/v1/console/session/refresh") in paths
    assert ("POST", "/api/v1/{client_id}/webhooks/{id}/deliveries/{id}/replay") in paths
    assert ("DELETE", "/api/v1/{client_id}/me/passkeys/{id}") in paths
    assert ("GET", "/api/v1/{client_id}/.well-known/jwks.json") in paths


def test_every_call_of_the_page_is_built_or_listed_as_not_yet_built() -> None:
    paths = {path for _, path in LISTED}
    missing = [
        f"{call.method} {call.path}"
        for call in CALLS
        if (call.path not in paths if call.method == ANY else (call.method, call.path) not in LISTED)
    ]
    assert missing == []


def test_every_call_of_the_file_is_on_the_page() -> None:
    named = {(call.method, call.path) for call in CALLS}
    without_method = {call.path for call in CALLS if call.method == ANY}
    assert [call for call in sorted(LISTED) if call not in named and call[1] not in without_method] == []


def test_no_call_is_listed_twice() -> None:
    every = [(row.method, row.path) for row in (*CONTRACT.built, *CONTRACT.additions)] + list(CONTRACT.waiting())
    assert len(every) == len(set(every))


def test_the_error_codes_and_their_statuses_are_those_of_the_page() -> None:
    assert api_page.error_codes(PAGE) == CONTRACT.errors


def test_the_file_names_only_codes_and_parts_that_it_lists() -> None:
    named = CONTRACT.general_codes().union(CONTRACT.later_errors, *(row.errors for row in CONTRACT.built))
    assert named - CONTRACT.errors.keys() == set()
    waited_for = set(CONTRACT.later_errors.values()).union(*(row.waits_for for row in CONTRACT.built))
    assert waited_for - CONTRACT.not_yet_built.keys() == set()


def test_every_error_code_is_general_or_some_calls_or_waits_for_a_part() -> None:
    answered = CONTRACT.general_codes().union(*(row.errors for row in CONTRACT.built))
    assert answered | CONTRACT.later_errors.keys() == CONTRACT.errors.keys()
    assert answered & CONTRACT.later_errors.keys() == set()


@pytest.mark.parametrize("name", ["user", "session", "client", "audit"])
def test_a_shape_has_the_fields_of_the_page(name: str) -> None:
    assert read_fields(api_page.shapes(PAGE)[name], {}) == CONTRACT.shapes[name]


@pytest.mark.parametrize("row", CONTRACT.built, ids=str)
def test_a_request_has_the_fields_of_the_page(row: Row) -> None:
    shown = [call.body for call in CALLS if (call.method, call.path) == (row.method, row.path) and call.body]
    if not shown:
        # The page shows no body; whatever the row takes is then of a shape (PATCH of a client) or an addition.
        assert row.whole_request.keys() <= CONTRACT.shapes["client"].keys()
        return
    assert [row.whole_request] == [read_fields(body, {}) for body in shown]


@pytest.mark.parametrize(
    "call",
    [
        "POST /api/v1/clients/register",
        "POST /api/v1/{client_id}/signup",
        "POST /api/v1/{client_id}/access-key/rotate",
        "POST /api/v1/{client_id}/keys",
        "POST /api/v1/{client_id}/keys/verify",
    ],
)
def test_an_answer_has_the_fields_that_the_page_writes_out(call: str) -> None:
    row = next(row for row in CONTRACT.built if str(row) == call)
    answer = next(one.answer for one in CALLS if f"{one.method} {one.path}" == call)
    written = re.search(r"20[01] `(\{[^`]*\})`", answer)
    assert written is not None
    assert row.response is not None
    shown = {name for name in read_fields(written[1], {}) if "." not in name}
    built = {name for name in row.response if "." not in name}
    # A list that ends with `…` may go on.
    assert shown - {"…"} <= built if "…" in shown else shown == built


def test_the_page_writes_out_every_reason_for_which_a_key_is_not_valid(api: httpx.Client) -> None:
    answer = next(one.answer for one in CALLS if one.path.endswith("/keys/verify"))
    listed = re.search(r"with `code` (.*?)\)", answer)
    assert listed is not None
    verdict = api.get("/openapi.json").json()["components"]["schemas"]["KeyVerdict"]["properties"]["code"]
    assert {code for code in verdict["enum"] if code} == set(re.findall(r"`(\w+)`", listed[1]))


def test_the_calls_without_a_credential_are_those_of_the_list() -> None:
    assert {str(row) for row in CONTRACT.built if "anyone" in row.credentials} == PUBLIC
    added = {str(row) for row in CONTRACT.additions if "anyone" in row.credentials and row.method != "GET"}
    assert added == PUBLIC_ADDITIONS
