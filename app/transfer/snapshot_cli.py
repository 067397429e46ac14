"""The operator's shell, for snapshots: `flask clients snapshot`, `snapshots` and `restore`."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from flask import Flask
from rich.console import Console
from rich.progress import Progress as Bar

from app.clients import service as clients
from app.core import clock, db
from app.core.actors import SystemActor
from app.core.ids import parse_id
from app.onboarding import boot
from app.onboarding.cli import clients_cli
from app.onboarding.terminal import (
    amount,
    client_named,
    command,
    json_option,
    out,
    print_facts,
    print_json,
    print_table,
    writable,
)
from app.transfer import moments, restoring, snapshot_chores, snapshots
from app.transfer.models import Progress
from app.transfer.restore_plans import LaidOut
from app.transfer.snapshot_models import MANUAL, Outcome, Plan, Revived, Snapshot

_COLUMNS = ("snapshot_id", "taken_at", "kind", "users", "bytes")
_CHANGES = ("", "come back", "change", "go", "stay the same")
_MOMENTS = "2026-01-31T03:00:00Z, '2026-01-31 03:00' (UTC), '2 hours ago' or now"


def init_app(_app: Flask) -> None:
    """Add the commands to those of clients, and the keys of snapshots to what `flask reseal` renews."""
    for known in (take_snapshot, list_snapshots, restore):
        clients_cli.add_command(known)
    boot.also_reseal(snapshots.reseal)


@click.command("snapshot")
@click.argument("client")
@json_option
@command
def take_snapshot(client: str, as_json: bool) -> None:
    """Keep CLIENT, a slug or an id, as it is now: it can be put back to this moment."""
    with _bar("Reading the client", as_json=as_json) as progress:
        made = snapshots.take(SystemActor(), client_named(client), kind=MANUAL, progress=progress)
    if as_json:
        print_json(_shown(made))
        return
    print_facts("Snapshot taken; it stays until it is deleted by hand.", _shown(made))


@click.command("snapshots")
@click.argument("client")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many at most.")
@click.option("--delete", "unwanted", metavar="SNAPSHOT_ID", help="Delete this one instead.")
@json_option
@command
def list_snapshots(client: str, limit: int, unwanted: str | None, as_json: bool) -> None:
    """List the snapshots of CLIENT, a slug or an id, newest first."""
    client_id = client_named(client)
    if unwanted is not None:
        gone = _named(client_id, unwanted)
        snapshots.delete([gone])
        out.print(f"Snapshot {gone.snapshot_id} is deleted.", markup=False)
        return
    found = snapshots.listed(client_id, limit=limit)
    rows = [_shown(one) for one in found[:limit]]
    if as_json:
        print_json(rows)
        return
    cells = [[row[name] for name in _COLUMNS] for row in rows]
    print_table(amount(len(rows), "snapshot", more=len(found) > limit), _COLUMNS, cells)
    out.print(snapshot_chores.in_words(), markup=False)


@click.command("restore")
@click.argument("client")
@click.option("--at", "moment", metavar="TIME", help=f"Back to its newest snapshot not later than TIME: {_MOMENTS}.")
@click.option("--snapshot", "snapshot_id", metavar="SNAPSHOT_ID", help="Back to this one.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--confirm", metavar="SLUG", help="The client's slug; asked for if not given.")
@click.option("--revive-keys", is_flag=True, help="Let keys live again that were revoked since.")
@click.option("--revive-users", is_flag=True, help="Let users be active again who were disabled since.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=writable,
    help="Write whom it changes into this file.",
)
@json_option
@command
def restore(
    client: str,
    moment: str | None,
    snapshot_id: str | None,
    dry_run: bool,
    confirm: str | None,
    revive_keys: bool,
    revive_users: bool,
    report: Path | None,
    as_json: bool,
) -> None:
    """Put CLIENT, a slug or an id, back to a snapshot; all other clients keep working.

    Users with passwords, roles, second factors, keys, name, settings and limits become those of then. All sessions,
    tokens and codes end. Keys revoked since stay revoked, users disabled since stay disabled, uses counted stay
    counted, the audit log stays. The client is kept as it is right before, so that this can be undone.
    """
    client_id, revived = client_named(client), Revived(revive_keys, revive_users)
    chosen = _chosen(client_id, moment, snapshot_id)
    with _laid_out(chosen, as_json=as_json) as ready:
        planned = restoring.plan(ready, revived)
        if not as_json:
            _print_plan(planned, f"Back to {clock.rfc3339(chosen.taken_at)} ({chosen.kind})")
        if report is not None:
            _write_report(report, ready, revived)
        if dry_run:
            if as_json:
                print_json(_told(planned))
            return
        _check_confirmed(client_id, confirm)
        with _bar("Keeping the client as it is", as_json=as_json) as progress:
            outcome = restoring.carry_out(SystemActor(), ready, revived, progress=progress)
    _print_outcome(client_id, outcome, as_json=as_json)


def _chosen(client_id: UUID, moment: str | None, snapshot_id: str | None) -> Snapshot:
    if (moment is None) is (snapshot_id is None):
        raise click.ClickException("Say where to: either --at TIME or --snapshot SNAPSHOT_ID.")
    if snapshot_id is not None:
        return _named(client_id, snapshot_id)
    named = moments.parse(moment or "", now=clock.now())
    if named is None:
        raise click.ClickException(f"{moment!r} is no time; write it like {_MOMENTS}.")
    return snapshots.of_moment(client_id, named)


def _named(client_id: UUID, text: str) -> Snapshot:
    snapshot_id = parse_id(text)
    if snapshot_id is None:
        raise click.ClickException(f"{text!r} is no id of a snapshot; `flask clients snapshots` shows them.")
    return snapshots.named(client_id, snapshot_id)


@contextlib.contextmanager
def _laid_out(chosen: Snapshot, *, as_json: bool) -> Iterator[LaidOut]:
    total = sum(chosen.counts.get(name, 0) for name in ("users", "totp_factors", "recovery_codes", "passkeys"))
    with contextlib.ExitStack() as held:
        with _bar("Reading the snapshot", total=total, as_json=as_json) as progress:
            ready = held.enter_context(restoring.laid_out(chosen, progress=progress))
        yield ready


@contextlib.contextmanager
def _bar(words: str, *, total: int | None = None, as_json: bool) -> Iterator[Progress]:
    with Bar(console=Console(stderr=True), transient=True, disable=as_json) as bar:
        task = bar.add_task(words, total=total)
        yield lambda _table, rows: bar.update(task, advance=rows)


def _check_confirmed(client_id: UUID, given: str | None) -> None:
    with db.reading():
        slug = clients.require(client_id).slug
    if given is None and sys.stdin.isatty():
        given = click.prompt(f"This changes the client at once. Its slug ({slug}), to go on")
    if given != slug:
        raise click.ClickException(f"Nothing was changed. To go on, name the client once more: --confirm {slug}")


def _write_report(file: Path, ready: LaidOut, revived: Revived) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        for one in restoring.differences(ready, revived):
            opened.write(json.dumps(asdict(one), default=str) + "\n")


def _print_plan(planned: Plan, title: str) -> None:
    rows = [
        (name, changes.added, changes.changed, changes.removed, changes.same)
        for name, changes in planned.changes.items()
    ]
    print_table(title, _CHANGES, rows)
    _print_facts(planned)


def _print_facts(planned: Plan) -> None:
    facts = {
        "passwords that become those of then": planned.passwords,
        "users who are disabled and become active again": planned.active_again,
        "users who were disabled since and stay so": planned.kept_disabled,
        "users whose role holds more again": planned.roles_raised,
        "users who lose their second factor": planned.factors_lost,
        "keys that stay or come back revoked": planned.kept_revoked,
        "keys made since that stay": planned.kept_keys,
        "settings that become those of then": ", ".join(planned.settings) or "none",
    }
    for name, value in facts.items():
        out.print(f"{name}: {value}", markup=False)


def _print_outcome(client_id: UUID, outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        told = {"sessions_ended": outcome.sessions, "keys_left_out": outcome.keys_left_out}
        print_json(_told(outcome.plan) | told | {"before": _shown(outcome.undo)})
        return
    out.print(f"Restored; {outcome.sessions} sessions have ended. All its users log in again.", markup=False)
    _print_facts(outcome.plan)
    if outcome.keys_left_out:
        out.print(f"{outcome.keys_left_out} keys were left out: another client has them by now.", markup=False)
    undo = f"flask clients restore {client_id} --snapshot {outcome.undo.snapshot_id}"
    out.print(f"To undo it:  {undo}", markup=False)


def _told(planned: Plan) -> dict[str, Any]:
    told = asdict(planned)
    return told | {"snapshot": _shown(planned.snapshot)}


def _shown(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "snapshot_id": str(snapshot.snapshot_id),
        "client_id": str(snapshot.client_id),
        "taken_at": clock.rfc3339(snapshot.taken_at),
        "kind": snapshot.kind,
        "users": snapshot.counts.get("users", 0),
        "bytes": snapshot.size,
    }
