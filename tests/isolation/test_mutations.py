"""Mutation proof: a build that names another client's table, or forgets a filter, leaks nothing on PostgreSQL."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from app.audit import store as audit_store
from app.audit.tables import audit_logs
from app.core import db
from app.keys import store as key_store
from app.keys.models import Key
from app.keys.tables import keys
from app.users.store import UserDirectory
from tests import database
from tests.factories import Person, Tenant, bearer, register

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True, scope="session")


@pytest.fixture
def victim(api: httpx.Client) -> Tenant:
    """A client with a user, a key and a log, which the mutations reach for."""
    tenant = register(api, admin=True)
    tenant.sign_up(full_name="Victim")
    assert tenant.call("POST", "/keys", json={"name": "Victim's"}).status_code == 201
    return tenant


@pytest.fixture
def mine(api: httpx.Client) -> tuple[Tenant, Person, Person]:
    tenant = register(api, admin=True)
    return tenant, tenant.sign_up(), tenant.log_in_admin()


def names_the_table_of(victim: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every directory of users lead to one client's table, whosever it says it is."""

    def of_victim(self: UserDirectory, _client_id: UUID) -> None:
        self._digits = victim.client_id.replace("-", "")

    monkeypatch.setattr(UserDirectory, "__init__", of_victim)


def shown_of(answer: httpx.Response, victim: Tenant, database_url: str) -> list[str]:
    """Return what an answer shows of the client that it must show nothing of."""
    emails = [row["email"] for row in database.rows(database_url, f'SELECT email FROM "{victim.table}"')]
    return [value for value in (*emails, victim.client_id, "Victim") if value in answer.text]


def test_TEN_01_mutation_another_clients_users_table_is_named_and_nothing_is_read_or_written(
    mine: tuple[Tenant, Person, Person], victim: Tenant, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, person, admin = mine
    theirs = database.rows(database_url, f'SELECT * FROM "{victim.table}" ORDER BY user_id')
    target = str(theirs[0]["user_id"])
    names_the_table_of(victim, monkeypatch)
    login = {"email": theirs[0]["email"], "password": person.password}
    answers = [
        tenant.call("GET", "/users"),
        tenant.call("GET", f"/users/{target}"),
        tenant.call("PATCH", f"/users/{target}", json={"status": "disabled"}),
        tenant.call("DELETE", f"/users/{target}"),
        tenant.call("GET", "/users/export"),
        tenant.call("POST", "/login", json=login),
        tenant.call("POST", "/signup", json={**login, "email": "mutant@example.com"}),
        person.call("GET", "/me"),
        admin.call("GET", "/users"),
    ]
    assert [shown_of(answer, victim, database_url) for answer in answers] == [[]] * len(answers)
    refused = [answer.status_code for answer in answers if answer.status_code != 200]
    assert refused == [404, 404, 404, 401, 500, 401, 401]
    assert [answers[place].text for place in (0, 4)] == ['{"items":[],"next_cursor":null}\n', ""]
    monkeypatch.undo()
    assert database.rows(database_url, f'SELECT * FROM "{victim.table}" ORDER BY user_id') == theirs


def test_TEN_01_mutation_a_forgotten_filter_of_the_keys_shows_ones_own_alone(
    mine: tuple[Tenant, Person, Person], victim: Tenant, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfiltered(_client_id: UUID, **_: Any) -> list[Any]:
        found = db.execute(select(*key_store._KEY).order_by(keys.c.key_id.desc()).limit(99))
        return [Key(*row) for row in found]

    monkeypatch.setattr(key_store, "page", unfiltered)
    tenant = mine[0]
    made = tenant.call("POST", "/keys", json={"name": "Mine"}).json()
    answer = tenant.call("GET", "/keys", params={"limit": "100"})
    assert answer.status_code == 200
    assert {one["name"] for one in answer.json()["items"]} == {"Mine", "Access key"}
    assert made["key_id"] in answer.text
    assert shown_of(answer, victim, database_url) == []


def test_TEN_01_mutation_a_forgotten_filter_of_the_log_shows_ones_own_alone(
    mine: tuple[Tenant, Person, Person], victim: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfiltered(_client_id: UUID, *_: Any, **__: Any) -> list[Any]:
        found = db.execute(select(*audit_store._SHOWN).order_by(audit_logs.c.timestamp.desc()).limit(99))
        return [audit_store._entry(row._asdict()) for row in found]

    monkeypatch.setattr(audit_store, "page", unfiltered)
    tenant, _, admin = mine
    for credential in (tenant.access_key, admin.access_token):
        answer = tenant.api.get(f"{tenant.path}/audit-logs", headers=bearer(credential))
        assert answer.status_code == 200
        assert {row["client_id"] for row in answer.json()["items"]} == {tenant.client_id}


def test_TEN_01_mutation_a_key_of_another_client_is_found_by_its_id_and_stays_as_it_is(
    mine: tuple[Tenant, Person, Person], victim: Tenant, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = victim.call("GET", "/keys").json()["items"][0]["key_id"]

    def by_id_alone(_client_id: UUID, key_id: UUID, **_: Any) -> Any:
        row = db.execute(select(*key_store._KEY).where(keys.c.key_id == key_id)).one_or_none()
        return None if row is None else Key(*row)

    monkeypatch.setattr(key_store, "find", by_id_alone)
    tenant = mine[0]
    before = database.rows(database_url, "SELECT * FROM keys WHERE key_id = :key", key=theirs)
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/revoke"), ("POST", "/rotate")):
        body = {"name": "Mine now"} if method == "PATCH" else {} if method == "POST" else None
        answer = tenant.call(method, f"/keys/{theirs}{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (method, path)
    assert database.rows(database_url, "SELECT * FROM keys WHERE key_id = :key", key=theirs) == before
