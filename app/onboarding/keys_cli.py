"""The operator's shell, for clients' API keys: `flask keys create`, `list` and `revoke`."""

from typing import Any

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.actors import SystemActor
from app.core.errors import NotFound
from app.core.ids import parse_id
from app.keys import service
from app.keys.models import PUBLISHABLE, SECRET, Key
from app.keys.schemas import KeyView, NewKey
from app.limits.tiers import CLIENT_LIMITS
from app.onboarding.terminal import (
    amount,
    client_named,
    command,
    json_option,
    loaded,
    print_facts,
    print_json,
    print_table,
)

keys_cli = AppGroup("keys", help="The API keys of a client; its access key: `flask clients rotate-key`.")
_of_client = click.option("--client", required=True, help="Whose, by slug or id.")
_kinds = click.Choice([SECRET, PUBLISHABLE])


@keys_cli.command("create")
@_of_client
@click.option("--name", required=True, help="What the key is for.")
@click.option("--kind", type=_kinds, default=SECRET, show_default=True, help="A publishable one may sit in a browser.")
@click.option("--scope", "scopes", multiple=True, help="What it may do, such as keys:verify; repeat it for more.")
@click.option("--expires-in-days", type=int, help=f"{service.DEFAULT_EXPIRY_DAYS} if not given.")
@click.option("--never-expires", is_flag=True, help="It ends only by being revoked.")
@click.option("--usage-limit", type=int, help="Uses in all.")
@click.option("--requests-per-minute", type=int, help="A window of the key's own.")
@click.option("--requests-per-hour", type=int, help="The same.")
@click.option("--requests-per-day", type=int, help="The same.")
@click.option("--allowed-ip", "allowed_ips", multiple=True, help="Address or network it may be used from; repeatable.")
@click.option(
    "--allowed-origin", "allowed_origins", multiple=True, help="Page that may call with a publishable one; repeatable."
)
@json_option
@command
def create_key(client: str, never_expires: bool, as_json: bool, **given: Any) -> None:
    """Make an API key of a client; its secret is shown this once."""
    if never_expires and given["expires_in_days"] is not None:
        raise click.UsageError("Give --expires-in-days or --never-expires, not both.")
    wanted = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    windows = {name: wanted.pop(name) for name in CLIENT_LIMITS}
    wanted["rate_limit"] = {name: amount for name, amount in windows.items() if amount is not None}
    said = {name: value for name, value in wanted.items() if value is not None}
    if never_expires:
        said["expires_in_days"] = None
    issued = service.create(SystemActor(), client_named(client), **loaded(NewKey(), said))
    if as_json:
        print_json({**_shown(issued.key), "api_key": issued.secret})
        return
    made = issued.key.shown_at(clock.now())
    facts = {name: _cell(name, made) or "none" for name in ("key_id", "name", "kind", *_GIVEN)}
    print_facts("Key made. The secret is shown this once.", {"api_key": issued.secret, **facts})


@keys_cli.command("list")
@_of_client
@click.option("--kind", type=_kinds, help="Only these.")
@click.option("--active", is_flag=True, help="Neither revoked nor expired ones.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many at most.")
@json_option
@command
def list_keys(client: str, kind: str | None, active: bool, limit: int, as_json: bool) -> None:
    """List a client's API keys and those of its users, newest first; never a secret."""
    status = "active" if active else None
    named = client_named(client)
    found = service.page(SystemActor(), named, kind=kind, status=status, user_id=None, before=None, limit=limit)
    if as_json:
        print_json([_shown(key) for key in found[:limit]])
        return
    now = clock.now()
    rows = [[_cell(name, shown) for name in _COLUMNS] for shown in (key.shown_at(now) for key in found[:limit])]
    print_table(amount(len(rows), "key", more=len(found) > limit), _COLUMNS, rows)


@keys_cli.command("revoke")
@click.argument("key_id")
@_of_client
@json_option
@command
def revoke_key(key_id: str, client: str, as_json: bool) -> None:
    """Refuse an API key from the next request on, on every worker; it stays in the list."""
    client_id = client_named(client)
    try:
        revoked = service.revoke(SystemActor(), client_id, parse_id(key_id))
    except NotFound as unknown:
        said = f"{client} has no API key with the id {key_id!r}; `flask keys list --client {client}` shows them."
        raise click.ClickException(said) from unknown
    shown = _shown(revoked)
    if as_json:
        print_json(shown)
        return
    print_facts("The key is revoked.", {name: shown[name] for name in ("key_id", "name", "status", "revoked_at")})


_GIVEN = ("scopes", "expires_at", "usage_limit", "rate_limit", "allowed_ips", "allowed_origins")
_COLUMNS = ("key_id", "name", "kind", "begins", "status", "scopes", "uses", "last_used_at", "expires_at", "user_id")


def _shown(key: Key) -> dict[str, Any]:
    """Return a key as the API shows it."""
    shown: dict[str, Any] = KeyView().dump(key.shown_at(clock.now()))
    return shown


def _cell(column: str, key: dict[str, Any]) -> str:
    """Return what people see of a key."""
    if column == "begins":
        return f"{key['prefix']}…"
    if column == "uses":
        return str(key["usage_count"]) if key["usage_limit"] is None else f"{key['usage_count']}/{key['usage_limit']}"
    value = key[column]
    if column.endswith("_at"):
        return "never" if value is None else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, dict):
        return ", ".join(f"{amount} {name.replace('_', ' ')}" for name, amount in value.items())
    return " ".join(value) if isinstance(value, list) else str(value or "")
