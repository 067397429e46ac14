"""The list of a client's users: pages, search, filters, order, and nothing that others should not see."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from app.core import clock
from tests.factories import PASSWORD, Person, Tenant, fresh_email
from tests.flows.counting import code_of
from tests.keys.making import make, through
from tests.user_management.managing import SECRETS, change, delete, emails, shown

FIELDS = {
    "user_id", "email", "email_verified", "full_name", "username", "avatar_url", "role", "status", "custom_fields",
    "created_at", "updated_at", "last_login_at",
}  # fmt: skip

NOBODY = "00000000-0000-7000-8000-000000000000"


def people(tenant: Tenant, count: int) -> list[str]:
    """Make people, one a minute; return their addresses, the oldest first."""
    made = [fresh_email() for _ in range(count)]
    with time_machine.travel(clock.now() - timedelta(days=1), tick=False) as time:
        for email in made:
            body = {"email": email, "password": PASSWORD}
            assert tenant.call("POST", "/users", json=body).status_code == 201
            time.shift(60)
    return made


def test_ACC_12_the_list_shows_each_user_whole_and_without_a_secret(tenant: Tenant) -> None:
    person = tenant.sign_up(full_name="Ada Lovelace", username="ada", custom_fields={"plan": "gold"})
    answer = tenant.call("GET", "/users")
    page = answer.json()
    (user,) = page["items"]
    assert (answer.status_code, page["next_cursor"], set(user)) == (200, None, FIELDS)
    assert user == person.call("GET", "/me").json() == shown(tenant, person.user_id)
    assert not [word for word in SECRETS if word in answer.text.lower()]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sort", "password_hash"), ("sort", "-created_at"), ("sort", "last_login_at"), ("sort", ""),
        ("filter[password_hash]", "x"), ("password_hash", "$2b$"), ("password_version", "1"), ("user_id", "x"),
        ("user_id", ""), ("user_id", f"{NOBODY},"), ("user_id", f"{NOBODY} {NOBODY}"),
        ("user_id", ",".join(101 * [NOBODY])),
        ("status", "deleted"), ("email", "nobody"), ("offset", "10"), ("limit", "0"), ("q", ""), ("q", "a\0"),
    ],
)  # fmt: skip
def test_ACC_12_a_list_is_filtered_and_sorted_by_the_fields_named_and_by_no_other(
    tenant: Tenant, name: str, value: str
) -> None:
    answer = tenant.call("GET", "/users", params={name: value})
    assert (code_of(answer), list(answer.json()["errors"])) == ((422, "validation_failed"), [name])


@pytest.mark.parametrize("sort", ["created_at", "email"])
def test_the_pages_show_everybody_once_though_the_list_grows_and_shrinks_meanwhile(tenant: Tenant, sort: str) -> None:
    made = people(tenant, 7)
    expected = made[::-1] if sort == "created_at" else sorted(made)
    seen: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": "3", "sort": sort}
    for number in range(3):
        page = tenant.call("GET", "/users", params=query).json()
        seen += page["items"]
        query["cursor"] = page["next_cursor"]
        # Before what has been read, somebody comes and somebody goes.
        tenant.sign_up(f"0-{number}@example.com")
        assert delete(tenant, seen[number]["user_id"]).status_code == 200
    assert (page["next_cursor"], [user["email"] for user in seen]) == (None, expected)
    left = [email for email in emails(tenant, limit="100", sort=sort) if email in made]
    assert left == expected[3:]


def test_people_of_one_moment_are_each_on_one_page(tenant: Tenant) -> None:
    with time_machine.travel(clock.now(), tick=False):
        made = {tenant.sign_up().email for _ in range(5)}
    seen, query = [], {"limit": "2"}
    for _ in range(3):
        page = tenant.call("GET", "/users", params=query).json()
        seen += [user["email"] for user in page["items"]]
        query["cursor"] = page["next_cursor"]
    assert (page["next_cursor"], len(seen), set(seen)) == (None, 5, made)


def test_search_finds_beginnings_of_address_username_and_each_word_of_a_name_in_any_case(
    tenant: Tenant, other: Tenant
) -> None:
    ada = tenant.sign_up("ada.l@example.com", full_name="Augusta King", username="Countess")
    bob = tenant.sign_up("bob_1@example.com", full_name="Adam 100% Smith", username="bobby")
    tenant.sign_up("zoe@example.com")
    other.sign_up("ada.other@example.com")
    assert emails(tenant, q="AUG") == emails(tenant, q="count") == emails(tenant, q="ADA.L@") == [ada.email]
    assert emails(tenant, q="ad") == [bob.email, ada.email]
    # Neither a sign that LIKE knows nor the middle of a word finds anything.
    assert [emails(tenant, q=text) for text in ("%", "_", "bob%", "bobx1", "ing", "mith", "gusta k")] == [[]] * 7
    assert emails(tenant, q="bob_1") == emails(tenant, q="adam 100% s") == emails(tenant, q="100% SM") == [bob.email]
    assert emails(tenant, q="KIN") == [ada.email]
    assert emails(tenant, q="smith") == [bob.email]


def test_filters_narrow_the_list_and_add_up(tenant: Tenant) -> None:
    admin, person, off = tenant.make_admin(), tenant.sign_up(), tenant.sign_up()
    assert change(tenant, off.user_id, status="disabled").status_code == 200
    invited = fresh_email()
    assert tenant.call("POST", "/users", json={"email": invited}).status_code == 201
    assert emails(tenant, role="admin") == [admin.email]
    named = ",".join([person.user_id, str(uuid4()), admin.user_id, person.user_id])
    assert emails(tenant, user_id=named, sort="email") == sorted([person.email, admin.email])
    assert emails(tenant, user_id=named, role="admin") == [admin.email]
    assert emails(tenant, user_id=",".join([off.user_id, *(str(uuid4()) for _ in range(99))])) == [off.email]
    first = tenant.call("GET", "/users", params={"user_id": named, "limit": "1"}).json()
    then = {"user_id": named, "limit": "1", "cursor": first["next_cursor"]}
    assert [first["items"][0]["email"], *emails(tenant, **then)] == [person.email, admin.email]
    assert emails(tenant, status="disabled") == emails(tenant, email=off.email.upper()) == [off.email]
    assert emails(tenant, status="invited") == [invited]
    assert emails(tenant, role="user", status="active") == [person.email]
    assert emails(tenant, role="admin", status="disabled") == emails(tenant, role="nobody") == []


def test_the_list_is_for_backends_and_for_who_may_read_users(tenant: Tenant) -> None:
    admin, person = tenant.make_admin(), tenant.sign_up()
    reading, writing = (make(tenant, scopes=[scope])["api_key"] for scope in ("users:read", "users:write"))
    path = f"/users/{person.user_id}"
    for route in ("/users", path):
        assert admin.call("GET", route).status_code == through(tenant, reading, "GET", route).status_code == 200
        assert code_of(person.call("GET", route)) == (403, "insufficient_scope")
        assert code_of(through(tenant, writing, "GET", route)) == (403, "insufficient_scope")
    assert code_of(through(tenant, reading, "DELETE", path)) == (403, "insufficient_scope")


def test_TEN_01_another_clients_user_is_not_found_and_stays_as_it_is(tenant: Tenant, other: Tenant) -> None:
    stranger: Person = other.sign_up()
    before = shown(other, stranger.user_id)
    path = f"/users/{stranger.user_id}"
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", path, {}), ("PATCH", path, {"json": {"status": "disabled"}}), ("DELETE", path, {}),
        ("GET", f"{path}/sessions", {}), ("DELETE", f"{path}/sessions", {}), ("GET", "/users/1", {}),
    ]  # fmt: skip
    for caller in (tenant, tenant.make_admin()):
        assert {code_of(caller.call(method, route, **body)) for method, route, body in calls} == {(404, "not_found")}
        assert code_of(other.api.request("GET", other.path + path, headers=_credential(caller))) == (
            404, "client_not_found",
        )  # fmt: skip
    assert shown(other, stranger.user_id) == before
    assert stranger.call("GET", "/me").status_code == 200
    cursor = _cursor(other)
    assert code_of(tenant.call("GET", "/users", params={"cursor": cursor})) == (400, "invalid_request")
    assert code_of(other.call("GET", "/users", params={"cursor": cursor, "sort": "email"})) == (400, "invalid_request")


def _credential(caller: Tenant | Person) -> dict[str, str]:
    secret = caller.access_key if isinstance(caller, Tenant) else caller.access_token
    return {"Authorization": f"Bearer {secret}"}


def _cursor(tenant: Tenant) -> str:
    for _ in range(2):
        tenant.sign_up()
    cursor: str = tenant.call("GET", "/users", params={"limit": "1"}).json()["next_cursor"]
    return cursor
