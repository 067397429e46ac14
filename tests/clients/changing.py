"""Changes of a client's settings over HTTP, and what is said of those that are refused."""

from typing import Any

import httpx

from tests.factories import Tenant, bearer


def change(tenant: Tenant, credential: str | None = None, **settings: Any) -> httpx.Response:
    """Change settings, with the access key if nothing else is given."""
    path = f"/api/v1/clients/{tenant.client_id}"
    return tenant.api.patch(path, json={"settings": settings}, headers=bearer(credential or tenant.access_key))


def shown(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """Return a client's settings as they are shown."""
    answer = tenant.api.get(f"/api/v1/clients/{tenant.client_id}", headers=bearer(tenant.access_key))
    assert answer.status_code == 200, answer.text
    settings: dict[str, dict[str, Any]] = answer.json()["settings"]
    return settings


def refused_fields(answer: httpx.Response) -> list[str]:
    """Return the fields that a 422 names."""
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed"), answer.text
    return list(answer.json()["errors"])
