"""A client that floods the service takes nothing from another (what it costs in time: `python -m bench.noise`)."""

import threading
from collections import Counter

import httpx

from tests.concurrency import at_once
from tests.factories import Operator, Tenant, bearer, register
from tests.limits.calling import limit

TIER, FLOODERS = 20, 4


def test_R_24_a_flood_of_ten_times_the_tier_gets_the_tier_and_another_client_no_429(
    live: httpx.Client, operator: Operator
) -> None:
    noisy, quiet = register(live), register(live)
    limit(operator, noisy, requests_per_minute=TIER)
    limit(operator, quiet, requests_per_minute=10 * TIER)
    person, over = quiet.sign_up(), threading.Event()

    def flood() -> list[int]:
        statuses = [_call(live, noisy) for _ in range(10 * TIER // FLOODERS)]
        over.set()
        return statuses

    def go_on() -> list[int]:
        statuses = []
        while not over.is_set():
            statuses += [_call(live, quiet), person.call("GET", "/me").status_code]
        return statuses

    *floods, calm = at_once(FLOODERS + 1, lambda number: flood() if number < FLOODERS else go_on())

    assert Counter(status for flooded in floods for status in flooded) == {200: TIER, 429: 9 * TIER}
    assert set(calm) == {200}


def _call(api: httpx.Client, tenant: Tenant) -> int:
    return api.get(f"{tenant.path}/audit-logs?limit=1", headers=bearer(tenant.access_key)).status_code
