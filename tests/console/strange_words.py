"""What strangers write into a client: markup wherever words are taken."""

from playwright.sync_api import Page

from tests.console.pages import ADMIN, NOBODY, OPERATOR
from tests.factories import PASSWORD, Tenant, bearer

_ATTACK = "<img src=x data-attack onerror=window.attacked=1><script data-attack>window.attacked=1</script>"
_WORDS = {
    "client": f"Client {_ATTACK}",
    "industry": f"I {_ATTACK[:60]}",
    "person": f"Ada {_ATTACK}",
    "field": f"Field {_ATTACK}",
    "key": f"Key {_ATTACK}",
    "email": "o'neil&lt`{{1+1}}${1+1}@example.com",
    "agent": f"Mozilla {_ATTACK}",
}
SHOWN = {NOBODY: set[str](), ADMIN: _WORDS.keys() - {"agent"}, OPERATOR: {"client", "industry"}}
"""What some page must show word for word; of a program's name a page may make `Unknown`."""


def write(tenant: Tenant, ids: dict[str, str]) -> None:
    """Put markup into the client, its people and the key and the user that have pages."""
    names = {"client_name": _WORDS["client"], "industry": _WORDS["industry"]}
    headers = bearer(tenant.access_key)
    tenant.api.patch(f"/api/v1/clients/{tenant.client_id}", json=names, headers=headers).raise_for_status()
    profile = {"full_name": _WORDS["person"], "custom_fields": {_WORDS["field"]: _WORDS["field"]}}
    tenant.call("PATCH", f"/users/{ids['user_id']}", json=profile).raise_for_status()
    tenant.log_in_admin().call("PATCH", "/me", json={"full_name": _WORDS["person"]}).raise_for_status()
    tenant.call("PATCH", f"/keys/{ids['key_id']}", json={"name": _WORDS["key"]}).raise_for_status()
    account = {"email": _WORDS["email"], "password": PASSWORD}
    tenant.call("POST", "/users", json=account).raise_for_status()
    for password in (PASSWORD, "wrong"):
        tenant.call("POST", "/login", json=account | {"password": password}, headers={"User-Agent": _WORDS["agent"]})


def shown(page: Page) -> set[str]:
    """Return which of these words stand on an open page as they were written."""
    text = page.inner_text("body")
    values = page.eval_on_selector_all("input, textarea", "all => all.map(one => one.value).join(' ')")
    return {name for name, told in _WORDS.items() if told in text + values}


def at_work(page: Page) -> list[str]:
    """Return what of the markup has become more than text."""
    made: list[str] = page.eval_on_selector_all("[data-attack]", "all => all.map(one => one.outerHTML)")
    return [*made, *(["a script of a stranger has run"] if page.evaluate("window.attacked") is not None else [])]
