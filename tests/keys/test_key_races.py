"""R-17: keys and their owner going at the same moment leave nothing behind, and nobody waits for the other in vain."""

import httpx

from tests import database
from tests.concurrency import at_once
from tests.factories import Person, register
from tests.keys.making import make


def test_R_17_keys_made_and_changed_beside_the_deletion_of_their_user_leave_none(
    live: httpx.Client, database_url: str
) -> None:
    tenant = register(live)
    for _ in range(8):
        person = tenant.sign_up()
        keys = [make(person)["key_id"] for _ in range(4)]

        def act(number: int, person: Person = person, keys: list[str] = keys) -> int:
            if number == 0:
                return person.call("DELETE", "/me").status_code
            if number <= 4:
                method, tail = (("PATCH", ""), ("POST", "/rotate"), ("POST", "/revoke"), ("DELETE", ""))[number - 1]
                body = {"name": "x"} if method == "PATCH" else {}
                return tenant.call(method, f"/keys/{keys[number - 1]}{tail}", json=body).status_code
            return person.call("POST", "/keys", json={"name": "x"}).status_code

        deleted, *others = at_once(8, act)
        assert deleted == 204
        assert set(others) <= {200, 201, 204, 401, 404}, others
    of_client = {"c": database.uuid_text(database_url, tenant.client_id)}
    assert database.count(database_url, "keys", "client_id = :c AND user_id IS NOT NULL", **of_client) == 0
