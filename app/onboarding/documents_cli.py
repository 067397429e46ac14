"""The operator's shell, for documents that a platform has signed: `flask documents verify` and `keys`."""

import json
from typing import Any, BinaryIO

import click
from flask.cli import AppGroup

from app.core.isolation import Crossing, across
from app.onboarding import documents
from app.onboarding.console import command, json_option, plainly, print_facts, print_json

documents_cli = AppGroup("documents", help="Signed documents: receipts, reports, and the covers of bundles.")


@documents_cli.command("verify")
@click.argument("file", type=click.File("rb"))
@click.option("--jwks", "keys", type=click.File("rb"), help="The signing platform's keys; no database is needed then.")
@json_option
@plainly
def verify(file: BinaryIO, keys: BinaryIO | None, as_json: bool) -> None:
    """Check the signature of the document in FILE (`-`: standard input) and show what it says."""
    given = None if keys is None else documents.read_keys(keys.read(documents.MOST_TEXT))
    with across(Crossing.SHELL):
        kind, claims = documents.verify_any(file.read(documents.MOST_TEXT + 1), given)
    if as_json:
        print_json(claims)
        return
    print_facts(f"The signature is good: a document of the kind {kind}.", {n: _shown(v) for n, v in claims.items()})


@documents_cli.command("keys")
@command
def keys() -> None:
    """Print this platform's public keys as a JSON Web Key Set, for whoever checks its documents elsewhere."""
    print_json(documents.public_keys())


def _shown(value: Any) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
