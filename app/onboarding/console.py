"""What commands print: tables and colours for people, JSON for machines, errors that say what to do."""

import functools
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from app.onboarding import boot, failures, readiness

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)
json_option: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")


def plainly(work: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what goes wrong in a command into a line that says what to do next; exit status 1."""

    @functools.wraps(work)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return work(*args, **kwargs)
        except failures.FAILURES as error:
            raise click.ClickException(failures.in_words(error)) from error

    return told


def command(work: Callable[..., Any]) -> Callable[..., Any]:
    """Check first that the database is migrated and SECRET_KEY its own; what goes wrong is told plainly."""

    @functools.wraps(work)
    def ready(*args: Any, **kwargs: Any) -> Any:
        readiness.migrations()
        boot.check()
        return work(*args, **kwargs)

    return plainly(ready)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, default=str))


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
