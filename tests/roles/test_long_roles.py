"""Roles with many long permissions: every access token fits the headers that the service, and proxies, take."""

from datetime import timedelta
from uuid import UUID

import time_machine
from flask import Flask
from sqlalchemy import update
from structlog.testing import capture_logs

from app.core import clock
from app.roles.tables import roles
from tests import database
from tests.factories import Person, Tenant
from tests.flows.counting import code_of
from tests.roles.giving import give, holder, listed, put
from tests.roles.test_binding import claims, refreshed
from tests.transfer.moving import as_tenant, done

MOST = 4000
ONE_LINE = 8192
"""Bytes of one header with its name: what nginx takes unless told otherwise, and less than this service does."""


def words(characters: int) -> list[str]:
    """Return a hundred permissions of so many characters in all."""
    each, left = divmod(characters, 100)
    sizes = [each + (number < left) for number in range(100)]
    return [f"{f'w{number:02}'.ljust(size // 2, 'x')}:".ljust(size, "x") for number, size in enumerate(sizes)]


def line_of(person: Person) -> str:
    """Return the header line in which a token travels."""
    return f"Authorization: Bearer {person.access_token}\r\n"


def lengthened(url: str, tenant: Tenant, role: str, *, characters: int) -> list[str]:
    """Make a role, beside the service, as large as it could be made before there was a bound."""
    held = words(characters)
    engine = database.seeing_all(url)
    try:
        with engine.begin() as connection:
            change = update(roles).where(roles.c.client_id == UUID(tenant.client_id), roles.c.name == role)
            assert connection.execute(change.values(permissions=held)).rowcount == 1
    finally:
        engine.dispose()
    return held


def test_the_largest_role_goes_into_tokens_that_every_header_holds(tenant: Tenant, database_url: str) -> None:
    role, longest = "r" * 32, f"{'a' * 64}@{'.'.join(['b' * 63] * 2)}.{'c' * 57}.com"
    put(tenant, role, *words(MOST))
    person = tenant.sign_up(longest)
    assert len(person.email) == 254
    give(database_url, tenant, role, person)
    for held in (first := tenant.log_in(person.email), refreshed(tenant, first)):
        assert claims(held)["scopes"] == words(MOST)
        # What is left is for a longer PUBLIC_URL, and for who acts for a user.
        assert len(line_of(held)) <= ONE_LINE - 512
        assert held.call("GET", "/me").status_code == 200


def test_a_role_that_tokens_could_not_carry_is_refused_and_one_of_old_may_only_shrink(
    tenant: Tenant, database_url: str
) -> None:
    for name in ("long", "user"):
        answer = tenant.call("PUT", f"/roles/{name}", json={"permissions": words(MOST + 1)})
        assert code_of(answer) == (422, "validation_failed")
        told = "All permissions together have at most 4,000 characters; these have 4,001."
        assert answer.json()["errors"] == {"permissions": [told]}
    assert set(listed(tenant)) == {"admin", "user"}

    put(tenant, "long")
    held = lengthened(database_url, tenant, "long", characters=12_000)
    changed = tenant.call("PUT", "/roles/long", json={"permissions": [*held[:99], "read"]})
    assert code_of(changed) == (422, "validation_failed")
    assert put(tenant, "long", *held[:99])["permissions"] == held[:99]


def test_a_role_of_old_that_no_token_holds_keeps_working(app: Flask, tenant: Tenant, database_url: str) -> None:
    person = holder(database_url, tenant, "users:read", role="support")
    held = lengthened(database_url, tenant, "support", characters=4900)
    # It fits: such a token goes on to say all.
    assert claims(tenant.log_in(person.email))["scopes"] == held

    held = lengthened(database_url, tenant, "support", characters=12_000)
    with capture_logs() as lines:
        late = (first := tenant.log_in(person.email), refreshed(tenant, first))
    # Once, whatever the number of tokens; the next day again.
    told = {"client_id": tenant.client_id, "role": "support"}
    assert [told.items() <= line.items() for line in lines if line["log_level"] == "warning"] == [True]
    with time_machine.travel(clock.now() + timedelta(days=1), tick=True), capture_logs() as lines:
        tenant.log_in(person.email)
        tenant.log_in(person.email)
    assert [told.items() <= line.items() for line in lines if line["log_level"] == "warning"] == [True]
    for now in late:
        assert claims(now)["scopes"] == []
        assert len(line_of(now)) < ONE_LINE
        assert now.call("GET", "/me").status_code == 200
        answer = tenant.call("POST", "/tokens/introspect", json={"token": now.access_token})
        assert answer.json()["scope"].split() == held
    # It goes where its client goes.
    copy = as_tenant(tenant.api, done(app, "clone", tenant.slug, "--name", "Copy"))
    assert listed(copy)["support"] == held
