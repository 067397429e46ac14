"""A client is never left without an admin, however many of them go at once."""

from collections import Counter

import httpx
import pytest
from sqlalchemy import text

from tests import database
from tests.concurrency import at_once
from tests.factories import Person, Tenant, register
from tests.flows.counting import code_of
from tests.flows.observing import rows_of


def promote(url: str, tenant: Tenant, *people: Person) -> None:
    """Make people admins beside the service, as no call can yet."""
    engine = database.seeing_all(url)
    try:
        with engine.begin() as connection:
            for person in people:
                connection.execute(
                    text(f"UPDATE \"{tenant.table}\" SET role = 'admin' WHERE email = :email"), {"email": person.email}
                )
    finally:
        engine.dispose()


def test_ADM_03_the_last_admin_cannot_delete_itself(api: httpx.Client, database_url: str) -> None:
    tenant = register(api, admin=True)
    admin, person = tenant.log_in_admin(), tenant.sign_up()
    before = rows_of(database_url, tenant)
    answer = admin.call("DELETE", "/me")
    assert code_of(answer) == (409, "last_admin")
    assert answer.json()["detail"] == "The last admin cannot be removed."
    assert rows_of(database_url, tenant) == before
    assert admin.call("GET", "/audit-logs").status_code == 200

    promote(database_url, tenant, person)
    assert admin.call("DELETE", "/me").status_code == 204
    assert code_of(person.call("DELETE", "/me")) == (409, "last_admin")
    assert person.call("GET", "/me").json()["role"] == "admin"
    assert tenant.sign_up().call("DELETE", "/me").status_code == 204


@pytest.mark.parametrize(("admins", "each"), [(2, 1), (2, 1), (2, 1), (2, 1), (5, 10)])
def test_ADM_03_R_13_of_admins_who_delete_themselves_at_once_one_is_left(
    live: httpx.Client, database_url: str, admins: int, each: int
) -> None:
    tenant = register(live)
    people = [tenant.sign_up() for _ in range(admins)]
    promote(database_url, tenant, *people)
    answers = at_once(admins * each, lambda number: people[number % admins].call("DELETE", "/me"))
    found = Counter((answer.status_code, answer.json()["code"] if answer.content else "") for answer in answers)
    assert found[204, ""] == admins - 1
    assert found[409, "last_admin"] >= each
    # A second call of somebody already gone finds the token dead, or is told what the last one is told.
    assert set(found) <= {(204, ""), (409, "last_admin"), (401, "token_revoked")}
    (row,) = database.rows(database_url, f'SELECT email, role, status FROM "{tenant.table}"')
    assert (row["role"], row["status"]) == ("admin", "active")
    assert len(tenant.audit(action="user.delete")) == admins - 1
    (left,) = [person for person in people if person.email == row["email"]]
    assert left.call("GET", "/audit-logs").status_code == 200
