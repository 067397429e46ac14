"""Exporting users: all of one client, none of another, and nothing that a spreadsheet would run."""

import csv
import io
import json

import pytest

from tests.factories import PASSWORD, Tenant
from tests.user_management.importing import imported

FIELDS = [
    "user_id", "email", "email_verified", "full_name", "username", "avatar_url", "role", "status", "custom_fields",
    "created_at", "updated_at", "last_login_at",
]  # fmt: skip


def test_every_user_is_exported_once_and_no_other_clients(tenant: Tenant, other: Tenant) -> None:
    other.sign_up("theirs@example.com")
    imported(tenant, *({"email": f"person{number}@example.com"} for number in range(1_100)))
    answer = tenant.call("GET", "/users/export")
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="users.ndjson"'
    users = [json.loads(line) for line in answer.text.splitlines()]
    assert [user["email"] for user in users] == [f"person{number}@example.com" for number in range(1_100)]
    assert list(users[0]) == FIELDS


def test_an_exported_user_is_what_the_user_itself_sees(tenant: Tenant) -> None:
    person = tenant.sign_up(full_name="Ada", custom_fields={"plan": "gold"})
    assert json.loads(tenant.call("GET", "/users/export").text) == person.call("GET", "/me").json()


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "'x"], ids=repr)
def test_a_csv_holds_no_formula(tenant: Tenant, formula: str) -> None:
    imported(tenant, {"email": "ada@example.com", "full_name": f"{formula}\nb", "custom_fields": {"a": [1]}})
    answer = tenant.call("GET", "/users/export", params={"format": "csv"})
    assert answer.headers["Content-Type"].startswith("text/csv")
    header, row = csv.reader(io.StringIO(answer.text, newline=""))
    assert header == FIELDS
    shown = dict(zip(header, row, strict=True))
    assert (shown["full_name"][0], shown["email_verified"], shown["username"]) == ("'", "false", "")
    assert json.loads(shown["custom_fields"]) == {"a": [1]}


def test_no_export_holds_a_hash(tenant: Tenant) -> None:
    tenant.sign_up(password=PASSWORD)
    for form in ("ndjson", "csv"):
        text = tenant.call("GET", "/users/export", params={"format": form}).text
        assert "$2b$" not in text
        assert "password" not in text
    assert tenant.call("GET", "/users/export", params={"format": "xml"}).json()["code"] == "validation_failed"
