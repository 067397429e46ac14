"""Reading the audit log: filters, order, both exports; one's own rows only, and nothing that changes any."""

import csv
import io
import json
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.core import clock
from tests import database
from tests.factories import PASSWORD, Person, Tenant, bearer, fresh_email
from tests.flows.observing import rows_of

Row = dict[str, Any]
COLUMNS = [
    "audit_id", "client_id", "user_id", "key_id", "action", "status", "ip_address", "user_agent", "request_id",
    "detail", "timestamp",
]  # fmt: skip
MANY = 1203
"""More than two batches of an export, and no whole number of them."""


@pytest.fixture
def person(tenant: Tenant) -> Person:
    return tenant.sign_up()


@pytest.fixture
def busy(tenant: Tenant, person: Person) -> Tenant:
    """A client with rows of several actions, callers and outcomes."""
    tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD})
    tenant.call("POST", "/login", json={"email": person.email, "password": "not the right one"})
    tenant.call("POST", "/login", json={"email": fresh_email(), "password": PASSWORD})
    person.call("PATCH", "/me", json={"full_name": "Ada"})
    tenant.sign_up()
    return tenant


def exported(tenant: Tenant, **query: str) -> list[Row]:
    answer = tenant.call("GET", "/audit-logs/export", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_log_is_read_newest_first_and_every_row_is_whole(busy: Tenant) -> None:
    rows = busy.audit()
    assert [row["action"] for row in rows] == [
        "signup", "user.update", "login", "login", "login", "signup", "client.register",
    ]  # fmt: skip
    assert {tuple(row) for row in rows} == {tuple(COLUMNS)}
    assert [row["timestamp"] for row in rows] == sorted((row["timestamp"] for row in rows), reverse=True)
    assert {row["client_id"] for row in rows} == {busy.client_id}


def test_each_filter_gives_what_it_names_alone_and_with_others_in_list_and_export(busy: Tenant, person: Person) -> None:
    rows = busy.audit()
    key_id, middle = rows[-1]["key_id"], rows[3]["timestamp"]
    filters: list[dict[str, str]] = [
        {"action": "login"},
        {"status": "failed"},
        {"user_id": person.user_id},
        {"key_id": key_id},
        {"action": "login", "status": "failed", "user_id": person.user_id, "key_id": key_id},
        {"action": "no.such"},
        {"user_id": str(uuid.uuid4())},
    ]
    for wanted in filters:
        expected = [row for row in rows if wanted.items() <= row.items()]
        assert busy.audit(**wanted) == expected, wanted
        assert exported(busy, **wanted) == expected, wanted
    assert busy.audit(since=middle) == [row for row in rows if row["timestamp"] >= middle] != rows
    assert busy.audit(until=middle) == [row for row in rows if row["timestamp"] < middle] != []
    assert busy.audit(since=middle, until=middle) == []
    elsewhere = middle.replace("Z", "+00:00")
    assert busy.audit(since=elsewhere, status="failed") == busy.audit(since=middle, status="failed") != []


@pytest.mark.parametrize(
    "query",
    [
        "status=maybe", "user_id=1", "key_id=x", "since=yesterday", "since=2026-01-01T00:00:00", "until=", "q=x",
        "action=", "since=0001-01-01T00:00:00%2B14:00", "action=a&action=b", "format=ndjson",
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_meant_is_refused(tenant: Tenant, query: str) -> None:
    answer = tenant.call("GET", f"/audit-logs?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


@pytest.mark.parametrize("query", ["format=xml", "format=", "limit=5", "cursor=x"])
def test_an_export_is_whole_and_in_a_format_that_there_is(tenant: Tenant, query: str) -> None:
    answer = tenant.call("GET", f"/audit-logs/export?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


def test_both_exports_give_every_row_once_also_where_moments_are_equal(tenant: Tenant, database_url: str) -> None:
    _add_rows(database_url, tenant, MANY)
    lines = exported(tenant)
    assert len(lines) == len({row["audit_id"] for row in lines}) == MANY + 1
    assert [row["timestamp"] for row in lines] == sorted((row["timestamp"] for row in lines), reverse=True)
    assert lines[:100] == tenant.audit()
    answer = tenant.call("GET", "/audit-logs/export", params={"format": "csv"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-logs.csv"'
    assert answer.headers["cache-control"] == "no-store"
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(table[0]) == COLUMNS
    as_text = [{name: value or "" for name, value in row.items()} for row in lines]
    assert [{**row, "detail": json.loads(row["detail"])} for row in table] == [
        {**row, "detail": line["detail"]} for row, line in zip(as_text, lines, strict=True)
    ]


def test_no_cell_of_the_csv_is_a_formula_to_a_spreadsheet(tenant: Tenant) -> None:
    agents = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\x01=1", '=cmd|"/c calc"!A1', 'a",=1\n=2', "plain = 1"]
    for agent in agents:
        tenant.call("POST", "/refresh", json={"refresh_token": "rlk_rt_none"}, headers={"User-Agent": agent.encode()})
    answer = tenant.call("GET", "/audit-logs/export", params={"format": "csv", "action": "session.refresh"})
    table = list(csv.reader(io.StringIO(answer.text)))
    assert {len(row) for row in table} == {len(COLUMNS)}
    cells = [cell for row in table for cell in row]
    assert [cell for cell in cells if cell.strip()[:1] in ("=", "+", "-", "@")] == []
    stored = [row["user_agent"] for row in exported(tenant, action="session.refresh")]
    assert [cell.lstrip("'") for cell in (row[COLUMNS.index("user_agent")] for row in table[1:])] == stored


def test_LOG_04_a_client_reads_its_own_rows_only(busy: Tenant, other: Tenant, person: Person) -> None:
    stranger = other.sign_up()
    theirs = {"user_id": stranger.user_id, "key_id": other.audit()[-1]["key_id"]}
    assert {row["client_id"] for row in other.audit()} == {other.client_id}
    assert {row["client_id"] for row in exported(other)} == {other.client_id}
    for name, value in theirs.items():
        assert len(other.audit(**{name: value})) > 0
        assert busy.audit(**{name: value}) == exported(busy, **{name: value}) == []
    for path in ("/audit-logs", "/audit-logs/export"):
        foreign = busy.api.get(other.path + path, headers=bearer(busy.access_key))
        assert (foreign.status_code, foreign.json()["code"]) == (404, "client_not_found")
        plain = person.call("GET", path)
        assert (plain.status_code, plain.json()["code"]) == (403, "insufficient_scope")


def test_LOG_04_no_call_changes_or_deletes_a_row(busy: Tenant, database_url: str) -> None:
    before, row = rows_of(database_url, busy), busy.audit()[0]
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        for path in ("/audit-logs", "/audit-logs/export"):
            assert _code(busy.call(method, path, json=row)) == (405, "method_not_allowed"), (method, path)
        for path in (f"/audit-logs/{row['audit_id']}", "/audit-logs/"):
            assert _code(busy.call(method, path, json=row)) == (404, "not_found"), (method, path)
    assert rows_of(database_url, busy) == before


@pytest.mark.parametrize("form", ["{0}@{1}.example", "{0}", "{0}@{1}", "{0}.{1}@localhost"])
def test_LOG_04_a_password_typed_as_an_address_can_be_read_nowhere(
    tenant: Tenant, database_url: str, form: str
) -> None:
    parts = uuid.uuid4().hex, f"z{uuid.uuid4().hex}"
    body = {"email": form.format(*parts), "password": PASSWORD}
    answer = tenant.call("POST", "/login", json=body)
    assert answer.status_code in (401, 422)
    dump = database.dump(database_url)
    slices = {part[at : at + 8] for part in parts for at in range(len(part) - 7)}
    assert [piece for piece in slices if piece in answer.text or piece in dump] == []
    failed = [row for row in tenant.audit(action="login") if answer.status_code == 401]
    assert [(row["user_id"], row["detail"]) for row in failed] == [(None, {"reason": "invalid_credentials"})][
        : len(failed)
    ]


def _code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def _add_rows(url: str, tenant: Tenant, number: int) -> None:
    """Add rows beside the service, many of one moment."""
    now = clock.now() - timedelta(days=1)
    statement = (
        "INSERT INTO audit_logs (audit_id, client_id, action, status, detail, timestamp)"
        " VALUES (:audit_id, :client_id, 'made.up', 'success', '{}', :moment)"
    )
    client_id = database.uuid_text(url, tenant.client_id)
    moments = [(now + timedelta(seconds=at // 700)).replace(tzinfo=None) for at in range(number)]
    made = [
        {"audit_id": database.uuid_text(url, str(uuid.uuid4())), "client_id": client_id, "moment": str(moment)}
        for moment in moments
    ]
    engine = database.seeing_all(url)
    with engine.begin() as connection:
        connection.execute(text(statement), made)
    engine.dispose()
