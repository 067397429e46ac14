"""The operator's shell: `flask operators` and `clients`, and where every other command is added."""

import sys
from dataclasses import asdict
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from app.clients.models import ACTIVE, ERASING, PLATFORM_SLUG, SUSPENDED
from app.core.actors import SystemActor
from app.core.settings import settings
from app.keys import rotation
from app.onboarding import (
    administration,
    documents_cli,
    keys_cli,
    limits_cli,
    outbox_cli,
    platform,
    registration,
    settings_cli,
    tables_cli,
    upkeep,
    users_cli,
)
from app.onboarding.schemas import FirstAdmin, Registration
from app.onboarding.terminal import (
    amount,
    client_named,
    command,
    json_option,
    loaded,
    out,
    print_facts,
    print_json,
    print_table,
)

operators_cli = AppGroup("operators", help="The people who run this service.")
clients_cli = AppGroup("clients", help="The clients (tenants) of this service.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    clients_cli.command("settings")(settings_cli.client_settings)
    groups = (operators_cli, clients_cli, keys_cli.keys_cli, limits_cli.limits_cli, outbox_cli.outbox_cli)
    app.cli.add_command(documents_cli.documents_cli)
    app.cli.add_command(tables_cli.tables_cli)
    tables_cli.extend_upgrade()
    for known in (*groups, users_cli.users_cli, upkeep.seed, upkeep.doctor_command, upkeep.reseal, outbox_cli.worker):
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
    given = loaded(
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
    out.print(f"\nConsole: {settings().public_url}/console/login?client={PLATFORM_SLUG}", markup=False)
    out.print(f"\nLog in:  curl -s {url} -H 'Authorization: Bearer {key}' \\", markup=False)
    out.print(f"           -H 'Content-Type: application/json' -d '{body}'", markup=False)


@clients_cli.command("list")
@click.option("--status", type=click.Choice([ACTIVE, SUSPENDED, ERASING]), help="Only these.")
@click.option("--tier", help="Only these.")
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
    print_table(amount(len(cells), "client", more=len(rows) > limit), columns, cells)


@clients_cli.command("show")
@click.argument("client")
@json_option
@command
def show_client(client: str, as_json: bool) -> None:
    """Show a client, by slug or id, with its settings and limits."""
    _print_client(asdict(administration.show(client_named(client))), as_json)


@clients_cli.command("create")
@click.option("--name", required=True, help="How the organisation is called.")
@click.option("--slug", help="Made of the name if not given.")
@click.option("--tier", help="Its limits; DEFAULT_TIER if not given.")
@click.option("--industry", help="What it does.")
@click.option("--admin-email", help="Also make its first admin; the password is asked for, unseen.")
@json_option
@command
def create_client(
    name: str, slug: str | None, tier: str | None, industry: str | None, admin_email: str | None, as_json: bool
) -> None:
    """Register a client; its access key is shown this once."""
    given: dict[str, Any] = {"client_name": name, "slug": slug, "industry": industry}
    if admin_email:
        password = click.prompt("Password of the admin", hide_input=True, confirmation_prompt=True)
        given["admin"] = {"email": admin_email, "password": password}
    wanted = loaded(Registration(), {name: value for name, value in given.items() if value is not None})
    made = asdict(registration.register(SystemActor(), tier=tier, **wanted))
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
    type=click.IntRange(0, rotation.MAX_GRACE_SECONDS),
    default=0,
    show_default=True,
    help="How long the old key goes on working.",
)
@json_option
@command
def rotate_key(client: str, grace_seconds: int, as_json: bool) -> None:
    """Give a client a new access key; it is shown this once."""
    client_id = client_named(client)
    issued = rotation.rotate_access_key(SystemActor(), client_id, grace_seconds=grace_seconds)
    made = {"client_id": client_id, "access_key": issued.secret}
    if as_json:
        print_json(made)
        return
    print_facts("New access key, shown this once.", made)


def _change_status(client: str, status: str, as_json: bool) -> None:
    details = administration.change(SystemActor(), client_named(client), {"status": status})
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
