"""The operator's shell, for clients' limits: `flask limits show` and `reset`."""

from dataclasses import replace
from typing import Any

import click
from flask.cli import AppGroup

from app.core.actors import SystemActor
from app.core.redis_link import link
from app.core.settings import settings
from app.core.windows import WindowState
from app.limits import status
from app.limits.schemas import LimitStatusView
from app.limits.status import LimitStatus
from app.onboarding import boot
from app.onboarding.terminal import client_named, command, json_option, out, print_json, print_table

limits_cli = AppGroup("limits", help="How a client stands against its limits.")
_BAR = 20


@limits_cli.command("show")
@click.argument("client")
@json_option
@command
def show_limits(client: str, as_json: bool) -> None:
    """Show a client's windows, by slug or id: what is left of each, when more comes back, where the limit is set."""
    found, blind = status.show(client_named(client)), _why_unseen()
    states = {} if blind else {state.name: state for state in found.windows}
    if as_json:
        print_json(_for_a_machine(found, states, blind))
        return
    rows = [_row(name, level, states.get(name)) for name, level in found.limits.items()]
    print_table(f"Tier {found.tier}", ("window", "used", "remaining", "limit", "reset_at", "from"), rows)
    refused = sum(hour["refusals"] for hour in found.refusals_per_hour)
    out.print(f"Refused in the last {len(found.refusals_per_hour)} hours: {refused}", markup=False)
    if blind:
        out.print(blind, markup=False)


@limits_cli.command("reset")
@click.argument("client")
@json_option
@command
def reset_limits(client: str, as_json: bool) -> None:
    """Give a client, its keys and its users fresh windows, wherever they are counted; quotas of keys stay."""
    client_id = client_named(client)
    status.reset(SystemActor(), client_id)
    if as_json:
        print_json({"client_id": client_id, "reset": True})
        return
    out.print(f"Fresh windows for {client}, its keys and its users, from the next call on.", markup=False)


@limits_cli.command("forget-redis")
@command
def forget_redis() -> None:
    """Say that no server uses Redis any more: until then, changes made without REDIS_URL wait 2.6 seconds."""
    boot.forget_redis()
    out.print("Noted. Do not run a server with REDIS_URL on this database any more.", markup=False)


def _why_unseen() -> str | None:
    """Return why no window can be read from here, None if they can."""
    url = settings().redis_url
    if url is None:
        return "Without REDIS_URL the server counts in its own memory, which is not seen from here: limits only."
    return None if link(url).is_up() else "Redis does not answer, so what is left of the windows is not known."


def _for_a_machine(found: LimitStatus, states: dict[str, WindowState], blind: str | None) -> dict[str, Any]:
    """Return what GET /rate-limit-status answers; `windows` is null, with a `note`, where none can be read."""
    shown: dict[str, Any] = LimitStatusView().dump(replace(found, windows=tuple(states.values())))
    return shown | {"windows": None, "note": blind} if blind else shown


def _row(name: str, level: dict[str, Any], state: WindowState | None) -> tuple[object, ...]:
    limit = "none" if level["value"] is None else level["value"]
    if state is None:
        return name, "", "", limit, "", level["source"]
    used = state.limit - state.remaining
    full = round(_BAR * used / state.limit)
    reset_at = f"{state.reset_moment:%Y-%m-%d %H:%M:%S}" if used else ""
    return name, "█" * full + "░" * (_BAR - full), state.remaining, limit, reset_at, level["source"]
