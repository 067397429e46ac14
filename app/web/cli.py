"""`flask docs build`: writes what is made from the code into the project, so that a reader finds it there."""

import json
from collections.abc import Callable
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from app.web import docs, postman, workflow
from app.web.examples import Document

Page = Callable[[], str]
_SERVER = "http://localhost:8000"


def init_app(app: Flask, *, tables: Page) -> None:
    """Add the commands; `tables` draws the tables, which this floor does not know."""
    group = AppGroup("docs", help="The documentation that is made from the code.")

    @group.command("build")
    def build() -> None:
        """Write the OpenAPI document, the Postman collection and the diagrams."""
        for path, text in generated(app, tables=tables).items():
            place = Path(app.root_path).parent / path
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, encoding="utf-8")
            click.echo(path)

    app.cli.add_command(group)


def generated(app: Flask, *, tables: Page) -> dict[str, str]:
    """Return every generated file by its path in the project; the same for whatever settings."""
    document = {**docs.document_of(app), "servers": [{"url": _SERVER}]}
    return {
        "docs/openapi.json": _json(document),
        "docs/er-diagram.md": tables(),
        "docs/workflow.md": workflow.page(document),
        "postman/rowlock.postman_collection.json": _json(postman.collection(document)),
        "postman/rowlock.postman_environment.json": _json(postman.environment(document)),
    }


def _json(document: Document) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
