"""A user's own account: changing the profile, and proving who one is before it is deleted."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine

from app.core import clock
from tests import database
from tests.factories import PASSWORD, Person, Tenant, fresh_email, register
from tests.flows.counting import code_of
from tests.flows.observing import REFUSED, rows_of

STALE = timedelta(minutes=6)
FULL = 16 * 1024


def read(person: Person) -> dict[str, Any]:
    """Return somebody's own account."""
    answer = person.call("GET", "/me")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def change(person: Person, **fields: Any) -> httpx.Response:
    return person.call("PATCH", "/me", json=fields)


def prove(person: Person, password: str = PASSWORD) -> httpx.Response:
    return person.call("POST", "/me/reauth", json={"password": password})


def sized(size: int, letter: str = "x") -> dict[str, str]:
    """Return an object that is so many bytes of JSON in UTF-8, with no spaces."""
    filler, rest = divmod(size - len('{"a":""}'), len(letter.encode()))
    return {"a": letter * filler + "x" * rest}


def test_an_account_is_shown_whole_and_without_its_hash(tenant: Tenant, database_url: str) -> None:
    profile: dict[str, Any] = {
        "full_name": "Ada Lovelace", "username": "ada", "avatar_url": "https://example.com/a.png",
        "custom_fields": {"plan": "gold"},
    }  # fmt: skip
    person = tenant.sign_up(**profile)
    answer = person.call("GET", "/me")
    me = answer.json()
    assert me.pop("created_at") == me.pop("updated_at")
    assert me == profile | {
        "user_id": person.user_id, "email": person.email, "email_verified": False, "role": "user", "status": "active",
        "last_login_at": None,
    }  # fmt: skip
    (row,) = database.rows(database_url, f'SELECT password_hash FROM "{tenant.table}"')
    assert row["password_hash"].startswith("$2b$")
    assert row["password_hash"] not in answer.text


def test_a_change_of_the_profile_changes_what_was_sent_and_nothing_else(tenant: Tenant) -> None:
    person, neighbour = tenant.sign_up(full_name="Ada", username="ada"), tenant.sign_up(full_name="Bob")
    before, untouched = read(person), read(neighbour)
    changes = {"full_name": "Ada L.", "custom_fields": {"a": [1, 2.5, None, {"ü": "👩‍👩‍👧"}], "b": True}}
    answer = change(person, **changes)
    after = answer.json()
    assert (answer.status_code, after) == (200, read(person))
    assert after["updated_at"] > before["updated_at"]
    assert after == before | changes | {"updated_at": after["updated_at"]}
    assert read(neighbour) == untouched
    (row,) = tenant.audit(action="user.update")
    assert (row["user_id"], row["status"], row["detail"]) == (
        person.user_id, "success", {"fields": ["custom_fields", "full_name"]},
    )  # fmt: skip
    assert row["request_id"] == answer.headers["x-request-id"]


def test_null_empties_a_field_and_custom_fields_are_replaced_as_a_whole(tenant: Tenant) -> None:
    person = tenant.sign_up(
        full_name="Ada", username="ada", avatar_url="https://example.com/a", custom_fields={"a": 1, "b": 2}
    )
    assert change(person, custom_fields={"c": 3}).json()["custom_fields"] == {"c": 3}
    emptied = change(person, full_name=None, username=None, avatar_url=None, custom_fields={}).json()
    assert [emptied[name] for name in ("full_name", "username", "avatar_url", "custom_fields")] == [None] * 3 + [{}]
    answer = change(person, custom_fields=None)
    assert (code_of(answer), list(answer.json()["errors"])) == ((422, "validation_failed"), ["custom_fields"])
    assert read(person) == emptied


def test_a_change_of_nothing_changes_nothing(tenant: Tenant, database_url: str) -> None:
    person = tenant.sign_up()
    me, before = read(person), rows_of(database_url, tenant)
    answer = change(person)
    assert (answer.status_code, answer.json()) == (200, me)
    assert rows_of(database_url, tenant) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("full_name", "x" * 121), ("full_name", ""), ("username", "a"), ("username", "-ada"), ("username", "a b"),
        ("username", "x" * 33), ("username", "аda"), ("avatar_url", "javascript:alert(1)"), ("avatar_url", "/a.png"),
        ("avatar_url", "https://example.com/" + "x" * 2048), ("email", "new@example.com"), ("role", "admin"),
        ("status", "active"), ("email_verified", True), ("user_id", "01890000-0000-7000-8000-000000000000"),
        ("password", PASSWORD),
    ],
)  # fmt: skip
def test_ACC_09_what_a_profile_may_not_say_is_refused_with_all_else_that_was_sent(
    tenant: Tenant, database_url: str, name: str, value: Any
) -> None:
    person = tenant.sign_up(full_name="Ada")
    before = rows_of(database_url, tenant)
    answer = change(person, **({"custom_fields": {"a": 1}} | {name: value}))
    assert (code_of(answer), list(answer.json()["errors"])) == ((422, "validation_failed"), [name])
    assert rows_of(database_url, tenant) == before


@pytest.mark.parametrize("letter", ["x", "ü", "株", "👩"])
def test_custom_fields_hold_16_kib_and_not_a_byte_more(tenant: Tenant, letter: str) -> None:
    person, largest = tenant.sign_up(), sized(FULL, letter)
    assert len(json.dumps(largest, ensure_ascii=False, separators=(",", ":")).encode()) == FULL
    assert change(person, custom_fields=largest).json()["custom_fields"] == largest
    answer = change(person, custom_fields=sized(FULL + 1, letter))
    assert (code_of(answer), list(answer.json()["errors"])) == ((422, "validation_failed"), ["custom_fields"])
    assert read(person)["custom_fields"] == largest
    body = {"email": fresh_email(), "password": PASSWORD, "custom_fields": sized(FULL + 1, letter)}
    assert code_of(tenant.call("POST", "/signup", json=body)) == (422, "validation_failed")


def test_a_username_has_one_owner_whatever_its_case(tenant: Tenant, other: Tenant, database_url: str) -> None:
    owner, person = tenant.sign_up(username="Ada.L"), tenant.sign_up(full_name="Bob")
    before = rows_of(database_url, tenant)
    for spelling in ("Ada.L", "ada.l", "ADA.L"):
        answer = change(person, username=spelling, full_name="Ada")
        assert code_of(answer) == (409, "conflict")
        assert answer.json()["detail"] == "This username is taken."
    assert rows_of(database_url, tenant) == before
    assert change(owner, username="ADA.L").json()["username"] == "ADA.L"
    assert change(other.sign_up(), username="ada.l").status_code == 200
    assert change(owner, username=None).status_code == 200
    assert change(person, username="ada.l").json()["username"] == "ada.l"


def test_within_five_minutes_of_a_login_no_further_proof_is_asked(tenant: Tenant) -> None:
    person, now = tenant.sign_up(), clock.now()
    with time_machine.travel(now + timedelta(minutes=4, seconds=58), tick=True):
        assert person.call("DELETE", "/me").status_code == 204


def test_a_stale_session_must_prove_who_it_is_before_the_account_is_deleted(tenant: Tenant, database_url: str) -> None:
    person = tenant.sign_up()
    of_client = {"c": database.uuid_text(database_url, tenant.client_id)}

    def failures() -> list[int]:
        found = database.rows(database_url, "SELECT attempts FROM login_throttles WHERE client_id = :c", **of_client)
        return [row["attempts"] for row in found]

    with time_machine.travel(clock.now() + STALE, tick=True):
        before = rows_of(database_url, tenant, without=REFUSED)
        answer = person.call("DELETE", "/me")
        assert code_of(answer) == (403, "reauth_required")
        assert rows_of(database_url, tenant, without=REFUSED) == before

        for number in (1, 2):
            wrong = prove(person, "not the right password")
            assert code_of(wrong) == (401, "invalid_credentials")
            assert wrong.headers["www-authenticate"].startswith("Bearer")
            assert failures() == [number]
        assert code_of(person.call("DELETE", "/me")) == (403, "reauth_required")

        right = prove(person)
        assert (right.status_code, right.content, failures()) == (204, b"", [])
        rows = tenant.audit(action="session.reauth")
        assert [(row["status"], row["user_id"], row["detail"]) for row in rows] == [
            ("success", person.user_id, {}),
            *[("failed", person.user_id, {"reason": "invalid_credentials"})] * 2,
        ]
        assert person.call("DELETE", "/me").status_code == 204
        assert code_of(person.call("GET", "/me")) == (401, "token_revoked")


def test_a_proof_holds_for_its_own_session_and_five_minutes(tenant: Tenant) -> None:
    person = tenant.sign_up()
    elsewhere, now = tenant.log_in(person.email), clock.now()
    with time_machine.travel(now + STALE, tick=True):
        assert prove(person).status_code == 204
        assert code_of(elsewhere.call("DELETE", "/me")) == (403, "reauth_required")
        # A refresh is no proof; the proof goes on in the session whose tokens are renewed.
        renewed = tenant.call("POST", "/refresh", json={"refresh_token": elsewhere.refresh_token}).json()
        elsewhere.access_token = renewed["access_token"]
        assert code_of(elsewhere.call("DELETE", "/me")) == (403, "reauth_required")
    with time_machine.travel(now + 2 * STALE, tick=True):
        assert code_of(person.call("DELETE", "/me")) == (403, "reauth_required")


def test_TOK_08_a_deleted_user_leaves_its_audit_rows_and_nothing_else(tenant: Tenant, database_url: str) -> None:
    person, neighbour = tenant.sign_up(full_name="Augusta Ada"), tenant.sign_up()
    for _ in range(2):
        spare = tenant.log_in(person.email)
    renewed = tenant.call("POST", "/refresh", json={"refresh_token": spare.refresh_token}).json()
    answer = person.call("DELETE", "/me")
    assert (answer.status_code, answer.content) == (204, b"")

    for one in (person.access_token, spare.access_token, renewed["access_token"]):
        person.access_token = one
        assert code_of(person.call("GET", "/me")) == (401, "token_revoked")
    for one in (person.refresh_token, renewed["refresh_token"]):
        assert code_of(tenant.call("POST", "/refresh", json={"refresh_token": one})) == (401, "token_revoked")
    login = {"email": person.email, "password": PASSWORD}
    assert code_of(tenant.call("POST", "/login", json=login)) == (401, "invalid_credentials")

    left, user = rows_of(database_url, tenant), database.uuid_text(database_url, person.user_id)
    assert {table for table, rows in left.items() if user in str(rows)} == {"audit_logs"}
    assert not [word for word in (person.email, "Augusta") if word in str(left)]
    (row,) = tenant.audit(action="user.delete")
    assert (row["user_id"], row["status"], row["request_id"]) == (
        person.user_id, "success", answer.headers["x-request-id"],
    )  # fmt: skip
    assert read(neighbour)["user_id"] == neighbour.user_id
    # The address is free again, and whoever takes it is somebody else.
    assert tenant.sign_up(person.email).user_id != person.user_id


def test_TOK_08_after_a_deletion_no_worker_takes_the_token(live: httpx.Client) -> None:
    person = register(live).sign_up()
    assert person.call("DELETE", "/me").status_code == 204
    answers = [person.call("GET", "/me", headers={"Connection": "close"}) for _ in range(10)]
    assert {code_of(answer) for answer in answers} == {(401, "token_revoked")}
