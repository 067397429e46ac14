"""The operator's shell, for a client as a whole: `flask clients export`, `import`, `clone` and `checksum`."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask import Flask
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.clients.service import SLUG
from app.core.actors import SystemActor
from app.onboarding import documents
from app.onboarding.cli import clients_cli
from app.onboarding.terminal import (
    client_named,
    command,
    json_option,
    out,
    print_facts,
    print_json,
    print_table,
    writable,
)
from app.transfer import bundles, checksums, cloning, exporting, importing, sealing
from app.transfer.importing import Imported
from app.transfer.models import OF_INSTALLATION
from app.web.schemas import Name

_passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Whose first line encrypts, or opens, the bundle.",
)
_slug_option = click.option("--slug", help="Of the new client.")
_SEALED = (
    "It is not encrypted. Its authenticator apps are sealed with this installation's SECRET_KEY: to move the client to"
    " another one, export it with --passphrase-file."
)


def init_app(_app: Flask) -> None:
    """Add the commands to those of clients."""
    for known in (export_client, import_client, clone_client, checksum_client):
        clients_cli.add_command(known)


@click.command("export")
@click.argument("client")
@click.option(
    "--to", "path", required=True, type=click.Path(path_type=Path), callback=writable, help="The file to write."
)
@_passphrase_option
@json_option
@command
def export_client(client: str, path: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Write all that CLIENT has into one signed file: users with their hashes, keys' hashes, settings, audit log.

    With a passphrase the file is encrypted, and opens on every installation that trusts this one.
    """
    client_id, passphrase = client_named(client), _passphrase(passphrase_file)
    with _bar("Exporting", exporting.rows_of(client_id)) as progress:
        made = exporting.export(SystemActor(), client_id, path, passphrase=passphrase, progress=progress)
    header, counts = made.summary.header, dict(made.summary.counts)
    told = {"file": str(made.path), "bytes": made.size, "encrypted": made.encrypted, "sha256": made.summary.digest}
    if as_json:
        print_json(told | {"bundle_id": header.bundle_id, "client_id": client_id, "rows": counts})
        return
    print_facts(f"{header.client_name} is exported.", told | {"rows": _in_words(counts)})
    if header.seeds == OF_INSTALLATION and counts.get("totp_factors"):
        out.print(_SEALED, markup=False)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_slug_option
@click.option("--same-id", is_flag=True, help="Bring back a client that was erased here, under the id it had.")
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `flask documents keys` printed on the installation that wrote the bundle.",
)
@_passphrase_option
@json_option
@command
def import_client(
    file: Path, slug: str | None, same_id: bool, trust: Path | None, passphrase_file: Path | None, as_json: bool
) -> None:
    """Make a client of a bundle; nobody resets a password.

    Users keep their ids, the client gets a new one. Sessions and tokens from before do not come along.
    """
    keys = documents.read_keys(trust.read_bytes()) if trust else None
    passphrase = _passphrase(passphrase_file)
    with contextlib.ExitStack() as held:
        with out.status("Checking the bundle"):
            bundle = held.enter_context(bundles.open_bundle(file, passphrase=passphrase, trust=keys))
        progress = held.enter_context(_bar("Importing", sum(bundle.summary.counts.values())))
        made = importing.import_bundle(SystemActor(), bundle, slug=_slug(slug), same_id=same_id, progress=progress)
    _print_made(made, as_json)


@click.command("clone")
@click.argument("client")
@_slug_option
@click.option("--name", help="Of the new client; the old one's with “(copy)” if not given.")
@json_option
@command
def clone_client(client: str, slug: str | None, name: str | None, as_json: bool) -> None:
    """Copy CLIENT: users with their passwords and second factors, roles and settings; not its keys or audit log."""
    client_id = client_named(client)
    named = Name(max_length=120).deserialize(name) if name is not None else None
    with _bar("Copying", exporting.rows_of(client_id)) as progress:
        made = cloning.clone(SystemActor(), client_id, slug=_slug(slug), name=named, progress=progress)
    _print_made(made, as_json)


@click.command("checksum")
@click.argument("client")
@json_option
@command
def checksum_client(client: str, as_json: bool) -> None:
    """Show how many rows CLIENT has of each table, and a checksum that a move leaves as it is."""
    client_id = client_named(client)
    with _bar("Reading", exporting.rows_of(client_id)) as progress:
        found = checksums.of_client(client_id, lambda rows: progress("", rows))
    if as_json:
        print_json({one.table: {"rows": one.rows, "sha256": one.sha256} for one in found})
        return
    print_table("Rows and checksums", ("table", "rows", "sha256"), [(one.table, one.rows, one.sha256) for one in found])


def _print_made(made: Imported, as_json: bool) -> None:
    if as_json:
        print_json(asdict(made))
        return
    facts: dict[str, Any] = asdict(made)
    facts |= {"counts": _in_words(made.counts), "notes": None}
    if made.access_key is None:
        facts["access_key"] = "that of before works on"
    shown = {name: value for name, value in facts.items() if value is not None}
    print_facts("Client made. What is new of a key is shown this once.", shown)
    if made.keys_left_out:
        out.print(f"{made.keys_left_out} keys were left out: another client of this installation has them.")
    for note in made.notes:
        out.print(note, markup=False)


def _passphrase(file: Path | None) -> str | None:
    if file is None:
        return None
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    text = lines[0] if lines else ""
    if not sealing.LEAST_PASSPHRASE <= len(text) <= sealing.MOST_PASSPHRASE:
        raise click.ClickException(
            f"The first line of {file} must have at least {sealing.LEAST_PASSPHRASE} characters."
        )
    return text


def _slug(text: str | None) -> str | None:
    if text is not None and not SLUG.fullmatch(text):
        raise click.ClickException("A slug has lower-case letters, digits and dashes; at most 63.")
    return text


def _in_words(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items())


@contextlib.contextmanager
def _bar(title: str, total: int) -> Iterator[Any]:
    """Show how far the work is, on standard error: rows, their rate, and the time left."""
    columns = (TextColumn(title), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rate]:.0f} rows/s,"))
    with Progress(*columns, TimeRemainingColumn(), TextColumn("left"), console=Console(stderr=True)) as bar:
        task, began, done = bar.add_task("", total=total, rate=0.0), time.monotonic(), 0

        def progress(_table: str, rows: int) -> None:
            nonlocal done
            done += rows
            bar.update(task, completed=done, rate=done / max(time.monotonic() - began, 0.001))

        yield progress
