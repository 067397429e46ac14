"""Exports and imports hold threads for as long as their callers like: so only some may at once."""

from contextlib import ExitStack

import httpx

from tests.factories import Tenant, bearer


def begin(tenant: Tenant, stack: ExitStack) -> httpx.Response:
    """Begin an export and read none of it."""
    headers = bearer(tenant.access_key)
    return stack.enter_context(tenant.api.stream("GET", f"{tenant.path}/users/export", headers=headers))


def test_R_24_one_client_gets_half_of_the_places_for_exports_and_gives_them_back(tenant: Tenant, other: Tenant) -> None:
    for each in (tenant, other):
        each.sign_up()
    with ExitStack() as held:
        assert begin(tenant, held).status_code == 200
        refused = begin(tenant, held)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) >= 1
        assert begin(other, held).status_code == 200
        assert begin(other, held).status_code == 503
    for _ in range(3):
        assert tenant.call("GET", "/users/export").status_code == 200
