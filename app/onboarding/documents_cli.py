"""The operator's shell, for documents that a platform has signed: `flask documents verify` and `keys`."""

from collections.abc import Sequence
from typing import Any, BinaryIO

import click
from flask import Flask
from flask.cli import AppGroup
from rich.markup import escape

from app.core.isolation import Crossing, across
from app.onboarding import documents
from app.onboarding.terminal import command, json_option, plainly, print_facts, print_json, print_table

documents_cli = AppGroup("documents", help="Signed documents: receipts of erasures and reports on isolation.")


def is_offline(arguments: Sequence[str]) -> bool:
    """Return whether the flask command that is called, by these words, needs neither settings nor a database."""
    return list(arguments[:2]) == ["documents", "verify"] and any(word.startswith("--jwks") for word in arguments)


def offline_app() -> Flask:
    """Return an application without settings, routes and database, which knows these commands alone."""
    app = Flask(__name__, static_folder=None)
    app.cli.add_command(documents_cli)
    return app


@documents_cli.command("verify")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--jwks", "keys", type=click.File("rb"), help="The signing platform's keys; no settings, no database then."
)
@json_option
@plainly
def verify(file: BinaryIO, keys: BinaryIO | None, as_json: bool) -> None:
    """Check the signature of the document in FILE (`-`: standard input) and show what it says.

    A bundle of a client is none: `flask clients import` checks its signature before it changes anything.
    """
    given = None if keys is None else documents.read_keys(keys.read(documents.MOST_TEXT))
    with across(Crossing.SHELL):
        kind, claims = documents.verify_any(file.read(documents.MOST_TEXT + 1), given)
    if as_json:
        print_json(claims)
        return
    _print(f"The signature is good: a document of the kind {kind}.", claims)


@documents_cli.command("keys")
@command
def keys() -> None:
    """Print this platform's public keys as a JSON Web Key Set, for whoever checks its documents elsewhere."""
    print_json(documents.public_keys())


def _print(title: str, claims: dict[str, Any]) -> None:
    """Print what stands by itself first, then each list and each group of facts under its name."""
    nested = {name: value for name, value in claims.items() if isinstance(value, dict | list) and value}
    print_facts(title, {escape(name): _shown(value) for name, value in claims.items() if name not in nested})
    for name, value in nested.items():
        if isinstance(value, dict):
            print_facts(f"{escape(name)}:", {escape(inner): _shown(one) for inner, one in value.items()})
        elif all(isinstance(row, dict) for row in value):
            columns = list(dict.fromkeys(column for row in value for column in row))
            rows = [[escape(str(_shown(row.get(column, "")))) for column in columns] for row in value]
            print_table(escape(name), [escape(column) for column in columns], rows)
        else:
            print_facts(f"{escape(name)}:", {str(number): _shown(one) for number, one in enumerate(value, start=1)})


def _shown(value: Any) -> object:
    """Return what is inside a line or a cell: facts in words, lists line by line."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(one)}" for name, one in value.items())
    return "\n".join(str(_shown(one)) for one in value) if isinstance(value, list) else value
