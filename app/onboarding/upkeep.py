"""The operator's shell, for the installation as a whole: `flask seed`, `doctor` and `reseal`."""

from dataclasses import asdict

import click
from flask.cli import with_appcontext
from rich.progress import Progress

from app.core.settings import settings
from app.onboarding import boot, doctor, seeding
from app.onboarding.terminal import command, json_option, out, plainly, print_facts, print_json, print_table


@click.command("seed")
@click.option("--rotate", is_flag=True, help="Replace the keys of a demo client that is there.")
@click.option("--yes-in-production", is_flag=True, help="Do it although APP_ENV is production.")
@json_option
@with_appcontext
@command
def seed(rotate: bool, yes_in_production: bool, as_json: bool) -> None:
    """Make a demo client with an admin and users; safe to repeat."""
    if settings().app_env == "production" and not yes_in_production:
        raise click.ClickException("APP_ENV is production; a demo client there needs --yes-in-production.")
    made = seeding.seed(rotate=rotate)
    if as_json:
        print_json(asdict(made))
        return
    once = "shown once, when it was made; --rotate makes a new one"
    print_facts(
        "Demo client",
        {
            "client_id": made.client_id,
            "access_key": made.access_key or once,
            "publishable_key": made.publishable_key or once,
            "docs": f"{settings().public_url}/docs/{made.client_id}",
        },
    )
    rows = [(email, made.passwords.get(email, "shown once, when it was made")) for email in made.people]
    print_table("People", ("email", "password"), rows)


@click.group("doctor", invoke_without_command=True)
@json_option
@click.pass_context
def doctor_command(context: click.Context, as_json: bool) -> None:
    """Look whether every table, row and key is where it belongs; exit status 1 if not."""
    if context.invoked_subcommand is None:
        context.invoke(examine, as_json=as_json)


@with_appcontext
@plainly
def examine(as_json: bool) -> None:
    """Look at everything, and print what was found."""
    with Progress(console=out, transient=True, disable=as_json) as bar:
        task = bar.add_task("Looking at each client's rows", total=None, visible=False)
        checks = doctor.examine(lambda done, total: bar.update(task, completed=done, total=total, visible=total > 200))
    healthy = all(check.ok for check in checks)
    if as_json:
        print_json({"healthy": healthy, "checks": [asdict(check) | {"ok": check.ok} for check in checks]})
    for check in () if as_json else checks:
        out.print(f"[green]✓[/green] {check.name}" if check.ok else f"[red]✗ {check.name}[/red]")
        for problem in check.problems[:20]:
            out.print(f"    {problem}", markup=False)
        if not check.ok:
            out.print(f"    → {check.advice}", markup=False)
    if not healthy:
        raise SystemExit(1)


@click.command("reseal")
@json_option
@with_appcontext
@command
def reseal(as_json: bool) -> None:
    """Seal under SECRET_KEY what only SECRET_KEY_FALLBACKS open, so that they can go; safe to kill and to repeat."""
    done = sum(boot.reseal())
    if as_json:
        print_json({"resealed": done})
        return
    print_facts("Everything opens with SECRET_KEY alone.", {"resealed now": done})
