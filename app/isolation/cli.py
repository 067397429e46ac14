"""The operator's shell: `flask doctor isolation`."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext
from rich.progress import Progress

from app.isolation import service
from app.isolation.models import Report
from app.onboarding.terminal import client_named, command, json_option, out, print_json, writable


def init_app(app: Flask) -> None:
    """Add the command to `flask doctor`."""
    doctor = app.cli.commands["doctor"]
    if not isinstance(doctor, click.Group):
        raise TypeError("flask doctor is a group")
    doctor.add_command(isolation)


@click.command("isolation")
@click.option("--client", help="Try every route against this client alone, by id or slug; nothing of it is changed.")
@click.option(
    "--to",
    "place",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=writable,
    help="Write the signed document here.",
)
@json_option
@with_appcontext
@command
def isolation(client: str | None, place: Path | None, as_json: bool) -> None:
    """Try to reach one client's data as another, by every route and beneath them; exit status 1 if that succeeds."""
    steps = service.examine_client(client_named(client)) if client else service.examine()
    made = _followed(steps, quiet=as_json)
    if place is not None:
        place.write_text(made.document, encoding="ascii")
    if as_json:
        print_json({name: value for name, value in asdict(made).items() if name != "client_id"})
    else:
        _print(made.report)
    if not made.passed:
        raise SystemExit(1)


def _followed(steps: service.Steps, *, quiet: bool) -> Report:
    with Progress(console=out, transient=True, disable=quiet) as bar:
        task = bar.add_task("Trying every route", total=None)
        while True:
            try:
                done, total = next(steps)
            except StopIteration as ended:
                made: Report = ended.value
                return made
            bar.update(task, completed=done, total=total)


def _print(report: dict[str, Any]) -> None:
    marks = {"passed": "[green]✓[/green]", "failed": "[red]✗[/red]", "absent": "[yellow]–[/yellow]"}
    for check in report["checks"]:
        counts = ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in check["counts"].items())
        out.print(f"{marks[check['status']]} {check['name']}: {check['says']}{f' ({counts})' if counts else ''}")
        for where in check["failures"]:
            out.print(f"    {where}", markup=False)
    tried = report["tried"]
    out.print(f"{tried['routes']} routes, {tried['requests']} requests, {tried['credentials']} kinds of credentials.")
