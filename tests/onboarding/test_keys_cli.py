"""The operator's shell for keys and limits: `flask keys` and `flask limits`."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from flask import Flask

from app.core import settings
from tests.factories import Tenant

NOWHERE = "redis://127.0.0.1:1/0"
Shell = Callable[..., Any]


@pytest.fixture
def shell(app: Flask) -> Shell:
    """Run a command on the database of the application; return its JSON, or what it said."""

    def run(*arguments: str, status: int = 0) -> Any:
        ended = app.test_cli_runner().invoke(args=arguments)
        assert ended.exit_code == status, ended.output
        return json.loads(ended.stdout) if "--json" in arguments else ended.output

    return run


@pytest.fixture
def pro(shell: Shell, api: httpx.Client) -> Tenant:
    """A client with the windows of the tier `pro`: 50 calls a minute."""
    made = shell("clients", "create", "--name", "Windows & Doors", "--tier", "pro", "--json")
    return Tenant(api, made["client_id"], made["access_key"], made["slug"], made["client_name"])


def test_KEY_04_a_key_made_in_the_shell_holds_what_it_was_given_and_is_listed_without_its_secret(
    shell: Shell, tenant: Tenant
) -> None:
    given = ["--scope", "decay", "--scope", "read", "--usage-limit", "2", "--requests-per-hour", "50"]
    given += ["--allowed-ip", "127.0.0.0/8", "--never-expires"]
    made = shell("keys", "create", "--client", tenant.client_id, "--name", "Robot", *given, "--json")
    secret = made.pop("api_key")
    wanted: dict[str, Any] = {
        "name": "Robot",
        "kind": "secret",
        "user_id": None,
        "status": "active",
        "scopes": ["decay", "read"],
    }
    wanted |= {"usage_limit": 2, "usage_count": 0, "rate_limit": {"requests_per_hour": 50}, "expires_at": None}
    wanted |= {"allowed_ips": ["127.0.0.0/8"], "prefix": secret[:12], "last4": secret[-4:]}
    assert {name: made[name] for name in wanted} == wanted
    assert tenant.call("GET", f"/keys/{made['key_id']}").json() == made
    verdict = tenant.call("POST", "/keys/verify", json={"key": secret, "scopes": ["decay"]}).json()
    assert (verdict["valid"], verdict["remaining"]) == (True, 1)
    assert [key["key_id"] for key in shell("keys", "list", "--client", tenant.slug, "--json")] == [made["key_id"]]
    table = shell("keys", "list", "--client", tenant.slug)
    assert ("1/2" in table, secret[:12] in table, secret in table) == (True, True, False)
    assert table.splitlines()[0].strip() == "1 key"


def test_KEY_05_a_key_revoked_in_the_shell_is_refused_from_the_next_request_on(shell: Shell, tenant: Tenant) -> None:
    said = shell("keys", "create", "--client", tenant.slug, "--name", "Robot", "--scope", "read")
    secret = next(word for word in said.split() if word.startswith("rlk_sk_"))
    assert tenant.call("POST", "/keys/verify", json={"key": secret}).json()["valid"] is True
    (key_id,) = (key["key_id"] for key in shell("keys", "list", "--client", tenant.slug, "--json"))
    assert shell("keys", "revoke", key_id, "--client", tenant.slug, "--json")["status"] == "revoked"
    assert "The key is revoked." in shell("keys", "revoke", key_id, "--client", tenant.slug)
    assert tenant.call("POST", "/keys/verify", json={"key": secret}).json()["code"] == "revoked"
    assert shell("keys", "list", "--client", tenant.slug, "--active", "--json") == []
    rows = [row for row in tenant.audit() if row["action"].startswith("key.")]
    assert [(row["action"], row["key_id"], row["user_id"]) for row in rows] == [
        ("key.revoke", key_id, None),
        ("key.create", key_id, None),
    ]


@pytest.mark.parametrize(
    "given, said",
    [
        (["--scope", "Capital"], "scopes.0: Lower-case words"),
        (["--kind", "publishable", "--scope", "read"], "scopes: A publishable key holds none"),
        (["--requests-per-minute", "0"], "rate_limit.requests_per_minute: Must be greater"),
        (["--allowed-ip", "here"], "allowed_ips.0: This is neither an address nor a network"),
        (["--allowed-origin", "*"], "allowed_origins.0:"),
        (["--allowed-origin", "https://app.example.com"], "allowed_origins: They are for publishable keys"),
    ],
)
def test_a_key_that_cannot_be_is_refused_in_a_line_and_not_made(
    shell: Shell, tenant: Tenant, given: list[str], said: str
) -> None:
    assert f"Error: {said}" in shell("keys", "create", "--client", tenant.slug, "--name", "No", *given, status=1)
    assert shell("keys", "list", "--client", tenant.slug, "--json") == []


def test_what_is_not_there_or_contradicts_itself_is_said_in_a_line(shell: Shell, tenant: Tenant, other: Tenant) -> None:
    made = shell("keys", "create", "--client", other.slug, "--name", "Theirs", "--json")
    for key_id in (made["key_id"], "no id"):
        said = shell("keys", "revoke", key_id, "--client", tenant.slug, status=1)
        assert f"has no API key with the id '{key_id}'; `flask keys list --client {tenant.slug}`" in said
    assert other.call("GET", f"/keys/{made['key_id']}").json()["status"] == "active"
    for command in (
        ("keys", "list", "--client", "nobody"),
        ("limits", "show", "nobody"),
        ("limits", "reset", "nobody"),
    ):
        assert "There is no client 'nobody'; `flask clients list` shows them." in shell(*command, status=1)
    both = ("--expires-in-days", "3", "--never-expires")
    assert "not both" in shell("keys", "create", "--client", tenant.slug, "--name", "No", *both, status=2)


def test_windows_in_redis_are_shown_and_reset(shell: Shell, pro: Tenant, redis_url: str) -> None:
    with settings.changed(redis_url=redis_url):
        answers = [pro.call("GET", "/keys") for _ in range(3)]
        assert answers[-1].headers["X-RateLimit-Remaining"] == "47"
        shown = shell("limits", "show", pro.slug, "--json")
        assert [(one["name"], one["limit"], one["remaining"]) for one in shown["windows"]] == [
            ("requests_per_minute", 50, 47),
            ("requests_per_hour", 1000, 997),
            ("requests_per_day", 10000, 9997),
        ]
        assert shown["limits"]["requests_per_minute"] == {"value": 50, "source": "tier"}
        table = shell("limits", "show", pro.client_id)
        assert ("Tier pro" in table, "9997" in table, "█" in table, "░" in table) == (True, True, True, True)
        assert "Fresh windows" in shell("limits", "reset", pro.slug)
        assert pro.call("GET", "/keys").headers["X-RateLimit-Remaining"] == "49"
    resets = [row for row in pro.audit() if row["action"] == "limits.reset"]
    assert [(row["status"], row["user_id"], row["key_id"]) for row in resets] == [("success", None, None)]


def test_windows_in_a_servers_own_memory_are_not_shown_but_are_reset(shell: Shell, pro: Tenant) -> None:
    with settings.changed(redis_url=None):
        assert pro.call("GET", "/keys").headers["X-RateLimit-Remaining"] == "49"
        shown = shell("limits", "show", pro.slug, "--json")
        assert (shown["windows"], shown["limits"]["requests_per_day"]["value"]) == (None, 10000)
        assert shown["note"] in shell("limits", "show", pro.slug)
        assert shown["note"].startswith("Without REDIS_URL the server counts in its own memory")
        assert shell("limits", "reset", pro.slug, "--json") == {"client_id": pro.client_id, "reset": True}
        assert pro.call("GET", "/keys").headers["X-RateLimit-Remaining"] == "49"


def test_a_redis_that_does_not_answer_is_named(shell: Shell, pro: Tenant) -> None:
    with settings.changed(redis_url=NOWHERE):
        assert "Redis does not answer" in shell("limits", "show", pro.slug)
        assert shell("limits", "show", pro.slug, "--json")["windows"] is None
