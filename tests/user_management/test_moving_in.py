"""The files of users that the documentation shows go in as they stand."""

import json
import re

import pytest

from app.user_management import import_rows
from app.web import examples
from tests.factories import Tenant
from tests.servers import ROOT
from tests.user_management.importing import CSV, counts, send, told


def custom_fields(tenant: Tenant) -> list[object]:
    """Return what each user has, the oldest first."""
    return [json.loads(line)["custom_fields"] for line in tenant.call("GET", "/users/export").text.splitlines()]


@pytest.mark.parametrize("media", sorted(examples.FILES))
def test_the_file_that_the_documentation_shows_goes_in(tenant: Tenant, media: str) -> None:
    reports, summary = told(send(tenant, examples.FILES[media].encode(), headers={"Content-Type": media}))
    assert (reports, summary) == ([], counts(2, added=2))
    login = {"email": "ada@example.com", "password": "correct horse battery"}
    assert tenant.call("POST", "/login", json=login).status_code == 200
    assert custom_fields(tenant)[1] == {"team": "blue"}


def test_the_rows_that_the_page_on_moving_in_shows_go_in(tenant: Tenant) -> None:
    page = (ROOT / "docs" / "moving-in.md").read_text()
    rows, table = re.findall(r"^```\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert told(send(tenant, rows.encode())) == ([], counts(2, added=2))
    assert custom_fields(tenant) == [{}, {"team": "blue", "seats": 3}]
    assert told(send(tenant, table.encode(), headers=CSV))[1] == counts(2, skipped=2)
    assert not import_rows.KNOWN - set(re.findall(r"`(\w+)`", page.partition("## Fields")[2].partition("NDJSON")[0]))
