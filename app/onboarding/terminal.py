"""What commands share: whom they name, tables for people and JSON for machines, errors that say what to do."""

import functools
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from marshmallow import Schema
from rich.console import Console
from rich.table import Table

from app.clients import service as clients
from app.core import db, isolation
from app.core.errors import ValidationFailed
from app.core.ids import parse_id
from app.core.isolation import Crossing
from app.onboarding import boot, failures, readiness
from app.web.bodies import flattened

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)
json_option: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")


def plainly(work: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command touch every client; turn what goes wrong into a line that says what to do next; exit status 1."""

    @functools.wraps(work)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            with isolation.across(Crossing.SHELL):
                return work(*args, **kwargs)
        except failures.FAILURES as error:
            raise click.ClickException(failures.in_words(error)) from error

    return told


def writable(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that could not be written once the work is done; the callback of an option that names one."""
    if path is not None and not (path.parent.is_dir() and os.access(path if path.exists() else path.parent, os.W_OK)):
        raise click.ClickException(f"{path} cannot be written: name a file in a folder that is there and yours.")
    return path


def command(work: Callable[..., Any]) -> Callable[..., Any]:
    """Check first that the database is migrated and SECRET_KEY its own; what goes wrong is told plainly."""

    @functools.wraps(work)
    def ready(*args: Any, **kwargs: Any) -> Any:
        readiness.migrations()
        boot.check()
        return work(*args, **kwargs)

    return plainly(ready)


def client_named(text: str) -> UUID:
    """Return the id of a client that is named by id or slug; ends the command if there is none."""
    with db.reading():
        client_id = parse_id(text)
        found = clients.find(client_id) if client_id else clients.find_by_slug(text)
    if found is None:
        raise click.ClickException(f"There is no client {text!r}; `flask clients list` shows them.")
    return found.client_id


def loaded(schema: Schema, given: dict[str, Any]) -> dict[str, Any]:
    """Return what a command was given in the form that a request would have; raises ValidationFailed."""
    wrong = schema.validate(given)
    if wrong:
        raise ValidationFailed(flattened(wrong))
    read: dict[str, Any] = schema.load(given)
    return read


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, default=str))


def amount(shown: int, thing: str, *, more: bool) -> str:
    """Return the title of a list: how many there are of a thing, and whether there are more."""
    return f"{shown} {thing}{'' if shown == 1 else 's'}{' (there are more: --limit)' if more else ''}"


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column.endswith("_id"))
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(table)


def print_facts(title: str, facts: dict[str, object]) -> None:
    """Print names and values, each on a line of its own."""
    out.print(f"[bold]{title}[/bold]")
    width = max(map(len, facts))
    for name, value in facts.items():
        out.print(f"  [cyan]{name:<{width}}[/cyan]  ", end="")
        out.print("—" if value is None else str(value), markup=False)
