"""CORS: which pages a browser lets call, and read what they are answered."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from flask import Flask

from app.core import clock
from app.core.settings import changed
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email, register
from tests.flows.counting import code_of
from tests.flows.observing import watched

PAGE, OTHER_PAGE = "https://good.example", "http://localhost:3000"
STRANGERS = (
    "https://evil.example", "null", "*", "", "https://sub.good.example", "https://good.example.evil.example",
    "https://evilgood.example", "https://good.example:8443", "https://good.example:443", "http://good.example",
    "HTTPS://GOOD.EXAMPLE", "https://Good.example", "https://good.example/", "https://good.example.", "good.example",
    "https://good_example", "https://%", "https://good.example, https://evil.example", "https://user@good.example",
)  # fmt: skip
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
NOBODY = "01890000-0000-7000-8000-000000000000"
READABLE = ", ".join(
    ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "RateLimit-Policy", "Retry-After",
     "X-Request-ID")
)  # fmt: skip


def new_key(tenant: Tenant, *origins: str, kind: str = "publishable", **fields: Any) -> dict[str, Any]:
    """Make a key that lists origins; return it with its secret."""
    body = {"name": "Shop window", "kind": kind, "scopes": [], "allowed_origins": list(origins), **fields}
    answer = tenant.call("POST", "/keys", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def allow(tenant: Tenant, *origins: str) -> None:
    """Set the origins from which a client's users may call."""
    assert change(tenant, list(origins)).status_code == 200


def change(tenant: Tenant, origins: Any) -> httpx.Response:
    """Change the setting with the access key."""
    body = {"settings": {"allowed_origins": origins}}
    return tenant.api.patch(f"/api/v1/clients/{tenant.client_id}", json=body, headers=bearer(tenant.access_key))


def preflight(tenant: Tenant, origin: str, path: str = "/login", client_id: str | None = None) -> httpx.Response:
    """Ask as a browser does before it calls."""
    where = f"/api/v1/{client_id or tenant.client_id}{path}"
    return tenant.api.request("OPTIONS", where, headers={"Origin": origin, **ASKS})


def log_in(tenant: Tenant, credential: str | None, origin: str, **body: Any) -> httpx.Response:
    """Log nobody in, from a page."""
    headers = {"Origin": origin} | (bearer(credential) if credential else {})
    login = {"email": fresh_email(), "password": PASSWORD} | body
    return tenant.api.post(f"{tenant.path}/login", json=login, headers=headers)


def told(answer: httpx.Response) -> dict[str, str]:
    """Return what an answer tells the browser."""
    names = [name for name in answer.headers if name.startswith("access-control-")]
    return {name: answer.headers[name] for name in [*names, "vary"]}


NOTHING = {"vary": "Origin"}


def readable_from(origin: str) -> dict[str, str]:
    """Return what an answer tells the browser of a page that may read it."""
    return {"access-control-allow-origin": origin, "access-control-expose-headers": READABLE, **NOTHING}


def test_ADM_08_a_preflight_is_allowed_for_what_a_live_key_or_the_client_names(tenant: Tenant) -> None:
    new_key(tenant, OTHER_PAGE, PAGE)
    allow(tenant, "http://[::1]:5173", "https://my_app.good.example")
    for origin in (PAGE, OTHER_PAGE, "http://[::1]:5173", "https://my_app.good.example"):
        for path, methods in (("/login", "POST"), ("/me", "DELETE, GET, PATCH")):
            answer = preflight(tenant, origin, path)
            assert (answer.status_code, answer.content) == (204, b"")
            assert told(answer) == {
                "access-control-allow-origin": origin,
                "access-control-allow-methods": methods,
                "access-control-allow-headers": "authorization, content-type, idempotency-key, x-api-key",
                "access-control-max-age": "600",
                "vary": "Origin",
            }


def test_ADM_08_a_preflight_of_anything_else_looks_like_that_of_an_unknown_client(
    tenant: Tenant, other: Tenant, operator: Operator
) -> None:
    new_key(tenant, PAGE)
    allow(tenant, PAGE)
    new_key(other, "https://other.example")
    secret = new_key(tenant, kind="secret")
    asked = [preflight(tenant, origin) for origin in (*STRANGERS, "https://other.example")]
    asked += [preflight(tenant, PAGE, client_id=client) for client in (NOBODY, other.client_id, "none", "%00")]
    suspended = {"status": "suspended"}
    assert operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json=suspended).status_code == 200
    asked.append(preflight(tenant, PAGE))
    for answer in asked:
        assert (answer.status_code, answer.content, told(answer)) == (204, b"", NOTHING), answer.request.headers
        assert {*answer.headers} == {*asked[0].headers}
    assert told(log_in(tenant, secret["api_key"], PAGE)) == NOTHING


def test_ADM_08_a_key_is_held_to_its_own_origins(tenant: Tenant) -> None:
    made = [new_key(tenant, *listed) for listed in ((PAGE, OTHER_PAGE), (OTHER_PAGE,))]
    key, narrow = (one["api_key"] for one in made)
    allow(tenant, PAGE)
    for origin in (PAGE, OTHER_PAGE):
        answer = log_in(tenant, key, origin)
        assert (code_of(answer), told(answer)) == ((401, "invalid_credentials"), readable_from(origin))
    refused = [log_in(tenant, key, origin) for origin in STRANGERS] + [log_in(tenant, narrow, PAGE)]
    for answer in refused:
        assert (code_of(answer), told(answer)) == ((403, "insufficient_scope"), NOTHING)
        assert "allowed_origins" in answer.json()["detail"]
    assert len(tenant.audit(action="login")) == 2
    told_of = {row["key_id"] for row in tenant.audit(action="credential.refuse")}
    assert told_of == {one["key_id"] for one in made}


def test_ADM_08_a_token_is_held_to_its_clients_origins(tenant: Tenant) -> None:
    person, from_page = tenant.sign_up(), {"Origin": PAGE}
    new_key(tenant, PAGE)
    unlisted = person.call("GET", "/me", headers=from_page)
    assert (unlisted.status_code, told(unlisted)) == (200, NOTHING)
    allow(tenant, PAGE)
    answer = person.call("GET", "/me", headers=from_page)
    assert (answer.status_code, told(answer)) == (200, readable_from(PAGE))
    for origin in (*STRANGERS, OTHER_PAGE):
        refused = person.call("GET", "/me", headers={"Origin": origin})
        assert (code_of(refused), told(refused)) == ((403, "insufficient_scope"), NOTHING)
    assert person.call("GET", "/me").status_code == 200


def test_ADM_08_a_token_beside_a_key_is_held_to_both(tenant: Tenant) -> None:
    allow(tenant, PAGE)
    person, key = tenant.sign_up(), new_key(tenant, kind="secret", scopes=["read"])["api_key"]
    for origin, status in ((PAGE, 200), (OTHER_PAGE, 403), ("https://evil.example", 403)):
        answer = person.call("GET", "/me", headers={"X-API-Key": key, "Origin": origin})
        assert (answer.status_code, told(answer)) == (status, NOTHING)  # a secret key has no place in a page


def test_ADM_08_a_secret_key_takes_no_origins_when_it_is_made_or_changed(tenant: Tenant) -> None:
    secret, public = new_key(tenant, kind="secret"), new_key(tenant, PAGE)
    refused = [
        tenant.call("POST", "/keys", json={"name": "Backend", "allowed_origins": [PAGE]}),
        tenant.call("PATCH", f"/keys/{secret['key_id']}", json={"allowed_origins": [PAGE]}),
    ]
    for answer in refused:
        assert (code_of(answer), [*answer.json()["errors"]]) == ((422, "validation_failed"), ["allowed_origins"])
    for key, listed in ((secret, []), (public, [OTHER_PAGE])):
        changed_key = tenant.call("PATCH", f"/keys/{key['key_id']}", json={"allowed_origins": listed})
        assert (changed_key.status_code, changed_key.json()["allowed_origins"]) == (200, listed)


def test_ADM_08_a_backends_key_lets_no_page_read_and_a_key_without_origins_neither(tenant: Tenant) -> None:
    allow(tenant, PAGE)
    for key in (tenant.access_key, new_key(tenant)["api_key"]):
        answer = log_in(tenant, key, PAGE)
        assert (code_of(answer), told(answer)) == ((401, "invalid_credentials"), NOTHING)


def test_ADM_08_the_origins_of_a_revoked_or_expired_key_are_named_no_more(tenant: Tenant) -> None:
    revoked, _ = new_key(tenant, PAGE), new_key(tenant, OTHER_PAGE, expires_in_days=1)
    assert [told(preflight(tenant, origin)) == NOTHING for origin in (PAGE, OTHER_PAGE)] == [False, False]
    assert tenant.call("POST", f"/keys/{revoked['key_id']}/revoke").status_code == 200
    assert [told(preflight(tenant, origin)) == NOTHING for origin in (PAGE, OTHER_PAGE)] == [True, False]
    refused = log_in(tenant, revoked["api_key"], PAGE)
    assert (code_of(refused), told(refused)) == ((401, "authentication_required"), NOTHING)
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1), tick=True):
        assert told(preflight(tenant, OTHER_PAGE)) == NOTHING


def test_a_page_that_may_call_reads_why_its_call_was_refused(tenant: Tenant, api: httpx.Client) -> None:
    key = new_key(tenant, PAGE)["api_key"]
    refused = {
        (401, "authentication_required"): log_in(tenant, None, PAGE),
        (422, "validation_failed"): log_in(tenant, key, PAGE, more=1),
        (413, "payload_too_large"): log_in(tenant, key, PAGE, password="x" * 70_000),
        (403, "insufficient_scope"): api.get(f"{tenant.path}/audit-logs", headers={"Origin": PAGE, **bearer(key)}),
    }
    with changed(login_limit="1 per hour"):
        limited = [log_in(tenant, key, PAGE) for _ in range(2)]
    refused[429, "rate_limited"] = limited[-1]
    for code, answer in refused.items():
        assert (code_of(answer), told(answer)) == (code, readable_from(PAGE))
    assert "retry-after" in limited[-1].headers
    assert told(log_in(tenant, None, "https://evil.example")) == NOTHING


def test_the_services_own_page_may_use_every_key(tenant: Tenant) -> None:
    answer = log_in(tenant, new_key(tenant, PAGE)["api_key"], "http://localhost:8000")
    assert (code_of(answer), told(answer)) == ((401, "invalid_credentials"), NOTHING)


def test_only_calls_of_browsers_are_told_of_origins_and_no_call_reads_more_for_it(app: Flask, tenant: Tenant) -> None:
    allow(tenant, PAGE)
    person = tenant.sign_up()
    assert person.call("GET", "/me").status_code == 200  # the client's signing key is read once
    with watched(app) as plain:
        assert "vary" not in person.call("GET", "/me").headers
    with watched(app) as from_page:
        assert told(person.call("GET", "/me", headers={"Origin": PAGE})) == readable_from(PAGE)
    assert from_page.statements == plain.statements
    for path in ("/healthz", f"/docs/{tenant.client_id}", "/api/v1/clients/register"):
        assert "vary" not in tenant.api.get(path, headers={"Origin": PAGE}).headers
    bare = tenant.api.request("OPTIONS", f"{tenant.path}/login", headers={"Origin": PAGE})
    assert code_of(bare) == (401, "authentication_required")


def test_origins_are_kept_as_browsers_send_them(api: httpx.Client) -> None:
    tenant = register(api)
    given = [
        "HTTPS://App.Example:443",
        "http://app.example:80",
        "http://127.0.0.1:3000",
        "https://[0::1]",
        "http://a:1",
    ]
    kept = ["https://app.example", "http://app.example", "http://127.0.0.1:3000", "https://[::1]", "http://a:1"]
    shown = change(tenant, given).json()["settings"]
    assert shown["allowed_origins"] == {"value": kept, "source": "client"}
    assert change(tenant, []).json()["settings"]["allowed_origins"] == {"value": [], "source": "client"}
    assert change(tenant, None).json()["settings"]["allowed_origins"] == {"value": [], "source": "default"}
    assert change(tenant, [f"https://a{number}.example" for number in range(20)]).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    ["*", "null", "", "app.example", "https://", "ftp://app.example", "https://*.app.example", "https://app.example/",
     "https://app.example?", "https://app.example#", "https://a@app.example", "https://app.example:0", "https://1.2.3",
     "https://app.example:65536", "https://app.example:", "https://app..example", "https://app.example.", "https://-a",
     "https://1.2.3.256", "https://0x7f", "https://[::ffff:127.0.0.1]", "https://[::g]", "https://m\u00fcnchen.example",
     "https://\u212aelvin.example", " https://app.example", "https://app.example\n", "https://a%2eexample",
     "https://" + "a" * 64 + ".example", "https://" + "a." * 130 + "example", 1, None, True, ["https://app.example"]],
    ids=ascii,
)  # fmt: skip
def test_ADM_08_what_is_no_origin_of_a_page_is_refused(tenant: Tenant, wrong: Any) -> None:
    answer = change(tenant, ["https://good.example", wrong])
    assert (code_of(answer), [*answer.json()["errors"]]) == ((422, "validation_failed"), ["settings.allowed_origins.1"])
    many = change(tenant, [f"https://a{number}.example" for number in range(21)])
    assert [*many.json()["errors"]] == ["settings.allowed_origins"]
