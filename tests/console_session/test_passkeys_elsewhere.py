"""A client whose passkeys belong to its own website: the console says so, and asks no browser for what cannot work."""

import pytest
from flask import Flask

from tests.console_session.browsing import PLACE, Page, told
from tests.factories import Tenant, bearer
from tests.mfa import ceremonies

OWN = {"passkey_rp_id": "acme.example", "passkey_origins": ["https://acme.example"]}


@pytest.fixture
def page(app: Flask) -> Page:
    """A browser without cookies."""
    return Page(app)


def ask(page: Page, client: str) -> tuple[int, str]:
    """Ask what to log in with by passkey; return the answer in short."""
    answer = page.call("POST", f"{PLACE}/session/passkey/options", json={"client": client})
    return (200, answer.json()["rpId"]) if answer.status_code == 200 else told(answer)


@pytest.mark.parametrize("chosen", [OWN, {"passkey_rp_id": "localhost", "passkey_origins": ["http://localhost:3000"]}])
def test_passkeys_of_another_website_are_not_asked_for_in_the_console(
    page: Page, tenant: Tenant, chosen: dict[str, object]
) -> None:
    person = tenant.sign_up()
    ceremonies.enrol(person)
    assert ask(page, tenant.slug) == (200, "localhost")
    assert "passkey_options" in page.begin(tenant, person)
    path, headers = f"/api/v1/clients/{tenant.client_id}", bearer(tenant.access_key)
    changed = tenant.api.patch(path, headers=headers, json={"settings": chosen})
    assert changed.status_code == 200, changed.text
    assert ask(page, tenant.slug) == (409, "conflict")
    asked = page.begin(tenant, person)
    assert "passkey" in asked["methods"]
    assert "passkey_options" not in asked
    assert ask(page, "nobody-s-client") == (200, "localhost")
