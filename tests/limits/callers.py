"""Many callers of real servers, each with a connection of its own, so that every worker is reached."""

import contextlib
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from tests.factories import Tenant, bearer

Call = Callable[[httpx.Client], httpx.Response]
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nobody here speaks TLS; without it each client reads the authorities that it trusts, which takes 25 ms of CPU."""


def connection(base_url: str, *, retries: int = 0) -> httpx.Client:
    """Return a client with connections of its own."""
    transport = httpx.HTTPTransport(verify=_NO_TLS, retries=retries)
    return httpx.Client(base_url=base_url, timeout=30, transport=transport)


def over_connections(base_url: str, call: Call, *, connections: int = 16, each: int = 1) -> Counter[str]:
    """Make `connections` x `each` calls; return how often each outcome came (see outcome_of)."""

    def on_one(_: int) -> Counter[str]:
        with connection(base_url) as client:
            return Counter(outcome_of(call(client)) for _ in range(each))

    with ThreadPoolExecutor(connections) as pool:
        return sum(pool.map(on_one, range(connections)), Counter())


def outcome_of(answer: httpx.Response) -> str:
    """Return the status of an answer, or what a verification says: `valid` or why not."""
    if answer.status_code == 200 and answer.request.url.path.endswith("/keys/verify"):
        return str(answer.json()["code"] or "valid")
    return str(answer.status_code)


def using(tenant: Tenant, key: str) -> Call:
    """Return a call that is made with a key."""
    return lambda client: client.get(f"{tenant.path}/rate-limit-status", headers=bearer(key))


def verifying(tenant: Tenant, key: str, **body: object) -> Call:
    """Return a call that has a key verified."""
    path, headers = f"{tenant.path}/keys/verify", bearer(tenant.access_key)
    return lambda client: client.post(path, json={"key": key, **body}, headers=headers)


@dataclass
class Load:
    """What callers met who went on calling for a while: outcome, when it began and how long it took."""

    met: list[tuple[str, float, float]] = field(default_factory=list)

    @property
    def outcomes(self) -> Counter[str]:
        """How often each outcome came."""
        return Counter(outcome for outcome, _, _ in list(self.met))

    def begun_after(self, moment: float) -> Counter[str]:
        """Return how often each outcome came to a call that began after a moment (time.monotonic)."""
        return Counter(outcome for outcome, began, _ in list(self.met) if began > moment)

    def slowest_but_one_in_a_hundred(self) -> float:
        """Return the 99th percentile of the latencies, in seconds."""
        took = sorted(seconds for _, _, seconds in self.met)
        return took[int(len(took) * 0.99)]


@contextlib.contextmanager
def load(base_url: str, *calls: Call, pause: float = 0.0) -> Iterator[Load]:
    """Let one caller for each of `calls` go on calling meanwhile."""
    found, ended = Load(), threading.Event()

    def go_on(call: Call) -> None:
        with connection(base_url) as client:
            while not ended.is_set():
                began = time.monotonic()
                try:
                    outcome = outcome_of(call(client))
                except httpx.TransportError as broken:
                    outcome = type(broken).__name__
                found.met.append((outcome, began, time.monotonic() - began))
                time.sleep(pause)

    with ThreadPoolExecutor(len(calls)) as pool:
        running = [pool.submit(go_on, call) for call in calls]
        try:
            yield found
        finally:
            ended.set()
            for each in running:
                each.result()
