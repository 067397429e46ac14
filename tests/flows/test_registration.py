"""Registration: what it answers and makes, under which name, and who may register."""

import re
import secrets
from collections.abc import Callable, Iterator

import httpx
import pytest

from app.core.settings import changed
from tests import database
from tests.factories import PASSWORD, Operator, Person, Tenant, bearer, fresh_email, register
from tests.flows.counting import code_of, grown, own_row, totals
from tests.flows.observing import rows_of

REGISTER = "/api/v1/clients/register"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
UUID_7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ACCESS_KEY = re.compile(r"rlk_ak_[0-9A-Za-z]{49}")


@pytest.fixture
def word() -> str:
    """A word that no other client is called by."""
    return f"w{secrets.token_hex(5)}"


@pytest.fixture
def operators_only() -> Iterator[None]:
    """A service where only an operator registers clients."""
    with changed(client_registration="operator"):
        yield


def test_a_registration_answers_the_client_and_where_its_documentation_is(api: httpx.Client, word: str) -> None:
    answer = api.post(REGISTER, json={"client_name": f"Acme {word} Ltd"})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    made = {name: body.pop(name) for name in ("client_id", "access_key", "created_at")}
    assert body == {
        "client_name": f"Acme {word} Ltd",
        "slug": f"acme-{word}-ltd",
        "tier": "free",
        "documentation_url": f"http://localhost:8000/docs/{made['client_id']}",
    }
    assert UUID_7.fullmatch(made["client_id"])
    assert ACCESS_KEY.fullmatch(made["access_key"])
    assert RFC_3339.fullmatch(made["created_at"])
    assert answer.headers["cache-control"] == "no-store"
    page = api.get(body["documentation_url"])
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (200, "text/html")
    assert made["client_id"] in page.text


def test_what_else_is_told_of_a_client_is_kept(api: httpx.Client, word: str) -> None:
    given = {"client_name": word, "industry": "Tea & cakes", "domain": f"{word}.example"}
    made = api.post(REGISTER, json={**given, "contact_email": f" Desk@{word}.EXAMPLE "})
    assert made.status_code == 201
    shown = api.get(f"/api/v1/clients/{made.json()['client_id']}", headers=bearer(made.json()["access_key"])).json()
    assert {name: shown[name] for name in given} == given
    assert shown["contact_email"] == f"desk@{word}.example"
    assert (shown["status"], shown["created_at"]) == ("active", made.json()["created_at"])


def test_LOG_03_the_first_audit_row_tells_of_the_registration(api: httpx.Client, database_url: str) -> None:
    answer = api.post(REGISTER, json={"client_name": "First"}, headers={"User-Agent": "first/1"})
    made = answer.json()
    rows = api.get(f"/api/v1/{made['client_id']}/audit-logs", headers=bearer(made["access_key"])).json()["items"]
    key_id = str(own_row(database_url, "keys", made["client_id"])["key_id"])
    (row,) = rows
    assert UUID_7.fullmatch(row.pop("audit_id"))
    assert RFC_3339.fullmatch(row.pop("timestamp"))
    assert row.pop("key_id").replace("-", "") == key_id.replace("-", "")
    assert row == {
        "client_id": made["client_id"], "user_id": None, "action": "client.register", "status": "success",
        "ip_address": "127.0.0.1", "user_agent": "first/1", "request_id": answer.headers["x-request-id"],
        "detail": {"slug": made["slug"], "admin_user_id": None},
    }  # fmt: skip


def test_the_first_admin_is_made_with_the_client_logs_in_and_acts(api: httpx.Client, database_url: str) -> None:
    before = totals(database_url)
    account = {"email": fresh_email(), "password": PASSWORD, "full_name": "Ada Lovelace"}
    made = api.post(REGISTER, json={"client_name": "Led", "admin": account | {"email": account["email"].upper()}})
    assert made.status_code == 201
    assert not {account["email"], PASSWORD} & set(made.json().values())
    expected = {"clients": 1, "keys": 1, "signing_keys": 1, "audit_logs": 1, "users tables": 1}
    assert grown(before, totals(database_url)) == expected
    tenant = Tenant(api, made.json()["client_id"], made.json()["access_key"], made.json()["slug"], "Led", account)
    assert database.count(database_url, tenant.table) == 1

    admin = tenant.log_in_admin()
    me = admin.call("GET", "/me").json()
    assert (me["email"], me["role"], me["status"], me["full_name"]) == (
        account["email"], "admin", "active", "Ada Lovelace",
    )  # fmt: skip
    first = tenant.audit(action="client.register")
    assert [row["detail"]["admin_user_id"] for row in first] == [admin.user_id]
    assert admin.call("GET", "/audit-logs").status_code == 200
    renamed = api.patch(
        f"/api/v1/clients/{tenant.client_id}", json={"industry": "tea"}, headers=bearer(admin.access_token)
    )
    assert (renamed.status_code, renamed.json()["industry"]) == (200, "tea")


def test_a_slug_is_taken_as_given_or_made_of_the_name(api: httpx.Client, word: str) -> None:
    slugs = {}
    for name in (f"  Ünïted_{word}!! Kîngdom ", f"{word} 株式会社", "株式会社", "Console", "x" * 120):
        slugs[name] = register(api, client_name=name).slug
    united, partly, none, reserved, long = slugs.values()
    assert (united, partly) == (f"united-{word}-kingdom", word)
    assert re.fullmatch(r"client-[0-9a-f]{6}", none)
    assert re.fullmatch(r"console-[0-9a-f]{6}", reserved)
    assert re.fullmatch(r"x{50}(-[0-9a-f]{6})?", long)
    assert register(api, client_name="Another name", slug=f"{word}-2").slug == f"{word}-2"
    assert re.fullmatch(rf"{word}-[0-9a-f]{{6}}", register(api, client_name=f"{word} 株式会社").slug)


@pytest.mark.usefixtures("operators_only")
def test_where_only_operators_register_a_stranger_or_a_client_is_refused(
    api: httpx.Client, database_url: str, operator: Operator
) -> None:
    answer = operator.platform_call("POST", "/clients/register", json={"client_name": "Made by hand"})
    assert answer.status_code == 201
    made = Tenant(api, answer.json()["client_id"], answer.json()["access_key"], answer.json()["slug"], "Made by hand")
    assert [(row["action"], row["user_id"]) for row in made.audit()] == [("client.register", operator.user_id)]

    before, body = totals(database_url), {"client_name": "Stranger"}
    refused = api.post(REGISTER, json=body)
    assert code_of(refused) == (401, "authentication_required")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    # A stranger does not even learn whether its body would do.
    assert code_of(api.post(REGISTER, content=b"[[[")) == (401, "authentication_required")
    assert code_of(api.post(REGISTER, json=body, headers=bearer(made.access_key))) == (403, "insufficient_scope")
    # The client's own log tells that its key was refused; nothing else was written.
    assert grown(before, totals(database_url)) == {"audit_logs": 1}


def test_RL_07_where_anyone_registers_no_key_or_token_makes_a_caller_less_of_a_stranger(
    api_from: Callable[[str], httpx.Client], tenant: Tenant
) -> None:
    stranger = api_from("203.0.113.77")
    carried = [bearer(tenant.access_key), {"X-API-Key": tenant.access_key}, bearer(tenant.sign_up().access_token)]
    with changed(client_registration_limit="3 per hour"):
        sent = [{"Rowlock-Client-IP": f"198.51.100.{number}", **carried[number % 3]} for number in range(6)]
        answers = [stranger.post(REGISTER, json={"client_name": "One more"}, headers=headers) for headers in sent]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429, 429]
    new = Tenant(stranger, answers[0].json()["client_id"], answers[0].json()["access_key"], "", "One more")
    first = new.audit()[-1]
    assert (first["action"], first["user_id"], first["ip_address"]) == ("client.register", None, "203.0.113.77")


@pytest.mark.usefixtures("operators_only")
def test_where_only_operators_register_an_admin_is_refused_too(api: httpx.Client, operator: Operator) -> None:
    account = {"email": fresh_email(), "password": PASSWORD}
    made = operator.platform_call("POST", "/clients/register", json={"client_name": "Led", "admin": account}).json()
    admin = Tenant(api, made["client_id"], made["access_key"], made["slug"], "Led", account).log_in_admin()
    answer = api.post(REGISTER, json={"client_name": "Sibling"}, headers=bearer(admin.access_token))
    assert code_of(answer) == (403, "insufficient_scope")


def test_KEY_04_the_access_key_is_shown_once_and_kept_nowhere(
    api: httpx.Client, operator: Operator, database_url: str
) -> None:
    key = {"Idempotency-Key": secrets.token_hex(16)}
    account = {"email": fresh_email(), "password": PASSWORD}
    body = {"client_name": "Discreet", "admin": account}
    made = api.post(REGISTER, json=body, headers=key).json()
    secret = made["access_key"]
    tenant = Tenant(api, made["client_id"], secret, made["slug"], "Discreet", account)
    admin: Person = tenant.log_in_admin()
    place = f"/clients/{tenant.client_id}"
    later = [
        api.post(REGISTER, json=body, headers=key),
        api.get(made["documentation_url"]),
        tenant.call("GET", f"/..{place}"),
        api.patch(f"/api/v1{place}", json={"industry": "tea"}, headers=bearer(secret)),
        operator.platform_call("GET", place),
        operator.platform_call("GET", "/clients", params={"q": made["slug"]}),
        tenant.call("GET", "/audit-logs"),
        tenant.call("GET", "/audit-logs/export"),
        admin.call("GET", "/me"),
    ]
    assert [answer.status_code for answer in later] == [409] + [200] * 8
    random_part = secret.removeprefix("rlk_ak_")[5:43]
    assert not [answer for answer in later if random_part in answer.text]
    assert random_part not in str(rows_of(database_url, tenant))
    assert register(api).access_key != register(api).access_key


@pytest.mark.parametrize(
    "name",
    ["Cafe\u0301 Noe\u0308l", "\u05d0\u05d1\u05d2 \u0627\u0628\u062c \u202eabc\u202c", "👩‍👩‍👧‍👦 & 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
     "\U0001f99c" * 120, "ﬁ ﷽ ½ Å", "a\u200bb\ufeffc\u2028d"],
)  # fmt: skip
def test_odd_unicode_in_names_is_kept_as_it_was_sent(api: httpx.Client, operator: Operator, name: str) -> None:
    account = {"email": fresh_email(), "password": PASSWORD, "full_name": name}
    answer = api.post(REGISTER, json={"client_name": name, "industry": name[:80], "admin": account})
    assert (answer.status_code, answer.json()["client_name"]) == (201, name)
    made = answer.json()
    tenant = Tenant(api, made["client_id"], made["access_key"], made["slug"], name, account)
    shown = operator.platform_call("GET", f"/clients/{tenant.client_id}").json()
    assert (shown["client_name"], shown["industry"]) == (name, name[:80])
    assert tenant.log_in_admin().call("GET", "/me").json()["full_name"] == name
    found = operator.platform_call("GET", "/clients", params={"q": name, "limit": 100}).json()["items"]
    assert tenant.client_id in [item["client_id"] for item in found]
