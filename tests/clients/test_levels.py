"""The operator's CLIENT_DEFAULTS and CLIENT_BOUNDS: what they change for clients, and what does not boot."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from app import create_app
from app.clients.models import BOUNDS, ClientSettings
from app.core.settings import SettingsError, changed
from tests.clients.changing import change, refused_fields, shown
from tests.conftest import SECRET_KEY, settings_from
from tests.factories import Tenant, fresh_email, register
from tests.servers import ROOT

DEFAULTS: dict[str, Any] = {
    "mfa_policy": "required_for_admins", "access_token_ttl": 600, "password_blocklist": ["teekessel"],
    "allowed_origins": ["https://console.example.com"], "mail_texts": {"invitation": {"subject": "Welcome"}},
}  # fmt: skip
REFUSED: list[tuple[str, str, str]] = [
    ("CLIENT_DEFAULTS", "gold", "CLIENT_DEFAULTS"),
    ("CLIENT_DEFAULTS", "[" * 100_000, "CLIENT_DEFAULTS"),
    ("CLIENT_DEFAULTS", "[]", "CLIENT_DEFAULTS"),
    ("CLIENT_DEFAULTS", '{"colour": "red"}', "CLIENT_DEFAULTS: colour"),
    ("CLIENT_DEFAULTS", '{"mfa_policy": "always"}', "CLIENT_DEFAULTS: mfa_policy"),
    ("CLIENT_DEFAULTS", '{"mfa_policy": null}', "CLIENT_DEFAULTS: mfa_policy"),
    ("CLIENT_DEFAULTS", '{"access_token_ttl": 59}', "CLIENT_DEFAULTS: access_token_ttl"),
    ("CLIENT_DEFAULTS", '{"redirect_urls": ["https://a.example/", "//b.example"]}', "CLIENT_DEFAULTS: redirect_urls.1"),
    (
        "CLIENT_DEFAULTS",
        '{"session_idle_ttl": 86400, "session_absolute_ttl": 300}',
        "CLIENT_DEFAULTS: session_idle_ttl",
    ),
    ("CLIENT_DEFAULTS", '{"passkey_rp_id": "example.com"}', "CLIENT_DEFAULTS: passkey_rp_id"),
    (
        "CLIENT_DEFAULTS",
        '{"custom_fields_schema": {"$ref": "https://example.com"}}',
        "CLIENT_DEFAULTS: custom_fields_sch",
    ),
    ("CLIENT_BOUNDS", "{", "CLIENT_BOUNDS"),
    ("CLIENT_BOUNDS", '{"access_token_ttl": 60}', "CLIENT_BOUNDS: access_token_ttl"),
    ("CLIENT_BOUNDS", '{"access_token_ttl": [60]}', "CLIENT_BOUNDS: access_token_ttl"),
    ("CLIENT_BOUNDS", '{"access_token_ttl": [900, 60]}', "CLIENT_BOUNDS: access_token_ttl"),
    ("CLIENT_BOUNDS", '{"access_token_ttl": [60.0, 900]}', "CLIENT_BOUNDS: access_token_ttl"),
    ("CLIENT_BOUNDS", '{"access_token_ttl": [true, 900]}', "CLIENT_BOUNDS: access_token_ttl"),
    ("CLIENT_BOUNDS", '{"access_token_ttl": [60, 3601]}', "CLIENT_BOUNDS: access_token_ttl"),
    ("CLIENT_BOUNDS", '{"password_min_length": [7, 64]}', "CLIENT_BOUNDS: password_min_length"),
    ("CLIENT_BOUNDS", '{"mfa_policy": [1, 2]}', "CLIENT_BOUNDS: mfa_policy"),
]


@pytest.mark.parametrize(("name", "text", "said"), REFUSED, ids=lambda value: str(value)[:50])
def test_what_no_client_could_set_does_not_boot_and_is_named(
    app: Flask, name: str, text: str, said: str, tmp_path: Path
) -> None:
    told = why_not_started(tmp_path, {name: text})
    assert told.startswith(said)
    assert len(told) < 500


def test_a_default_outside_the_bounds_does_not_boot(app: Flask, tmp_path: Path) -> None:
    environment = {"CLIENT_DEFAULTS": '{"access_token_ttl": 1200}', "CLIENT_BOUNDS": '{"access_token_ttl": [60, 900]}'}
    assert why_not_started(tmp_path, environment) == "CLIENT_DEFAULTS: access_token_ttl: Here it is from 60 to 900."


def why_not_started(folder: Path, environment: dict[str, str]) -> str:
    """Return what is said by an application that refuses to start."""
    chosen = {"APP_ENV": "test", "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(folder), "BCRYPT_ROUNDS": "4"}
    with changed(), pytest.raises(SettingsError) as refused:
        create_app(settings_from(chosen | environment))
    return str(refused.value)


def test_what_the_operator_sets_for_all_stands_between_built_in_and_own(tenant: Tenant) -> None:
    built_in = shown(tenant)
    assert {level["source"] for level in built_in.values()} == {"default"}
    change(tenant, mfa_policy="off")
    with changed(client_defaults=DEFAULTS):
        within = {name: {"value": value, "source": "platform"} for name, value in DEFAULTS.items()}
        assert shown(tenant) == built_in | within | {"mfa_policy": {"value": "off", "source": "client"}}
        assert change(tenant, mfa_policy=None).json()["settings"] == built_in | within
    assert shown(tenant) == built_in


def test_defaults_of_the_operator_bind_logins_pages_and_passwords(api: httpx.Client) -> None:
    with changed(client_defaults=DEFAULTS | {"mfa_policy": "off"}):
        tenant = register(api)
        person = tenant.sign_up()
        renewed = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
        assert renewed.json()["expires_in"] == 600
        asked = {"Origin": "https://console.example.com", "Access-Control-Request-Method": "GET"}
        preflight = api.options(f"{tenant.path}/me", headers=asked)
        assert preflight.headers["Access-Control-Allow-Origin"] == "https://console.example.com"
        assert person.call("GET", "/me", headers={"Origin": "https://console.example.com"}).status_code == 200
        weak = tenant.call("POST", "/signup", json={"email": fresh_email(), "password": "Teekessel1"})
        assert (refused_fields(weak), weak.json()["reason"]) == (["password"], "blocklisted")
        admin = {"email": fresh_email(), "password": "teekessel"}
        weak = api.post("/api/v1/clients/register", json={"client_name": "Tea", "admin": admin})
        assert refused_fields(weak) == ["admin.password"]


def test_bounds_of_the_operator_hold_for_what_is_set_and_for_what_was_set_before(tenant: Tenant) -> None:
    change(tenant, access_token_ttl=3600, password_min_length=9)
    with changed(client_bounds={"access_token_ttl": (60, 900), "password_min_length": (12, 64)}):
        now = shown(tenant)
        assert now["access_token_ttl"] == {"value": 900, "source": "platform"}
        assert now["password_min_length"] == {"value": 12, "source": "platform"}
        made = tenant.call("POST", "/signup", json={"email": fresh_email(), "password": "elevenchars"})
        assert refused_fields(made) == ["password"]
        person = tenant.sign_up()
        renewed = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
        assert renewed.json()["expires_in"] == 900
        for wrong in (59, 901, 3600):
            assert refused_fields(change(tenant, access_token_ttl=wrong)) == ["settings.access_token_ttl"]
        assert change(tenant, access_token_ttl=900).json()["settings"]["access_token_ttl"]["source"] == "client"
        assert change(tenant, sender_name="Tea").status_code == 200
    assert shown(tenant)["password_min_length"] == {"value": 9, "source": "client"}


def test_an_end_before_the_idle_end_is_a_contradiction(tenant: Tenant) -> None:
    wrong = change(tenant, session_idle_ttl=86_400, session_absolute_ttl=3600)
    assert refused_fields(wrong) == ["settings.session_idle_ttl"]
    # The built-in week without a refresh gives way to a shorter life in all.
    assert change(tenant, session_absolute_ttl=3600).status_code == 200
    assert refused_fields(change(tenant, session_idle_ttl=3601)) == ["settings.session_idle_ttl"]


def test_readme_lists_each_setting_with_its_bounds_and_the_description_its_type(api: httpx.Client) -> None:
    told = (ROOT / "README.md").read_text().split("## Settings of a client")[1].split("\n## ")[0]
    rows = {line.split("`")[1]: line for line in told.splitlines() if line.startswith("| `")}
    assert set(rows) == set(ClientSettings.__dataclass_fields__)
    for name, (least, most) in BOUNDS.items():
        assert f"{least} to {most}" in rows[name]
    schemas = api.get("/openapi.json").json()["components"]["schemas"]
    assert set(schemas["SettingsView"]["properties"]) == set(schemas["SettingsChange"]["properties"]) == set(rows)
    assert schemas["MfaPolicyLevel"]["properties"]["value"]["enum"] == [
        "off", "optional", "required_for_admins", "required",
    ]  # fmt: skip
    assert "platform" in json.dumps(schemas["NumberLevel"]["properties"]["source"])
