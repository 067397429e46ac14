"""Who counts against what (the section on limits of docs/API.md): nobody uses up what is another's."""

from tests.factories import Operator, Tenant, bearer
from tests.limits.calling import call_with, limit, log_in_with, make_key, passed_before_429, structured, verify


def test_RL_05_access_key_and_secret_keys_share_the_windows_of_their_client(tenant: Tenant, operator: Operator) -> None:
    first, second = make_key(tenant)["api_key"], make_key(tenant)["api_key"]
    limit(operator, tenant, requests_per_minute=6)
    everybody = [tenant.access_key, first, second]
    passed = [call_with(tenant, key).status_code for _ in range(2) for key in everybody]
    assert passed == [200] * 6
    refused = [call_with(tenant, key) for key in everybody]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(429, "rate_limited")] * 3


def test_RL_05_a_keys_own_windows_count_that_key_and_its_refusals_use_nothing_of_the_client(
    tenant: Tenant, operator: Operator
) -> None:
    narrow = make_key(tenant, rate_limit={"requests_per_minute": 2, "requests_per_hour": 50})["api_key"]
    wide = make_key(tenant, rate_limit={"requests_per_minute": 2})["api_key"]
    limit(operator, tenant, requests_per_minute=5)
    assert passed_before_429(lambda: call_with(tenant, narrow)) == 2
    assert [call_with(tenant, narrow).status_code for _ in range(10)] == [429] * 10
    assert passed_before_429(lambda: call_with(tenant, wide)) == 2
    left = structured(call_with(tenant, tenant.access_key).headers["RateLimit"])
    assert left[0][1]["r"] == 0, "two and two by the keys, one by the access key"


def test_RL_05_where_the_client_is_full_its_keys_own_windows_stay_as_they_are(
    tenant: Tenant, operator: Operator
) -> None:
    key = make_key(tenant, rate_limit={"requests_per_hour": 9})["api_key"]
    limit(operator, tenant, requests_per_minute=1)
    assert [call_with(tenant, key).status_code for _ in range(5)] == [200, 429, 429, 429, 429]
    limit(operator, tenant)
    ((name, left),) = structured(call_with(tenant, key).headers["RateLimit"])
    assert (name, left["r"]) == ("key_requests_per_hour", 7), "the call that passed and this one"


def test_R_24_a_users_calls_count_against_that_user_alone(tenant: Tenant, operator: Operator) -> None:
    noisy, quiet, public = tenant.sign_up(), tenant.sign_up(), make_key(tenant, kind="publishable")["api_key"]
    limit(operator, tenant, requests_per_minute=2, user_requests_per_minute=3, user_requests_per_hour=100)
    assert passed_before_429(lambda: noisy.call("GET", "/me")) == 3
    assert [noisy.call("GET", "/me").status_code for _ in range(20)] == [429] * 20
    assert [call_with(tenant, tenant.access_key).status_code for _ in range(3)] == [200, 200, 429]
    assert passed_before_429(lambda: quiet.call("GET", "/me")) == 3
    body = {"refresh_token": noisy.refresh_token}
    again = tenant.api.post(f"{tenant.path}/refresh", json=body, headers=bearer(public))
    assert again.status_code == 200, "a public key is not held up by its client's windows"
    renewed = bearer(again.json()["access_token"])
    assert tenant.api.get(f"{tenant.path}/me", headers=renewed).status_code == 429, "a new token is no new user"


def test_R_24_a_public_key_uses_up_nothing_of_its_client(tenant: Tenant, operator: Operator) -> None:
    public = make_key(tenant, kind="publishable")["api_key"]
    bounded = make_key(tenant, kind="publishable", rate_limit={"requests_per_minute": 4})["api_key"]
    limit(operator, tenant, requests_per_minute=2)
    assert [log_in_with(tenant, public).status_code for _ in range(4)] == [401] * 4
    assert passed_before_429(lambda: log_in_with(tenant, bounded)) == 4
    assert [call_with(tenant, tenant.access_key).status_code for _ in range(3)] == [200, 200, 429]
    assert log_in_with(tenant, public).status_code in (401, 423), "nor does the client hold its public keys up"


def test_R_24_verifying_keys_uses_up_the_verified_key_and_no_window_of_the_client(
    tenant: Tenant, operator: Operator
) -> None:
    backend = make_key(tenant, scopes=["keys:verify"], rate_limit={"requests_per_minute": 2})["api_key"]
    target = make_key(tenant, rate_limit={"requests_per_minute": 3})["api_key"]
    limit(operator, tenant, requests_per_minute=1)
    verdicts = [verify(tenant, target, by=backend).json() for _ in range(5)]
    assert [verdict["code"] for verdict in verdicts] == [None] * 3 + ["rate_limited"] * 2
    assert [verdict["valid"] for verdict in verdicts] == [True] * 3 + [False] * 2
    assert [verdict["rate_limit"]["requests_per_minute"]["remaining"] for verdict in verdicts] == [2, 1, 0, 0, 0]
    assert call_with(tenant, backend).status_code == 200
    assert call_with(tenant, tenant.access_key).status_code == 429


def test_R_24_the_verify_window_counts_every_check_and_a_refused_one_counts_nowhere(
    tenant: Tenant, operator: Operator
) -> None:
    target = make_key(tenant, rate_limit={"requests_per_hour": 100})["api_key"]
    limit(operator, tenant, verify_requests_per_minute=5)
    wrong = f"{target[:20]}{'b' if target[20] == 'a' else 'a'}{target[21:]}"
    answers = [verify(tenant, key) for key in (target, wrong, target, "nonsense", target, target, wrong)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[5].json()["code"] == "rate_limited"
    limit(operator, tenant)
    assert verify(tenant, target).json()["rate_limit"]["requests_per_hour"]["remaining"] == 100 - 4


def test_RL_05_a_user_through_a_key_counts_in_the_windows_of_both(tenant: Tenant, operator: Operator) -> None:
    person, key = tenant.sign_up(), make_key(tenant, scopes=["read"])["api_key"]
    limit(operator, tenant, requests_per_minute=4, user_requests_per_minute=3)
    both = {"X-API-Key": key}
    assert [person.call("GET", "/me", headers=both).status_code for _ in range(3)] == [200] * 3
    assert person.call("GET", "/me", headers=both).status_code == 429, "the user's window is full"
    # Refused to the user, the fourth call has cost the client nothing.
    assert [call_with(tenant, key).status_code for _ in range(2)] == [200, 429]


def test_TEN_07_no_window_is_shared_by_two_clients(tenant: Tenant, other: Tenant, operator: Operator) -> None:
    people = [each.sign_up("ada@example.com") for each in (tenant, other)]
    for each in (tenant, other):
        limit(operator, each, requests_per_minute=3, user_requests_per_minute=2, verify_requests_per_minute=2)
    assert passed_before_429(lambda: call_with(tenant, tenant.access_key)) == 3
    assert passed_before_429(lambda: people[0].call("GET", "/me")) == 2
    assert passed_before_429(lambda: verify(tenant, "nonsense")) == 2
    assert passed_before_429(lambda: call_with(other, other.access_key)) == 3
    assert passed_before_429(lambda: people[1].call("GET", "/me")) == 2
    assert passed_before_429(lambda: verify(other, "nonsense")) == 2


def test_TEN_07_a_key_on_another_clients_path_counts_against_its_own_client(
    tenant: Tenant, other: Tenant, operator: Operator
) -> None:
    limit(operator, tenant, requests_per_minute=3)
    limit(operator, other, requests_per_minute=3)
    foreign = [other.api.get(f"{other.path}/keys", headers=bearer(tenant.access_key)) for _ in range(5)]
    assert [answer.status_code for answer in foreign] == [404] * 3 + [429] * 2
    assert passed_before_429(lambda: call_with(other, other.access_key)) == 3


def test_KEY_08_a_key_that_is_none_counts_nowhere(tenant: Tenant, operator: Operator) -> None:
    limit(operator, tenant, requests_per_minute=2)
    wrong = f"{tenant.access_key[:-1]}{'b' if tenant.access_key[-1] == 'a' else 'a'}"
    assert [call_with(tenant, wrong).status_code for _ in range(10)] == [401] * 10
    assert passed_before_429(lambda: call_with(tenant, tenant.access_key)) == 2
