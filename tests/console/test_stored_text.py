"""ADM-07: what strangers have written is text in the console, wherever it is shown."""

import pytest
from playwright.sync_api import Page

from tests.console.pages import ADMIN, OPERATOR, PAGES
from tests.console.running import Console, log_in
from tests.console.test_all_pages import open_whole
from tests.factories import PASSWORD, Operator, Tenant

ATTACK = "<img src=x data-attack onerror=window.attacked=1><script data-attack>window.attacked=1</script>"
NAMES = {
    "client": f"Client {ATTACK}",
    "person": f"Ada {ATTACK}",
    "key": f"Key {ATTACK}",
    "field": f"Field {ATTACK}",
    "agent": f"Mozilla {ATTACK}",
    "email": "o'neil&lt`{{1+1}}${1+1}@example.com",
    "industry": f"I {ATTACK[:60]}",
}
_SHOWN = ("client", "person", "key", "field", "email", "industry")
"""What some page must show word for word; of a program's name a page may make `Unknown`."""


@pytest.fixture(scope="module")
def attacked(console: Console) -> tuple[Tenant, dict[str, str]]:
    """A client in which everything that takes words holds markup."""
    tenant = console.register(client_name=NAMES["client"], industry=NAMES["industry"])
    admin = tenant.log_in_admin()
    profile = {"full_name": NAMES["person"], "custom_fields": {NAMES["field"]: NAMES["field"]}}
    made = tenant.call("POST", "/users", json={"email": NAMES["email"], "password": PASSWORD, **profile})
    assert made.status_code == 201, made.text
    key = tenant.call("POST", "/keys", json={"name": NAMES["key"], "scopes": []})
    assert key.status_code == 201, key.text
    tenant.call("PUT", "/roles/strange", json={"permissions": ["read"]})
    for password in (PASSWORD, "wrong"):
        body = {"email": NAMES["email"], "password": password}
        tenant.call("POST", "/login", json=body, headers={"User-Agent": NAMES["agent"]})
    admin.call("PATCH", "/me", json={"full_name": NAMES["person"]})
    ids = {"user_id": made.json()["user_id"], "key_id": key.json()["key_id"], "role": "strange"}
    return tenant, ids | {"client_id": tenant.client_id}


def test_ADM_07_markup_in_names_is_shown_as_text_on_every_page_and_makes_nothing(
    page: Page, attacked: tuple[Tenant, dict[str, str]], operator: Operator
) -> None:
    tenant, ids = attacked
    seen: set[str] = set()
    for who in (ADMIN, OPERATOR):
        log_in(page, tenant if who == ADMIN else operator)
        for place in (one for one in PAGES if one.who == who):
            open_whole(page, place.address(ids))
            assert page.locator("[data-attack]").count() == 0, place.name
            assert page.evaluate("window.attacked") is None, place.name
            text = page.inner_text("body")
            values = page.eval_on_selector_all("input, textarea", "all => all.map(one => one.value).join(' ')")
            seen |= {name for name, told in NAMES.items() if told in text + values}
    assert seen >= set(_SHOWN)
