"""`flask users import` and `flask users export`."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core.errors import TemporarilyUnavailable
from app.user_management import import_rows
from app.users import bulk
from tests.factories import Tenant
from tests.user_management.importing import counts, ndjson


def shell(app: Flask, *arguments: Any) -> tuple[int, str, str]:
    """Run a command; return its exit status and what it printed."""
    with app.app_context():
        ended = app.test_cli_runner().invoke(args=["users", *map(str, arguments)])
    return ended.exit_code, ended.stdout, ended.stderr


def that_breaks_after(batches: int) -> Callable[..., list[bool]]:
    """Return what adds some batches of users and then finds the database away."""
    left, add_many = [None] * batches, bulk.add_many

    def add(client_id: UUID, people: Sequence[Mapping[str, Any]]) -> list[bool]:
        if not left:
            raise TemporarilyUnavailable()
        left.pop()
        return add_many(client_id, people)

    return add


def test_a_file_is_imported_by_its_name_with_a_bar_and_a_line_for_each_bad_row(
    app: Flask, tenant: Tenant, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,role\nada@example.com,admin\nbob@example.com,[red]nothing\n?,user\n", encoding="utf-8")
    status, said, _ = shell(app, "import", tenant.slug, file, "--dry-run")
    assert (status, "nothing is written" in said, tenant.call("GET", "/users/export").text) == (0, True, "")
    status, said, beside = shell(app, "import", tenant.slug, file)
    assert status == 0
    assert "line 3, bob@example.com: role: There is no such role." in said
    assert "line 4: email: This is not a valid e-mail address." in said
    assert "100%" in beside
    exported = shell(app, "export", tenant.slug)[1]
    assert [json.loads(line)["email"] for line in exported.splitlines()] == ["ada@example.com"]
    assert shell(app, "export", tenant.slug, "--format", "csv")[1].splitlines()[1].split(",")[1] == "ada@example.com"
    assert [row["detail"]["added"] for row in tenant.audit(action="user.import")] == [1]


def test_a_machine_reads_the_lines_of_the_api_and_an_interrupted_import_goes_on(
    app: Flask, tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "people.ndjson"
    file.write_bytes(ndjson({"email": f"person{number}@example.com"} for number in range(1_200)))
    with monkeypatch.context() as patched:
        patched.setattr(bulk, "add_many", that_breaks_after(2))
        status, _, said = shell(app, "import", tenant.client_id, file, "--json")
    assert (status, "goes on where this one stopped" in said) == (1, True)
    assert len(tenant.call("GET", "/users/export").text.splitlines()) == 1_000
    status, printed, _ = shell(app, "import", tenant.client_id, file, "--json")
    lines = [json.loads(line) for line in printed.splitlines()]
    assert (status, lines[0]["progress"]["total"], len(lines)) == (0, 1_200, 2)
    assert {name: lines[1][name] for name in counts(0)} == counts(1_200, added=1_200)


def test_a_file_whose_name_does_not_say_its_form_is_asked_for_it(app: Flask, tenant: Tenant, tmp_path: Path) -> None:
    for name in ("people.json", "people", "people.xlsx"):
        file = tmp_path / name
        file.write_text('{"email": "ada@example.com"}\n', encoding="utf-8")
        status, _, said = shell(app, "import", tenant.slug, file)
        assert (status, f"Say what {name} is: --format ndjson or --format csv." in said) == (1, True)
    assert shell(app, "import", tenant.slug, file, "--format", "ndjson")[0] == 0
    assert len(tenant.call("GET", "/users/export").text.splitlines()) == 1


def test_help_names_the_columns_the_forms_of_hashes_and_how_a_client_is_named(app: Flask) -> None:
    said = " ".join(shell(app, "import", "--help")[1].split())
    for word in (*import_rows.KNOWN, "bcrypt_sha256$$2b$", "$pbkdf2-sha256$", "Keycloak", "docs/moving-in.md"):
        assert word in said, word
    for arguments in (("import", "--help"), ("export", "--help")):
        assert "a slug or an id" in " ".join(shell(app, *arguments)[1].split())


def test_what_cannot_be_imported_is_said_in_a_line(app: Flask, tenant: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name\nx\n", encoding="utf-8")
    status, _, said = shell(app, "import", tenant.slug, file)
    assert (status, "The first row names the columns" in said) == (1, True)
    assert shell(app, "import", "platform", file)[0] == 1
    assert "There is no client" in shell(app, "import", "nobody", file)[2]
