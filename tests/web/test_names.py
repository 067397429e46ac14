"""Names that are none, and settings that contradict each other."""

from typing import Any

import httpx
import pytest

from tests.factories import PASSWORD, Tenant, bearer, fresh_email

REGISTER = "/api/v1/clients/register"


def change(tenant: Tenant, **fields: Any) -> httpx.Response:
    """Change a client with its access key."""
    path = f"/api/v1/clients/{tenant.client_id}"
    return tenant.api.patch(path, json=fields, headers=bearer(tenant.access_key))


def refused(answer: httpx.Response, field: str) -> bool:
    """Whether an answer is the 422 of this one field."""
    body = answer.json()
    return (answer.status_code, body["code"], list(body.get("errors", ()))) == (422, "validation_failed", [field])


@pytest.mark.parametrize("blank", ["", " ", "   ", "\t\n", "\u00a0\u2003"], ids=ascii)
def test_a_blank_name_is_refused(tenant: Tenant, blank: str) -> None:
    person = tenant.sign_up(full_name="Ada")
    account = {"email": fresh_email(), "password": PASSWORD, "full_name": blank}
    assert refused(tenant.api.post(REGISTER, json={"client_name": blank}), "client_name")
    assert refused(tenant.api.post(REGISTER, json={"client_name": "x", "industry": blank}), "industry")
    assert refused(tenant.api.post(REGISTER, json={"client_name": "x", "admin": account}), "admin.full_name")
    assert refused(tenant.call("POST", "/signup", json=account), "full_name")
    assert refused(person.call("PATCH", "/me", json={"full_name": blank}), "full_name")
    for name in ("client_name", "industry"):
        assert refused(change(tenant, **{name: blank}), name)
    assert person.call("GET", "/me").json()["full_name"] == "Ada"


def test_a_name_is_kept_without_the_space_around_it(tenant: Tenant) -> None:
    assert tenant.sign_up(full_name="  Ada King ").call("GET", "/me").json()["full_name"] == "Ada King"
    assert change(tenant, client_name="\tAcme & Sons\n").json()["client_name"] == "Acme & Sons"


def test_a_session_may_not_idle_longer_than_it_lives(tenant: Tenant) -> None:
    field, told = (
        "settings.session_idle_ttl",
        {"settings.session_idle_ttl": ["At most session_absolute_ttl, which is 600."]},
    )
    at_once = change(tenant, settings={"session_idle_ttl": 601, "session_absolute_ttl": 600})
    assert refused(at_once, field)
    assert at_once.json()["errors"] == told
    assert change(tenant, settings={"session_idle_ttl": 600, "session_absolute_ttl": 600}).status_code == 200
    assert change(tenant, settings={"session_idle_ttl": 601}).json()["errors"] == told
    assert refused(change(tenant, settings={"session_absolute_ttl": 599}), field)
    shown = tenant.api.get(f"/api/v1/clients/{tenant.client_id}", headers=bearer(tenant.access_key)).json()["settings"]
    assert [shown[name]["value"] for name in ("session_idle_ttl", "session_absolute_ttl")] == [600, 600]


def test_a_default_gives_way_to_a_shorter_life(tenant: Tenant) -> None:
    assert change(tenant, settings={"session_absolute_ttl": 300}).status_code == 200
    assert change(tenant, settings={"session_idle_ttl": None}).status_code == 200
