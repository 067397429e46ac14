"""The operator's shell, for mails: `flask outbox list` and `retry`, and `flask worker`, which sends them."""

import signal
from typing import Any

import click
import structlog
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app.clients import service as clients
from app.core import chores, db
from app.core.actors import SystemActor
from app.core.errors import NotFound
from app.core.ids import parse_id
from app.core.settings import settings
from app.mail.models import KINDS, STATUSES, OutboxEntry, OutboxFilter
from app.mail.sender import Sender
from app.onboarding import outbox
from app.onboarding.outbox_schemas import OutboxEntryView
from app.onboarding.terminal import amount, client_named, command, json_option, out, print_json, print_table

outbox_cli = AppGroup("outbox", help="Mails that wait to be sent or were given up.")
_COLUMNS = (
    *("message_id", "client", "kind", "status", "attempts"),
    *("created_at", "next_attempt_at", "last_error"),
)
_POLL_SECONDS = 1.0
"""Nobody wakes this process, and somebody waits for each mail."""
_ENDING_SECONDS = 20.0
_log = structlog.get_logger()


@outbox_cli.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only these.")
@click.option("--kind", type=click.Choice(KINDS), help="Only these.")
@click.option("--client", help="Only this client's, by slug or id.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many at most.")
@json_option
@command
def list_outbox(status: str | None, kind: str | None, client: str | None, limit: int, as_json: bool) -> None:
    """List mails, newest first, and count them by status; never whom they are for."""
    wanted = OutboxFilter(status, kind, client_named(client) if client else None)
    found = outbox.page(wanted, before=None, limit=limit)
    entries = found.entries[:limit]
    if as_json:
        print_json({"items": [_shown(entry) for entry in entries], "counts": found.counts})
        return
    with db.reading():
        slugs = clients.slugs({entry.client_id for entry in entries})
    title = amount(len(entries), "mail", more=len(found.entries) > limit)
    print_table(title, _COLUMNS, [_cells(entry, slugs.get(entry.client_id)) for entry in entries])
    out.print("In all: " + ", ".join(f"{number} {status}" for status, number in found.counts.items()), markup=False)


@outbox_cli.command("retry")
@click.argument("message_id")
@json_option
@command
def retry(message_id: str, as_json: bool) -> None:
    """Have a mail sent now that waits or was given up."""
    try:
        entry = outbox.retry(SystemActor(), parse_id(message_id))
    except NotFound as wrong:
        raise click.ClickException("There is no such mail; `flask outbox list` shows them.") from wrong
    if as_json:
        print_json(_shown(entry))
        return
    out.print(f"Mail {entry.message_id} is due now.", markup=False)


@click.command("worker")
@with_appcontext
@command
def worker() -> None:
    """Send mails and do chores until stopped (Ctrl-C, SIGTERM); for MAIL_WORKER=process, or beside servers that do."""
    ending = {signal.SIGTERM, signal.SIGINT}
    # Blocked before the threads begin, which inherit it: the signal is then taken here, and nowhere else.
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    application = current_app._get_current_object()  # type: ignore[attr-defined]
    sender = Sender(application, poll_seconds=_POLL_SECONDS, tell=_tell)
    runner = chores.Runner(application, tell=_tell_of_chore)
    _log.info("sending mails", into=_where())
    sender.start()
    runner.start()
    signal.sigwait(ending)
    _log.info("ending")
    runner.ask_to_stop()
    if not sender.stop(seconds=_ENDING_SECONDS):
        _log.warning("the mail at hand is left to another process, after five minutes")
    runner.stop(seconds=_ENDING_SECONDS)


def _where() -> str:
    server = settings().mail_url
    if server is None:
        return f"files in {settings().instance_path / 'outbox'}, as MAIL_URL is not set"
    return f"{server.host}, port {server.port}"


def _tell(done: str, count: int) -> None:
    _log.info(done, count=count)


def _tell_of_chore(name: str, count: int) -> None:
    _log.info("chore done", chore=name, count=count)


def _cells(entry: OutboxEntry, slug: str | None) -> list[object]:
    times = (f"{moment:%Y-%m-%d %H:%M}" for moment in (entry.created_at, entry.next_attempt_at))
    return [
        entry.message_id,
        slug or entry.client_id,
        entry.kind,
        entry.status,
        entry.attempts,
        *times,
        entry.last_error,
    ]


def _shown(entry: OutboxEntry) -> dict[str, Any]:
    row: dict[str, Any] = OutboxEntryView().dump(entry)
    return row
