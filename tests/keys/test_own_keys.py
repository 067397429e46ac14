"""What belongs to a user's own key: that user's calls, windows and number of keys, nothing of the client's."""

from uuid import uuid4

import httpx

from tests.factories import PASSWORD, Operator, Person, Tenant, bearer, fresh_email
from tests.flows.counting import code_of
from tests.keys.making import make, through
from tests.limits.calling import limit, structured

LACKING = (403, "insufficient_scope")


def test_KEY_02_a_users_own_key_without_scopes_opens_nothing_of_its_client(tenant: Tenant) -> None:
    own, of_client = make(tenant.sign_up(), scopes=[])["api_key"], make(tenant, scopes=[])["api_key"]
    account = {"email": fresh_email(), "password": PASSWORD}
    assert code_of(through(tenant, own, "GET", "/rate-limit-status")) == LACKING
    assert code_of(through(tenant, own, "POST", "/signup", json=account)) == LACKING
    assert code_of(through(tenant, own, "POST", "/login", json=account)) == LACKING
    assert tenant.api.get("/api/v1/tiers", headers=bearer(own)).status_code == 200
    assert through(tenant, of_client, "GET", "/rate-limit-status").status_code == 200
    assert through(tenant, of_client, "POST", "/signup", json=account).status_code == 201


def test_RL_05_a_user_beside_its_own_key_counts_once_and_each_window_is_named_once(
    tenant: Tenant, operator: Operator
) -> None:
    person = tenant.sign_up()
    key = make(person, scopes=["read"])["api_key"]
    limit(operator, tenant, user_requests_per_minute=5, user_requests_per_hour=9)

    def left(answer: httpx.Response) -> dict[str, int]:
        assert answer.status_code == 200, answer.text
        names = [name for name, _ in structured(answer.headers["ratelimit-policy"])]
        assert len(names) == len(set(names)), names
        assert names[:2] == ["user_requests_per_minute", "user_requests_per_hour"]
        ((name, window),) = structured(answer.headers["ratelimit"])
        return {name: window["r"]}

    assert left(person.call("GET", "/me")) == {"user_requests_per_minute": 4}
    both = {"X-API-Key": key}
    assert [left(person.call("GET", "/me", headers=both)) for _ in range(2)] == [
        {"user_requests_per_minute": 3},
        {"user_requests_per_minute": 2},
    ]
    assert left(person.call("GET", "/me")) == {"user_requests_per_minute": 1}


def test_R_20_a_repeat_of_the_fiftieth_key_is_told_as_such_and_the_fifty_first_is_refused(tenant: Tenant) -> None:
    person = tenant.sign_up()

    def tried(number: int) -> httpx.Response:
        header = {"Idempotency-Key": f"own-{number}"}
        return person.call("POST", "/keys", json={"name": f"Key {number}"}, headers=header)

    made = [tried(number) for number in range(50)]
    assert [answer.status_code for answer in made] == [201] * 50
    again = tried(49)
    assert code_of(again) == (409, "already_created")
    assert again.json()["key_id"] == made[49].json()["key_id"]
    assert code_of(tried(50)) == (409, "conflict")
    # A refusal keeps no idempotency key, and a revoked key makes room.
    assert person.call("POST", f"/keys/{made[0].json()['key_id']}/revoke").status_code == 200
    assert tried(50).status_code == 201


def test_KEY_03_the_keys_of_one_user_are_listed_for_those_who_may_read_keys(tenant: Tenant) -> None:
    one, other = tenant.sign_up(), tenant.sign_up()
    mine, theirs = make(one)["key_id"], make(other)["key_id"]
    of_client = make(tenant)["key_id"]

    def listed(caller: Tenant | Person, user_id: str | None = None, **query: str) -> list[str]:
        answer = caller.call("GET", "/keys", params={**query, **({"user_id": user_id} if user_id else {})})
        return [item["key_id"] for item in answer.json()["items"]]

    assert listed(tenant, one.user_id) == [mine]
    assert listed(tenant, str(uuid4())) == []
    assert listed(other, other.user_id) == [theirs]
    assert listed(other, one.user_id) == []
    named = {"key_id": f"{mine},{uuid4()},{of_client}"}
    assert [listed(tenant, **named), listed(one, **named), listed(other, **named)] == [[of_client, mine], [mine], []]
    assert tenant.call("GET", "/keys", params={"key_id": "x"}).status_code == 422
