"""A client goes into a file and comes out of it: nobody resets a password, and nothing that was dead lives again."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import httpx
from flask import Flask

from app.core.settings import Settings
from tests import servers
from tests.conftest import SECRET_KEY, client_from, settings_from
from tests.erasure import traces
from tests.factories import Tenant, bearer
from tests.mfa import ceremonies, enrolling
from tests.support.applications import another_application
from tests.transfer.moving import Full, as_tenant, bundle_of, done, full, imported_people, shell

PASSPHRASE = "eight oars and one small cox"


def checks(app: Flask, client: str) -> dict[str, dict[str, Any]]:
    """Return the checksums of a client."""
    found: dict[str, dict[str, Any]] = done(app, "checksum", client)
    return found


def thumbprint(key: dict[str, str]) -> str:
    """Return the thumbprint of a key as RFC 7638 makes it."""
    plain = f'{{"crv":"P-256","kty":"EC","x":"{key["x"]}","y":"{key["y"]}"}}'
    return base64.urlsafe_b64encode(hashlib.sha256(plain.encode()).digest()).rstrip(b"=").decode()


def assert_everybody_logs_in(tenant: Tenant, before: Full, *, recovery_code: str) -> None:
    """Log each person in with the password of before, and with the authenticator app or a code where one is asked."""
    for person in (before.admin, before.user):
        assert tenant.log_in(person.email).user_id == person.user_id
    asked = enrolling.challenge(tenant, before.guarded)
    assert enrolling.second_step(tenant, asked, before.pocket.wrong()).status_code == 400
    again = enrolling.second_step(tenant, asked, recovery_code)
    assert again.status_code == 200, again.text
    assert again.json()["user_id"] == before.guarded.user_id
    before.pocket.last_step = 0
    assert enrolling.log_in(tenant, before.guarded, before.pocket.code(ahead=1)).user_id == before.guarded.user_id


def test_TEN_04_a_client_that_was_erased_comes_back_under_its_id_and_no_token_with_it(
    app: Flask, api: httpx.Client, tmp_path: Path
) -> None:
    before = full(api)
    tenant = before.tenant
    path, sums = bundle_of(app, tenant, tmp_path), checks(app, tenant.slug)
    kid = tenant.call("GET", "/.well-known/jwks.json").json()["keys"][0]["kid"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert shell(app, "import", path, "--same-id")[0] == 1
    done(app, "erase", tenant.slug, "--confirm", tenant.slug)
    assert tenant.call("GET", "/users").status_code == 401
    made = done(app, "import", path, "--same-id")
    assert (made["client_id"], made["access_key"], made["keys_left_out"]) == (tenant.client_id, None, 0)
    assert checks(app, tenant.slug) == sums
    for token in (before.admin.access_token, before.user.access_token):
        assert api.get(f"{tenant.path}/me", headers=bearer(token)).status_code == 401
    refreshed = tenant.call("POST", "/refresh", json={"refresh_token": before.user.refresh_token})
    assert refreshed.json()["code"] == "token_revoked"
    assert kid not in tenant.call("GET", "/.well-known/jwks.json").text
    assert_everybody_logs_in(tenant, before, recovery_code=before.pocket.recovery_codes[0])
    verified = tenant.call("POST", "/keys/verify", json={"key": before.api_key, "scopes": ["users:read"]})
    assert verified.json()["valid"] is True
    (told,) = tenant.audit(action="client.import")
    assert (told["detail"]["bundle_sha256"], told["detail"]["rows"]) == (made["bundle_sha256"], made["counts"])
    assert shell(app, "import", path, "--same-id")[0] == 1


def test_TEN_04_a_client_comes_back_without_stragglers_and_without_keys_that_were_ended_before_it_was_erased(
    app: Flask, api: httpx.Client, database_url: str, tmp_path: Path
) -> None:
    before, path = full(api), tmp_path / "it.rowlock"
    tenant = before.tenant
    rotated = tenant.call("POST", "/keys", json={"name": "To rotate", "scopes": ["read"]}).json()["key_id"]
    done(app, "export", tenant.slug, "--to", path)
    assert tenant.call("POST", f"/keys/{rotated}/rotate", json={"grace_seconds": 3600}).status_code in (200, 201)
    leaked = next(key for key in tenant.call("GET", "/keys").json()["items"] if key["name"] == "Backend")
    assert tenant.call("DELETE", f"/keys/{leaked['key_id']}").status_code in (200, 204)
    late = traces.rows_of(database_url, tenant.client_id, "sessions", "tokens")
    done(app, "erase", tenant.slug, "--confirm", tenant.slug)
    traces.put(database_url, late)  # as a call does that was under way
    made = done(app, "import", path, "--same-id")
    refreshed = tenant.call("POST", "/refresh", json={"refresh_token": before.user.refresh_token})
    assert (refreshed.status_code, traces.rows_of(database_url, tenant.client_id, "sessions")["sessions"]) == (401, [])
    assert tenant.call("POST", "/keys/verify", json={"key": before.api_key}).json()["code"] == "revoked"
    ends = tenant.call("GET", f"/keys/{rotated}").json()["expires_at"]
    assert datetime.fromisoformat(ends) < datetime.now(UTC) + timedelta(hours=2)
    assert (made["access_key"], made["notes"][1][-3:]) == (None, " 2.")
    assert "disabled or deleted" in made["notes"][0]


def test_beside_its_original_a_client_has_another_id_and_keys_of_its_own(
    app: Flask, api: httpx.Client, database_url: str, tmp_path: Path
) -> None:
    before = full(api)
    ceremonies.enrol(before.tenant.sign_up())
    path, sums = bundle_of(app, before.tenant, tmp_path), checks(app, before.tenant.slug)
    (passkey,) = traces.rows_of(database_url, before.tenant.client_id, "passkeys")["passkeys"]
    traces.remove(database_url, before.tenant.client_id, only="passkeys")
    status, _, said = shell(app, "import", path)
    assert status == 1
    assert "name a free one by --slug" in said
    made = done(app, "import", path, "--slug", f"{before.tenant.slug}-2")
    copy = as_tenant(api, made)
    assert (copy.client_id != before.tenant.client_id, made["keys_left_out"], made["counts"]["keys"]) == (True, 2, 0)
    assert_everybody_logs_in(copy, before, recovery_code=before.pocket.recovery_codes[1])
    traces.put(database_url, {"passkeys": [passkey]})  # a restoring gives the original back what it has lost
    assert checks(app, copy.slug)["passkeys"] == sums["passkeys"] == checks(app, before.tenant.slug)["passkeys"]
    assert before.tenant.call("GET", "/users").status_code == 200
    assert checks(app, before.tenant.slug)["users"] == sums["users"]
    refused = api.get(f"{copy.path}/users", headers=bearer(before.tenant.access_key))
    assert refused.json()["code"] == "client_not_found"
    actions = [row["action"] for row in copy.audit()]
    assert "role.update" in actions
    assert copy.call("POST", "/keys", json={"name": "Its own", "scopes": ["read"]}).status_code == 201


def test_a_clone_has_the_people_and_settings_and_neither_keys_nor_history(app: Flask, api: httpx.Client) -> None:
    before = full(api)
    made = done(app, "clone", before.tenant.slug, "--name", "Staging")
    copy = as_tenant(api, made)
    assert (copy.name, made["counts"]["users"], "keys" in made["counts"]) == ("Staging", 3, False)
    assert [row["action"] for row in copy.audit()] == ["client.clone"]
    assert_everybody_logs_in(copy, before, recovery_code=before.pocket.recovery_codes[2])
    sums, copied = checks(app, before.tenant.slug), checks(app, copy.slug)
    assert copied["roles"] == sums["roles"]
    settings = api.get(f"/api/v1/clients/{copy.client_id}", headers=bearer(copy.access_key)).json()["settings"]
    assert settings["brand_color"]["value"] == "#1a6b4f"
    (told,) = before.tenant.audit(action="client.export")
    assert told["detail"]["cloned_as"] == copy.client_id


def test_the_platform_is_not_moved_and_no_command_overwrites_a_file(app: Flask, tenant: Tenant, tmp_path: Path) -> None:
    for arguments in (("export", "platform", "--to", tmp_path / "p"), ("clone", "platform")):
        status, _, said = shell(app, *arguments)
        assert (status, "platform client is not moved" in said) == (1, True)
    (tmp_path / "there").write_text("mine")
    assert shell(app, "export", tenant.slug, "--to", tmp_path / "there")[0] == 1
    nowhere = shell(app, "export", tenant.slug, "--to", tmp_path / "nowhere" / "it")
    assert (nowhere[0], "folder" in nowhere[2]) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_rows_are_equal_after_a_move_to_postgresql_and_back(postgres: servers.PostgresServer, tmp_path: Path) -> None:
    there, back, passphrase = tmp_path / "there", tmp_path / "back", tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE + "\n")
    sealed = ["--passphrase-file", passphrase]
    with another_application(_settings(f"sqlite:///{tmp_path}/a.db", tmp_path, "a")) as app:
        flask_migrate.upgrade()
        before = full(client_from(app, "127.0.0.1"))
        slug = before.tenant.slug
        imported_people(before.tenant, 510)
        sums, trust_a = checks(app, slug), _keys(app, tmp_path / "a.jwks")
        done(app, "export", slug, "--to", there, *sealed)
    with another_application(_settings(postgres.create_database(), tmp_path, "b")) as app:
        flask_migrate.upgrade()
        assert "--trust FILE" in shell(app, "import", there, *sealed)[2]
        assert "--passphrase-file" in shell(app, "import", there, *trust_a)[2]
        made = done(app, "import", there, *trust_a, *sealed)
        assert (made["keys_left_out"], made["access_key"], made["source"]) == (0, None, "http://a.example.com")
        assert checks(app, slug) == sums
        (told,) = as_tenant(client_from(app, "127.0.0.1"), made, before.tenant.access_key).audit(action="client.import")
        (key,) = json.loads(trust_a[1].read_text())["keys"]
        assert told["detail"]["signed_by"] == {"kid": key["kid"], "thumbprint": thumbprint(key)}
        trust_b = _keys(app, tmp_path / "b.jwks")
        done(app, "export", slug, "--to", back, *sealed)
    with another_application(_settings(f"sqlite:///{tmp_path}/a.db", tmp_path, "a")) as app:
        done(app, "erase", slug, "--confirm", slug)
        made = done(app, "import", back, *trust_b, *sealed)
        assert checks(app, slug) == sums
        moved = as_tenant(client_from(app, "127.0.0.1"), made, before.tenant.access_key)
        assert_everybody_logs_in(moved, before, recovery_code=before.pocket.recovery_codes[0])
    assert [sums[table]["rows"] for table in ("users", "totp_factors", "recovery_codes", "keys")] == [513, 1, 10, 2]


def _keys(app: Flask, path: Path) -> list[Any]:
    path.write_text(app.test_cli_runner().invoke(args=["documents", "keys"]).stdout)
    return ["--trust", path]


def _settings(url: str, folder: Path, name: str) -> Settings:
    own = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY[:-1] + name, "INSTANCE_PATH": str(folder / f"instance-{name}")}
    general = {"APP_ENV": "test", "BCRYPT_ROUNDS": "4", "MAIL_WORKER": "process", "REDIS_URL": ""}
    return settings_from(general | own | {"PUBLIC_URL": f"http://{name}.example.com"})
