"""The operator's shell, for schema changes of users tables: `flask tables status`, options of `flask db upgrade`."""

from dataclasses import asdict
from typing import Any

import click
from flask import g
from flask.cli import AppGroup
from flask_migrate.cli import upgrade as flask_db_upgrade

from app.onboarding import table_versions
from app.onboarding.terminal import amount, command, json_option, print_facts, print_json, print_table

tables_cli = AppGroup("tables", help="The clients' users tables.")


@tables_cli.command("status")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many to name at most.")
@json_option
@command
def status(limit: int, as_json: bool) -> None:
    """Tell which versions the users tables have, which are behind, and whether an upgrade is at work."""
    found = table_versions.show(limit=limit)
    if as_json:
        print_json(asdict(found))
        return
    print_facts(
        "Users tables",
        {
            "newest version": found.newest,
            **{f"of version {version}": count for version, count in found.versions.items()},
            "behind": found.left,
            "flask db upgrade": "is at work" if found.upgrade_runs else "is not at work",
        },
    )
    if found.behind:
        title = f"Behind, {amount(len(found.behind), 'client', more=found.left > len(found.behind))}"
        rows = [(one.slug, one.client_id, one.version) for one in found.behind]
        print_table(title, ("slug", "client_id", "version"), rows)


def extend_upgrade() -> None:
    """Give `flask db upgrade`, which is Flask-Migrate's, the options that only users tables know of."""
    known = {parameter.name for parameter in flask_db_upgrade.params}
    flask_db_upgrade.params += [option for option in _OPTIONS if option.name not in known]


def _keep(_context: click.Context, option: click.Parameter, value: Any) -> None:
    """Leave what was asked for where migrations/env.py finds it."""
    setattr(g, str(option.name), value)


_OPTIONS = (
    click.Option(
        ["--canary"],
        metavar="CLIENT",
        expose_value=False,
        callback=_keep,
        help="After the central tables change this client's users table alone (slug or id), then stop.",
    ),
    click.Option(
        ["--pause"],
        type=click.FloatRange(0, 60),
        default=0.0,
        metavar="SECONDS",
        expose_value=False,
        callback=_keep,
        help="Rest so long between two batches of users tables.",
    ),
)
