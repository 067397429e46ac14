"""The operator's shell, for a client's users: `flask users import`, `export` and `reset-mfa`."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.accounts.schemas import MailAddressed
from app.clients.models import Client
from app.core import db
from app.core.actors import SystemActor
from app.core.ids import parse_id
from app.onboarding.terminal import client_named, command, json_option, loaded, out, print_facts, print_json
from app.user_management import factor_reset, import_files, import_reports, import_rows, imports
from app.user_management.import_models import CSV, NDJSON, BadRow, Batch, Row, Summary
from app.users import bulk
from app.users import service as users
from app.users.models import User
from app.users.schemas import UserView
from app.web import exports

users_cli = AppGroup("users", help="The users of a client (CLIENT: its slug or id).")
_FORMS = {".ndjson": NDJSON, ".jsonl": NDJSON, ".csv": CSV}
_PIECE = 64 * 1024
_OUTCOMES = ("added", "skipped", "failed")


@users_cli.command("import")
@click.argument("client")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice([NDJSON, CSV]),
    help="By the file's name (.ndjson, .jsonl, .csv) if not given.",
)
@click.option("--dry-run", is_flag=True, help="Check every row and write nothing.")
@json_option
@command
def import_users(client: str, file: Path, form: str | None, dry_run: bool, as_json: bool) -> None:
    """Import users from FILE, NDJSON or CSV, with the password hashes of another system.

    CLIENT is a slug or an id. Cut off in the middle, the same command goes on where it stopped.

    Columns, or fields: email, and any of password_hash, email_verified, full_name, username, avatar_url, role, status,
    custom_fields (in CSV JSON in quotes), created_at.

    Forms of password_hash: $2a$, $2b$, $2y$ (bcrypt), $argon2id$, $argon2i$, $argon2d$, $scrypt$, $pbkdf2-sha256$
    (also -sha1, -sha512); Django's bcrypt$$2b$, bcrypt_sha256$$2b$, argon2$argon2id$, scrypt$, pbkdf2_sha256$,
    pbkdf2_sha1$; Keycloak's credential as an object. docs/moving-in.md has an example of each.
    """
    chosen = form or _FORMS.get(file.suffix.lower())
    if chosen is None:
        raise click.ClickException(f"Say what {file.name} is: --format ndjson or --format csv.")
    client_id, actor = client_named(client), SystemActor()
    into = imports.client_of(client_id)
    with file.open("rb") as opened:
        digest, size, done = _digest(opened), opened.tell(), 0
        _rows(opened, chosen, into)  # a CSV without a header is refused before anything is begun
        if dry_run:
            reports = imports.rehearse(actor, client_id, _rows(opened, chosen, into))
        else:
            run = imports.begin(client_id, digest=digest, form=chosen)
            done = run.counts.total
            reports = imports.carry_out(actor, run, _rows(opened, chosen, into, skip=done))
        last = _followed(reports, opened, size=size, done=done, as_json=as_json)
    if not last.finished:
        raise click.ClickException(f"{last.detail} The same command goes on where this one stopped.")
    if not as_json:
        counts = last.counts
        title = "Checked; nothing is written." if dry_run else "Imported."
        print_facts(title, {"rows": counts.total, **{name: getattr(counts, name) for name in _OUTCOMES}})


@users_cli.command("export")
@click.argument("client")
@click.option("--format", "form", type=click.Choice([NDJSON, CSV]), default=NDJSON, show_default=True)
@command
def export_users(client: str, form: str) -> None:
    """Print all users of CLIENT, a slug or an id, the oldest first; never a password's hash."""
    for line in exports.lines_of(bulk.every(client_named(client)), UserView(), form=form):
        click.echo(line, nl=False)


@users_cli.command("reset-mfa")
@click.argument("client")
@click.argument("user")
@json_option
@command
def reset_factors(client: str, user: str, as_json: bool) -> None:
    """Take all second factors of USER (an e-mail address or id) away, who has lost them.

    USER's sessions in CLIENT (a slug or an id; `platform` for an operator) end, and a mail tells of it. Make sure first
    that it is that person who asks.
    """
    client_id = client_named(client)
    found = _user_named(client_id, user)
    deleted = factor_reset.reset_factors(SystemActor(), client_id, found.user_id)
    told = {"user_id": found.user_id, "email": found.email, "factors": deleted}
    if as_json:
        print_json(told)
        return
    print_facts("Second factors taken away; sessions have ended.", told)


def _user_named(client_id: UUID, text: str) -> User:
    """Return a user that is named by id or e-mail address; ends the command if there is none."""
    user_id = parse_id(text)
    email = "" if user_id else loaded(MailAddressed(), {"email": text})["email"]
    with db.reading():
        found = users.find(client_id, user_id) if user_id else users.find_by_email(client_id, email)
    if found is None:
        raise click.ClickException(f"There is no user {text!r} in this client; `flask users export` shows all.")
    return found


def _digest(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.digest()


def _rows(file: BinaryIO, form: str, client: Client, *, skip: int = 0) -> Iterator[Row]:
    file.seek(0)
    return import_rows.checked(import_files.records(file, form, known=import_rows.KNOWN, skip=skip), client)


def _followed(reports: Iterator[Batch | Summary], file: BinaryIO, *, size: int, done: int, as_json: bool) -> Summary:
    """Print reports as they come, beside a bar of how much of the file is read; return the last one."""
    shown = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows, {task.fields[rate]:.0f}/s,"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    began = time.monotonic()
    with Progress(*shown, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=size, rows=done, rate=0.0)
        for report in reports:
            rows = report.counts.total
            rate = (rows - done) / max(time.monotonic() - began, 0.001)
            bar.update(task, completed=file.tell(), rows=rows, rate=rate)
            if as_json:
                click.echo(import_reports.lines_of(report), nl=False)
            if isinstance(report, Summary):
                return report
            if not as_json:
                _print_bad(report.bad_rows)
    raise RuntimeError("an import ended without a summary")


def _print_bad(rows: list[BadRow]) -> None:
    for bad in rows:
        said = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in bad.errors.items())
        out.print(f"line {bad.line}{f', {bad.email}' if bad.email else ''}: {said}", markup=False)
