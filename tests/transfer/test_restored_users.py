"""What a restoring makes of people who were disabled, demoted or guarded since, and whom it tells of."""

from pathlib import Path

from flask import Flask

from tests.factories import Person, Tenant
from tests.mfa import ceremonies, enrolling
from tests.transfer.moving import bundle_of
from tests.transfer.snapping import can_log_in, done, keep, put_back, shell

TOLD = ("active_again", "kept_disabled", "roles_raised", "factors_lost")


def change(tenant: Tenant, person: Person, **fields: str) -> None:
    """Change what only an admin changes."""
    answer = tenant.call("PATCH", f"/users/{person.user_id}", json=fields)
    assert answer.status_code == 200, answer.text


def status_of(tenant: Tenant, person: Person) -> str:
    return str(tenant.call("GET", f"/users/{person.user_id}").json()["status"])


def test_an_end_is_not_taken_back_who_was_disabled_since_stays_so_unless_asked(app: Flask, tenant: Tenant) -> None:
    thief, renamed, friend = (tenant.sign_up() for _ in range(3))
    change(tenant, friend, status="disabled")
    snapshot_id = keep(app, tenant)
    change(tenant, thief, status="disabled")
    change(tenant, renamed, status="disabled", full_name="Since")
    change(tenant, friend, status="active")
    told = put_back(app, tenant, snapshot_id)
    assert [told[name] for name in TOLD] == [0, 2, 0, 0]
    assert told["changes"]["users"] == {"added": 0, "changed": 2, "removed": 0, "same": 1}
    assert [status_of(tenant, one) for one in (thief, renamed, friend)] == ["disabled"] * 3
    assert not can_log_in(tenant, thief)
    assert tenant.call("GET", f"/users/{renamed.user_id}").json()["full_name"] is None
    undone = put_back(app, tenant, told["before"]["snapshot_id"])
    assert ([undone[name] for name in TOLD], can_log_in(tenant, friend)) == ([1, 0, 0, 0], True)
    asked = put_back(app, tenant, snapshot_id, "--revive-users")
    assert ([asked[name] for name in TOLD], can_log_in(tenant, thief)) == ([2, 0, 0, 0], True)


def test_whose_rights_grow_and_who_loses_a_second_factor_is_told_before_and_after(app: Flask, tenant: Tenant) -> None:
    assert tenant.call("PUT", "/roles/cox", json={"permissions": ["read", "users:read"]}).status_code in (200, 201)
    admin, cox, person, guarded = tenant.make_admin(), tenant.make("cox"), tenant.sign_up(), tenant.sign_up()
    enrolling.enrol(guarded)
    snapshot_id = keep(app, tenant)
    change(tenant, person, role="admin")
    change(tenant, admin, role="user")
    assert tenant.call("PUT", "/roles/cox", json={"permissions": ["read"]}).status_code == 200
    enrolling.enrol(tenant.log_in(person.email))
    arguments = ("restore", tenant.slug, "--snapshot", snapshot_id)
    planned = done(app, *arguments, "--dry-run")
    assert [planned[name] for name in TOLD] == [0, 0, 2, 1]
    status, said, _ = shell(app, *arguments, "--confirm", tenant.slug)
    assert (status, said.count("users whose role holds more again: 2")) == (0, 2)
    assert said.count("users who lose their second factor: 1") == 2
    assert (can_log_in(tenant, person), can_log_in(tenant, guarded)) == (True, False)
    assert tenant.log_in(cox.email)
    (newest,) = tenant.audit(action="client.restore")
    assert [newest["detail"][name] for name in TOLD if name != "kept_disabled"] == [0, 2, 1]


def test_TEN_a_neighbour_who_has_a_passkey_by_the_same_id_does_not_stand_in_the_way(
    app: Flask, tenant: Tenant, tmp_path: Path
) -> None:
    person, other = tenant.sign_up(), tenant.sign_up()
    held, kept = ceremonies.enrol(person), ceremonies.enrol(other)
    snapshot_id, bundle = keep(app, tenant), bundle_of(app, tenant, tmp_path)
    (passkey,) = person.call("GET", "/me/passkeys").json()["items"]
    assert person.call("DELETE", f"/me/passkeys/{passkey['passkey_id']}").status_code == 204
    copied = done(app, "import", bundle, "--slug", f"{tenant.slug}-2")
    assert copied["client_id"] != tenant.client_id
    told = put_back(app, tenant, snapshot_id)
    assert told["changes"]["passkeys"] == {"added": 1, "changed": 0, "removed": 0, "same": 1}
    for one in (held, kept):
        assert ceremonies.honest_login(tenant, one).status_code == 200
    again = put_back(app, tenant, snapshot_id)
    assert again["changes"]["passkeys"] == {"added": 0, "changed": 0, "removed": 0, "same": 2}, "whatever its id is"
