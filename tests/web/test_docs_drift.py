"""What is made from the code and kept in the project is what the code makes today."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, inspect

from app.extensions import db
from app.onboarding import diagrams
from app.web import cli
from tests.factories import Tenant

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "docs/openapi.json",
    "docs/er-diagram.md",
    "docs/workflow.md",
    "postman/rowlock.postman_collection.json",
    "postman/rowlock.postman_environment.json",
)


@pytest.mark.parametrize("path", FILES)
def test_a_generated_file_has_not_drifted(app: Flask, path: str) -> None:
    made = cli.generated(app, tables=diagrams.page)
    assert made.keys() == set(FILES)
    assert (ROOT / path).read_text("utf-8") == made[path], "run `make docs`"


def test_the_command_writes_every_file(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "root_path", str(tmp_path / "app"))
    outcome = app.test_cli_runner().invoke(args=["docs", "build"])
    assert outcome.exit_code == 0, outcome.output
    assert outcome.output.split() == list(FILES)
    for path in FILES:
        assert (tmp_path / path).read_text("utf-8") == (ROOT / path).read_text("utf-8")


def test_the_diagram_has_every_table_and_column_of_the_database(app: Flask, tenant: Tenant) -> None:
    drawn = {
        name: set(re.findall(r"^        \w+ (\w+)", body, re.M))
        for name, body in re.findall(r'^    (\w+)\[".*?"\] \{\n(.*?)\n    \}', diagrams.page(), re.M | re.S)
    }
    with app.app_context():
        looked = inspect(create_engine(db.engine.url, poolclass=NullPool))  # other tests cut the pool's connections
        names = {name for name in looked.get_table_names() if not name.startswith("users_")} - {"alembic_version"}
        real = {name: {str(column["name"]) for column in looked.get_columns(name)} for name in names}
        real["users"] = {str(column["name"]) for column in looked.get_columns(tenant.table)}
    assert drawn == real
