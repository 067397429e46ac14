"""How many round trips to PostgreSQL and Redis one request of each kind makes, and what travels."""

import contextlib
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bench import checks, load, population, serving, wire
from bench.load import Stream
from bench.stage import Surroundings

WARM_REQUESTS, REQUESTS = 3, 7
AFTER_A_REST = "verify, after a rest"
_LONGER_THAN_A_LEASE = 2.2
_SETTLES = 0.02
_INNERMOST = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class Trips:
    """The round trips of one request, each by what it carries."""

    sql: tuple[str, ...]
    redis: tuple[str, ...]

    def __str__(self) -> str:
        """Spell out what travels."""
        return "; ".join([*self.sql, *(f"Redis {trip}" for trip in self.redis)])


class _Observed:
    """A server whose PostgreSQL and Redis sit behind relays."""

    def __init__(self, address: tuple[str, int], sql: wire.Relay, redis: wire.Relay) -> None:
        self._address, self._sql, self._redis = address, sql, redis

    def usual(self, stream: Stream) -> Trips:
        """Return what most of a few single requests made; the first ones only fill the caches.

        So what happens now and then beside requests (a lease that ends, usage that is written) is not in it.
        """
        found = [self._one(stream) for _ in range(WARM_REQUESTS + REQUESTS)]
        return Counter(found[WARM_REQUESTS:]).most_common(1)[0][0]

    def after_a_rest(self, stream: Stream) -> Trips:
        """Return what a request makes when nobody has called for longer than a lease lasts.

        The fewer of two tries: usage may be written during one of them.
        """
        found = []
        for _ in range(2):
            time.sleep(_LONGER_THAN_A_LEASE)
            found.append(self._one(stream))
        return min(found, key=lambda trips: len(trips.sql) + len(trips.redis))

    def _one(self, stream: Stream) -> Trips:
        self._sql.trips.clear()
        self._redis.trips.clear()
        load.one(self._address, stream)
        time.sleep(_SETTLES)
        return Trips(tuple(_kind_of(trip) for trip in self._sql.trips), tuple(self._redis.trips))


def count(around: Surroundings) -> dict[str, Trips]:
    """Return the round trips of one warm request of each kind, by the names of the cases."""
    with contextlib.ExitStack() as stack:
        sql = stack.enter_context(contextlib.closing(wire.PostgresRelay(around.database_url)))
        redis = stack.enter_context(contextlib.closing(wire.RedisRelay(around.redis_url)))
        through = {"DATABASE_URL": sql.url, "REDIS_URL": redis.url, "BCRYPT_ROUNDS": "10"}
        environment = around.shared | through | {"WEB_CONCURRENCY": "1", "THREADS": "1"}
        address = stack.enter_context(serving.gunicorn("wsgi:app", environment)).address
        observed, streams = _Observed(address, sql, redis), _streams(address)
        counted = {stream.label: observed.usual(stream) for stream in streams}
        return counted | {AFTER_A_REST: observed.after_a_rest(streams[0])}


def _streams(address: tuple[str, int]) -> list[Stream]:
    clients = population.register(address, 1)
    people = population.sign_up(address, clients, 1)
    keys, quota_keys = (checks.issue(address, clients, 1, quota=quota) for quota in (False, True))
    return [
        *checks.verify_streams("verify", keys, 1),
        *checks.verify_streams("verify_quota", quota_keys, 1),
        *checks.read_streams("api_key_read", keys, 1),
        *population.me_streams(people, 1),
        *population.refresh_streams(people, 1),
        *population.refresh_named_streams(people, 1),
        *population.login_streams(people, 1),
    ]


def _kind_of(trip: str) -> str:
    """Return what a round trip carries, statement by statement."""
    return " + ".join(_statement(statement) for statement in trip.split("; "))


def _statement(text: str) -> str:
    """Return the verb of a statement and its first table (of each write in a WITH), without a client's digits."""
    if text.upper().startswith("WITH"):
        words = text.replace('"', "").replace("(", " ").split()
        return "WITH " + ", ".join(
            f"{verb} {words[place]}" for verb, place in _writes([word.upper() for word in words])
        )
    words = _outermost(text.replace('"', "")).split()
    upper = [word.upper() for word in words]
    after = {"SELECT": "FROM", "INSERT": "INTO", "DELETE": "FROM", "UPDATE": "UPDATE"}.get(upper[0])
    if after is None or after not in upper:
        return upper[0]
    table = words[upper.index(after) + 1]
    return f"{upper[0]} {'users_…' if table.startswith('users_') else table}"


def _outermost(text: str) -> str:
    """Return a statement without what stands in parentheses, such as a query within it."""
    while (shorter := _INNERMOST.sub(" ", text)) != text:
        text = shorter
    return text


def _writes(upper: list[str]) -> Iterator[tuple[str, int]]:
    for place, word in enumerate(upper):
        if word == "UPDATE":
            yield word, place + 1
        elif word == "INTO":
            yield "INSERT", place + 1
