"""`flask clients settings`: a client's settings, each with the level it comes from, and changes of them."""

import json
from typing import Any

import click

from app.core.actors import SystemActor
from app.onboarding import administration
from app.onboarding.schemas import ClientChange
from app.onboarding.terminal import client_named, command, json_option, loaded, print_json, print_table


@click.argument("client")
@click.option("--set", "changes", multiple=True, metavar="NAME=JSON", help="Change one; null takes it back.")
@json_option
@command
def client_settings(client: str, changes: tuple[str, ...], as_json: bool) -> None:
    """Show or change the settings of a client, by slug or id: --set mfa_policy='"required"'."""
    client_id = client_named(client)
    given = loaded(ClientChange(), {"settings": dict(map(_read, changes))} if changes else {})
    settings = administration.change(SystemActor(), client_id, given).settings
    if as_json:
        print_json(settings)
        return
    rows = [(name, json.dumps(level["value"], ensure_ascii=False), level["source"]) for name, level in settings.items()]
    print_table("Settings", ("name", "value", "from"), rows)


def _read(change: str) -> tuple[str, Any]:
    name, _, text = change.partition("=")
    try:
        return name, json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise click.ClickException(
            f"--set {name}=… takes JSON, such as {name}=900 or {name}='\"required\"'."
        ) from wrong
