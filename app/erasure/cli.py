"""The operator's shell: `flask clients erase` and `flask clients verify-erasure`."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
from flask import Flask
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.clients import service as clients
from app.core import db
from app.core.actors import SystemActor
from app.core.clock import rfc3339
from app.core.ids import parse_id
from app.erasure import carrying_out, service, verification
from app.erasure.models import Erasure
from app.onboarding.cli import clients_cli
from app.onboarding.terminal import command, json_option, out, print_facts, print_json


def init_app(_app: Flask) -> None:
    """Add the commands to those of clients."""
    clients_cli.add_command(erase)
    clients_cli.add_command(verify_erasure)


@click.command("erase")
@click.argument("client")
@click.option("--confirm", required=True, metavar="SLUG", help="The client's slug once more.")
@json_option
@command
def erase(client: str, confirm: str, as_json: bool) -> None:
    """Erase CLIENT (its slug or id) for good, with its users; cut off in the middle, the same command goes on."""
    client_id = _named(client)
    erasure = service.begin(SystemActor(), client_id, confirm=confirm)
    if not erasure.is_finished:
        _follow(client_id)
        erasure = service.require(client_id)
    _tell(erasure, as_json)


@click.command("verify-erasure")
@click.argument("erased", metavar="CLIENT_ID|RECEIPT_FILE")
@json_option
@command
def verify_erasure(erased: str, as_json: bool) -> None:
    """Check the receipt of an erased client, and that nothing of it is left anywhere; exit status 1 if something is.

    A client that was brought back from a bundle under the same id is here again, and told as that.
    """
    client_id = parse_id(erased)
    receipt = _read(Path(erased)) if client_id is None else verification.receipt_of(client_id)
    client_id, told = verification.client_of(receipt)
    left, back = verification.leftovers(client_id), verification.brought_back_at(client_id)
    if as_json:
        print_json({"erased": not left, "left": left, "brought_back_at": back and rfc3339(back), "receipt": told})
    else:
        print_facts("The receipt's signature is good.", {name: told[name] for name in ("slug", "client_id")})
        print_facts("Gone:", dict(told["deleted"]))
        _tell_left(left, back)
    if left:
        raise SystemExit(1)


def _tell_left(left: list[str], back: datetime | None) -> None:
    if back is not None:
        out.print(f"It was brought back on {rfc3339(back)} (`clients import --same-id`); it is here again, with:")
    else:
        out.print("[red]Something is left:[/red]" if left else "[green]Nothing of it is left.[/green]")
    for line in left:
        out.print(f"  {line}", markup=False)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as wrong:
        raise click.ClickException(f"{path} is no client's id, and cannot be read: {wrong.strerror}.") from wrong


def _named(text: str) -> UUID:
    """Return the id of a client that is named by id or slug, one that is being erased, or was, included."""
    client_id = parse_id(text)
    if client_id is not None:
        return client_id
    with db.reading():
        found = clients.find_even_erasing(text)
    if found is None:
        raise click.ClickException(f"There is no client {text!r}; `flask clients list` shows them.")
    return found.client_id


def _follow(client_id: UUID) -> None:
    """Carry an erasure out beside a bar of how much is gone."""
    total = verification.amount_left(client_id)
    shown = (TextColumn("Erasing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*shown, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=total)
        for done in carrying_out.carry_on(client_id):
            bar.advance(task, done)


def _tell(erasure: Erasure, as_json: bool) -> None:
    if as_json:
        print_json({"client_id": erasure.client_id, "deleted": erasure.counts, "receipt": erasure.receipt})
        return
    if not erasure.is_finished:
        out.print("The client is gone for everybody; another process is deleting what is left.")
        return
    print_facts("Erased. The receipt is in the platform's audit log.", {"client_id": erasure.client_id})
    out.print(f"\n{erasure.receipt}\n", markup=False)
    print_facts("Gone:", dict(erasure.counts))
