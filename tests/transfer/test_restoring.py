"""One client goes back to how it was: what comes back, what ends, and what an end cannot be taken back from."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from tests import database
from tests.factories import PASSWORD, Person, Tenant, bearer
from tests.keys.making import code, make, through, verify
from tests.mfa import enrolling
from tests.transfer import moving
from tests.transfer.moving import Full
from tests.transfer.snapping import (
    at_moment,
    can_log_in,
    done,
    keep,
    literal,
    put_back,
    refused_restore,
    settings_of,
    shell,
    users_of,
)

NEW = "another horse battery"


@pytest.fixture
def full(api: httpx.Client) -> Full:
    """A client that has something of everything."""
    return moving.full(api)


def change_settings(tenant: Tenant, **settings: Any) -> None:
    """Change settings of a client."""
    path = f"/api/v1/clients/{tenant.client_id}"
    answer = tenant.api.patch(path, json={"settings": settings}, headers=bearer(tenant.access_key))
    assert answer.status_code == 200, answer.text


def damage(full: Full) -> Person:
    """Do to a client what a restoring is for; return somebody who was not there before."""
    tenant = full.tenant
    stranger = tenant.make_admin()
    changed = tenant.call("PATCH", f"/users/{full.admin.user_id}", json={"role": "user", "full_name": "Nobody"})
    assert changed.status_code == 200, changed.text
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert full.user.call("POST", "/me/password", json=body).status_code in (200, 204)
    assert tenant.call("DELETE", f"/users/{full.guarded.user_id}").status_code in (200, 204)
    assert tenant.call("PUT", "/roles/cox", json={"permissions": ["read"]}).status_code == 200
    change_settings(tenant, brand_color="#000000", allowed_origins=None)
    return stranger


def test_everybody_logs_in_as_of_then_and_what_was_made_since_is_gone(app: Flask, full: Full) -> None:
    tenant, before, settings = full.tenant, users_of(full.tenant), settings_of(full.tenant)
    audited = len(tenant.audit())
    snapshot_id = keep(app, tenant)
    stranger = damage(full)
    told = put_back(app, tenant, snapshot_id)
    assert told["changes"]["users"] == {"added": 1, "changed": 2, "removed": 1, "same": 0}
    assert (told["passwords"], told["settings"]) == (1, ["allowed_origins", "brand_color"])
    assert users_of(tenant) == before
    assert settings_of(tenant) == settings
    assert [can_log_in(tenant, one) for one in (full.admin, full.user, stranger)] == [True, True, False]
    assert not can_log_in(tenant, full.user, NEW)
    assert enrolling.log_in(tenant, full.guarded, full.pocket.code()).access_token
    (newest,) = tenant.audit(action="client.restore")
    assert {name: newest["detail"][name] for name in ("snapshot_id", "users", "passwords")} == {
        "snapshot_id": snapshot_id,
        "users": told["changes"]["users"],
        "passwords": 1,
    }
    assert len(tenant.audit()) > audited, "the audit log goes on, and is not put back"


def test_TOK_sessions_tokens_and_codes_of_before_stay_dead(app: Flask, full: Full) -> None:
    tenant, gone = full.tenant, full.guarded
    snapshot_id = keep(app, tenant)
    mfa_token = enrolling.challenge(tenant, gone)
    assert tenant.call("DELETE", f"/users/{gone.user_id}").status_code in (200, 204)
    later = tenant.log_in(full.user.email)
    told = put_back(app, tenant, snapshot_id)
    assert told["sessions_ended"] >= 2
    for person in (full.admin, full.user, gone, later):
        assert person.call("GET", "/me").status_code == 401
        refreshed = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
        assert refreshed.status_code == 401, refreshed.text
    assert enrolling.second_step(tenant, mfa_token, full.pocket.code()).json()["code"] == "invalid_code"


def test_a_key_that_was_revoked_since_stays_so_and_uses_never_go_down(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    leaked, deleted, limited, own = make(tenant), make(tenant), make(tenant, usage_limit=5), make(person)
    snapshot_id = keep(app, tenant)
    assert tenant.call("POST", f"/keys/{leaked['key_id']}/revoke").status_code == 200
    assert tenant.call("DELETE", f"/keys/{deleted['key_id']}").status_code == 204
    assert [verify(tenant, limited["api_key"])["remaining"] for _ in range(3)] == [4, 3, 2]
    assert tenant.call("PATCH", f"/keys/{limited['key_id']}", json={"name": "Other"}).status_code == 200
    assert tenant.call("DELETE", f"/users/{person.user_id}").status_code in (200, 204)
    later = make(tenant)
    told = put_back(app, tenant, snapshot_id)
    assert told["kept_revoked"] == 3
    assert told["changes"]["keys"] == {"added": 2, "changed": 1, "removed": 1, "same": 2}
    assert {code(tenant, key["api_key"]) for key in (leaked, deleted, own)} == {"revoked"}
    assert code(tenant, later["api_key"]) == "not_found"
    assert verify(tenant, limited["api_key"])["remaining"] == 1
    assert tenant.call("GET", f"/keys/{limited['key_id']}").json()["name"] == "A key"
    told = put_back(app, tenant, snapshot_id, "--revive-keys")
    assert (told["kept_revoked"], told["changes"]["keys"]["changed"]) == (0, 3)
    assert {code(tenant, key["api_key"]) for key in (leaked, deleted, own)} == {None}
    assert verify(tenant, limited["api_key"])["remaining"] == 0


def test_an_access_key_and_successors_of_keys_of_then_stay_with_the_rights_of_then(app: Flask, tenant: Tenant) -> None:
    key = make(tenant, scopes=["users:read"], usage_limit=10)
    snapshot_id = keep(app, tenant)
    widened = tenant.call("PATCH", f"/keys/{key['key_id']}", json={"scopes": ["users:read", "users:write"]})
    assert widened.status_code == 200, widened.text
    rotated = tenant.call("POST", f"/keys/{key['key_id']}/rotate", json={})
    assert rotated.status_code == 201, rotated.text
    successor = rotated.json()["api_key"]
    assert verify(tenant, successor)["remaining"] == 9
    issued = done(app, "rotate-key", tenant.slug)
    old, tenant.access_key = tenant.access_key, issued["access_key"]
    told = put_back(app, tenant, snapshot_id)
    assert (told["kept_keys"], told["kept_revoked"]) == (2, 2)
    assert through(tenant, old, "GET", "/users").status_code == 401
    assert verify(tenant, successor)["remaining"] == 8
    assert through(tenant, successor, "GET", "/users").status_code == 200
    assert through(tenant, successor, "DELETE", f"/users/{tenant.client_id}").status_code == 403


def test_codes_that_were_used_since_stay_used(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    pocket = enrolling.enrol(person)
    snapshot_id = keep(app, tenant)
    shown, spent = pocket.code(), pocket.recovery_codes[0]
    for used in (shown, spent):
        assert enrolling.log_in(tenant, person, used).access_token
    put_back(app, tenant, snapshot_id)
    for used in (shown, spent):
        refused = enrolling.second_step(tenant, enrolling.challenge(tenant, person), used)
        assert refused.json()["code"] == "invalid_code"
    assert enrolling.log_in(tenant, person, pocket.recovery_codes[1]).access_token


def test_second_factors_that_were_taken_away_since_come_back(app: Flask, tenant: Tenant) -> None:
    person = tenant.sign_up()
    pocket = enrolling.enrol(person)
    snapshot_id = keep(app, tenant)
    inside = enrolling.log_in(tenant, person, pocket.code())
    removed = inside.call("DELETE", "/me/mfa/totp")
    assert removed.status_code in (200, 204), removed.text
    assert can_log_in(tenant, person), "without a factor"
    put_back(app, tenant, snapshot_id)
    assert not can_log_in(tenant, person)
    with_code = enrolling.log_in(tenant, person, pocket.recovery_codes[1])
    assert with_code.call("GET", "/me/mfa").json()["recovery_codes_left"] == 9


def test_a_restoring_is_undone_by_the_snapshot_before_it(app: Flask, full: Full) -> None:
    tenant = full.tenant
    snapshot_id = keep(app, tenant)
    damage(full)
    later, after = make(tenant), users_of(tenant)
    told = put_back(app, tenant, snapshot_id)
    assert code(tenant, later["api_key"]) == "not_found"
    undone = put_back(app, tenant, told["before"]["snapshot_id"])
    assert undone["snapshot"]["kind"] == "before-restore"
    assert users_of(tenant) == after
    assert code(tenant, later["api_key"]) is None
    assert can_log_in(tenant, full.user, NEW)


def test_a_moment_is_named_in_plain_words_and_the_newest_snapshot_before_it_is_taken(
    app: Flask, tenant: Tenant, database_url: str
) -> None:
    first, second = keep(app, tenant), keep(app, tenant)
    at_moment(database_url, first, datetime(2026, 1, 31, 3, tzinfo=UTC))
    at_moment(database_url, second, datetime(2026, 2, 1, 3, tzinfo=UTC))
    for moment, expected in (
        ("2026-01-31T03:00:00Z", first),
        ("2026-01-31 23:59", first),
        ("2026-02-01T04:00:00+01:00", second),
        ("2 minutes ago", second),
        ("now", second),
    ):
        told = done(app, "restore", tenant.slug, "--at", moment, "--dry-run")
        assert told["snapshot"]["snapshot_id"] == expected, moment
    for moment in ("2026-01-31T02:59:59Z", "yesterday", "99999999 days ago", ""):
        assert shell(app, "restore", tenant.slug, "--at", moment, "--dry-run")[0] == 1, moment


def test_nothing_changes_without_the_slug_and_a_dry_run_only_tells(app: Flask, full: Full, tmp_path: Path) -> None:
    tenant, report = full.tenant, tmp_path / "report.ndjson"
    snapshot_id = keep(app, tenant)
    stranger = damage(full)
    after = users_of(tenant)
    arguments = ("restore", tenant.slug, "--snapshot", snapshot_id)
    status, said, _ = shell(app, *arguments, "--dry-run", "--report", report)
    assert (status, "come back" in said) == (0, True)
    lines = report.read_text().splitlines()
    assert (len(lines), report.stat().st_mode & 0o777) == (4, 0o600)
    assert f'{{"change": "goes", "user_id": "{stranger.user_id}", "email": "{stranger.email}"}}' in lines
    for confirmed in ((), ("--confirm", "another")):
        status, _, said = shell(app, *arguments, *confirmed)
        assert (status, f"--confirm {tenant.slug}" in said) == (1, True)
    assert users_of(tenant) == after
    assert stranger.call("GET", "/me").status_code == 200


@pytest.mark.parametrize("harm", ["altered", "cut off", "gone", "altered with its digest"])
def test_a_tampered_file_is_refused_and_nothing_changes(
    app: Flask, tenant: Tenant, database_url: str, harm: str, environment: dict[str, str]
) -> None:
    person = tenant.sign_up()
    snapshot_id = keep(app, tenant)
    file = next(Path(environment["INSTANCE_PATH"]).glob(f"snapshots/*/{snapshot_id}.snapshot"))
    whole = file.read_bytes()
    altered = whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:]
    file.unlink() if harm == "gone" else file.write_bytes(whole[:-40] if harm == "cut off" else altered)
    if harm == "altered with its digest":
        given = literal(database_url, hashlib.sha256(altered).digest()), literal(database_url, snapshot_id)
        database.change(database_url, "UPDATE snapshots SET sha256 = {} WHERE snapshot_id = {}".format(*given))
    person.call("PATCH", "/me", json={"full_name": "Since"})
    said = refused_restore(app, tenant, snapshot_id)
    assert "altered" in said or "cannot be read" in said
    assert person.call("GET", "/me").json()["full_name"] == "Since"
    of_client = {"client_id": database.uuid_text(database_url, tenant.client_id)}
    assert database.count(database_url, "restoring_users", "client_id = :client_id", **of_client) == 0


def test_TEN_no_client_goes_back_to_a_snapshot_of_another(app: Flask, tenant: Tenant, other: Tenant) -> None:
    person = other.sign_up()
    foreign = keep(app, tenant)
    assert "no snapshot with that id" in refused_restore(app, other, foreign)
    put_back(app, tenant, foreign)
    assert person.call("GET", "/me").status_code == 200, "others are not touched"
    assert "platform" in shell(app, "snapshot", "platform")[2]
