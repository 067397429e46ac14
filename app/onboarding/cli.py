"""The operator's shell: `flask operators` and `clients`; what looks after the installation is in upkeep.py."""

import sys
from dataclasses import asdict
from typing import Any
from uuid import UUID

import click
from flask import Flask
from flask.cli import AppGroup
from marshmallow import Schema

from app.clients import service as clients
from app.clients.models import ACTIVE, SUSPENDED
from app.core import db
from app.core.actors import SystemActor
from app.core.errors import ValidationFailed
from app.core.ids import parse_id
from app.core.settings import settings
from app.keys import service as keys
from app.limits.tiers import TIERS
from app.onboarding import administration, platform, registration, upkeep
from app.onboarding.console import command, json_option, out, print_facts, print_json, print_table
from app.onboarding.schemas import FirstAdmin, Registration
from app.web.bodies import flattened

operators_cli = AppGroup("operators", help="The people who run this service.")
clients_cli = AppGroup("clients", help="The clients (tenants) of this service.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    for known in (operators_cli, clients_cli, upkeep.seed, upkeep.doctor_command, upkeep.reseal):
        app.cli.add_command(known)


@operators_cli.command("create")
@click.option("--email", prompt="E-mail address", help="What the operator logs in with.")
@click.option("--full-name", help="How the operator is called.")
@click.option("--password", help="At least 15 characters; asked for, unseen, if not given.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@json_option
@command
def create_operator(
    email: str, full_name: str | None, password: str | None, password_stdin: bool, as_json: bool
) -> None:
    """Make an operator, and a publishable key of the platform for logins over the API."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    if password is None:
        password = click.prompt("Password (at least 15 characters)", hide_input=True, confirmation_prompt=True)
    given = _loaded(
        FirstAdmin(), {"email": email, "password": password} | ({"full_name": full_name} if full_name else {})
    )
    user, client_id, key = platform.create_operator(SystemActor(), **given)
    made = {"user_id": user.user_id, "email": user.email, "platform_client_id": client_id, "publishable_key": key}
    if as_json:
        print_json(made)
        return
    print_facts("Operator made. The key is shown this once.", made)
    url = f"{settings().public_url}/api/v1/{client_id}/login"
    body = f'{{"email": "{user.email}", "password": "…"}}'
    out.print(f"\nLog in:  curl -s {url} -H 'Authorization: Bearer {key}' \\", markup=False)
    out.print(f"           -H 'Content-Type: application/json' -d '{body}'", markup=False)


@clients_cli.command("list")
@click.option("--status", type=click.Choice([ACTIVE, SUSPENDED]), help="Only these.")
@click.option("--tier", type=click.Choice(list(TIERS)), help="Only these.")
@click.option("--q", help="Beginning of the name or the slug.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many at most.")
@json_option
@command
def list_clients(status: str | None, tier: str | None, q: str | None, limit: int, as_json: bool) -> None:
    """List clients, newest first."""
    filters = {"status": status, "tier": tier, "industry": None, "q": q, "sort": "created_at"}
    rows = administration.page(limit=limit, position=None, **filters)
    if as_json:
        print_json([asdict(row) for row in rows[:limit]])
        return
    columns = ("slug", "client_name", "client_id", "status", "tier", "created_at")
    cells = [
        [getattr(row, name) for name in columns[:-1]] + [f"{row.created_at:%Y-%m-%d %H:%M}"] for row in rows[:limit]
    ]
    print_table(f"{len(cells)} clients{' (there are more: --limit)' if len(rows) > limit else ''}", columns, cells)


@clients_cli.command("show")
@click.argument("client")
@json_option
@command
def show_client(client: str, as_json: bool) -> None:
    """Show a client, by slug or id, with its settings and limits."""
    _print_client(asdict(administration.show(_client_id(client))), as_json)


@clients_cli.command("create")
@click.option("--name", required=True, help="How the organisation is called.")
@click.option("--slug", help="Made of the name if not given.")
@click.option("--tier", type=click.Choice(list(TIERS)), default="free", show_default=True, help="Its limits.")
@click.option("--industry", help="What it does.")
@click.option("--admin-email", help="Also make its first admin; the password is asked for, unseen.")
@json_option
@command
def create_client(
    name: str, slug: str | None, tier: str, industry: str | None, admin_email: str | None, as_json: bool
) -> None:
    """Register a client; its access key is shown this once."""
    given: dict[str, Any] = {"client_name": name, "slug": slug, "industry": industry}
    if admin_email:
        password = click.prompt("Password of the admin", hide_input=True, confirmation_prompt=True)
        given["admin"] = {"email": admin_email, "password": password}
    loaded = _loaded(Registration(), {name: value for name, value in given.items() if value is not None})
    made = asdict(registration.register(SystemActor(), tier=tier, **loaded))
    if as_json:
        print_json(made)
        return
    print_facts("Client made. The access key is shown this once.", made)


@clients_cli.command("suspend")
@click.argument("client")
@json_option
@command
def suspend_client(client: str, as_json: bool) -> None:
    """Refuse a client's credentials from the next request on."""
    _change_status(client, SUSPENDED, as_json)


@clients_cli.command("activate")
@click.argument("client")
@json_option
@command
def activate_client(client: str, as_json: bool) -> None:
    """Take a client's credentials again."""
    _change_status(client, ACTIVE, as_json)


@clients_cli.command("rotate-key")
@click.argument("client")
@click.option(
    "--grace-seconds",
    type=click.IntRange(0, keys.MAX_GRACE_SECONDS),
    default=0,
    show_default=True,
    help="How long the old key goes on working.",
)
@json_option
@command
def rotate_key(client: str, grace_seconds: int, as_json: bool) -> None:
    """Give a client a new access key; it is shown this once."""
    client_id = _client_id(client)
    issued = keys.rotate_access_key(SystemActor(), client_id, grace_seconds=grace_seconds)
    made = {"client_id": client_id, "access_key": issued.secret}
    if as_json:
        print_json(made)
        return
    print_facts("New access key, shown this once.", made)


def _client_id(text: str) -> UUID:
    """Return the id of a client that is named by id or slug; ends the command if there is none."""
    with db.reading():
        client_id = parse_id(text)
        found = clients.find(client_id) if client_id else clients.find_by_slug(text)
    if found is None:
        raise click.ClickException(f"There is no client {text!r}; `flask clients list` shows them.")
    return found.client_id


def _change_status(client: str, status: str, as_json: bool) -> None:
    details = administration.change(SystemActor(), _client_id(client), {"status": status})
    _print_client(asdict(details), as_json)


def _print_client(details: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(details)
        return
    levels = {**details.pop("settings"), **details.pop("limits")}
    print_facts(details["client_name"], details)
    print_table(
        "Settings and limits",
        ("name", "value", "from"),
        [
            (name, "none" if level["value"] is None else level["value"], level["source"])
            for name, level in levels.items()
        ],
    )


def _loaded(schema: Schema, given: dict[str, Any]) -> dict[str, Any]:
    """Return what a command was given in the form that a request would have; raises ValidationFailed."""
    wrong = schema.validate(given)
    if wrong:
        raise ValidationFailed(flattened(wrong))
    loaded: dict[str, Any] = schema.load(given)
    return loaded
