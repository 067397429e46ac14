"""How many SQL round trips one request of each kind makes, and which statements they are."""

import time
from collections import Counter
from collections.abc import Iterator

from bench import load, population, serving, wire
from bench.load import Stream

WARM_REQUESTS, REQUESTS = 3, 5


def count(database_url: str, environment: dict[str, str]) -> dict[str, list[str]]:
    """Return the statements of one warm request of each kind, on a server whose database sits behind a relay."""
    with wire.relay(database_url) as seen:
        through = environment | {
            "DATABASE_URL": seen.url,
            "WEB_CONCURRENCY": "1",
            "THREADS": "1",
            "BCRYPT_ROUNDS": "10",
        }
        with serving.gunicorn("wsgi:app", through) as served:
            person = population.settle(served.address, clients=1, users_of_each=1)[0]
            refresh = Stream("refresh", person.refresh, person.refreshed)
            kinds = {"me": Stream("me", person.me), "refresh": refresh, "login": Stream("login", person.login)}
            return {label: _of_one(served.address, stream, seen) for label, stream in kinds.items()}


def _of_one(address: tuple[str, int], stream: Stream, seen: wire.Relay) -> list[str]:
    """Return the statements that most of a few single requests made; the first ones only fill the caches."""
    found: list[tuple[str, ...]] = []
    for number in range(WARM_REQUESTS + REQUESTS):
        seen.statements.clear()
        load.one(address, stream)
        time.sleep(0.02)
        if number >= WARM_REQUESTS:
            found.append(tuple(_kind_of(statement) for statement in seen.statements))
    return list(Counter(found).most_common(1)[0][0])


def _kind_of(trip: str) -> str:
    """Return what a round trip carries, statement by statement."""
    return " + ".join(_statement(statement) for statement in trip.split("; "))


def _statement(text: str) -> str:
    """Return the verb of a statement and its first table (of each write in a WITH), without a client's digits."""
    words = text.replace('"', "").replace("(", " ").split()
    upper = [word.upper() for word in words]
    if upper[0] == "WITH":
        return "WITH " + ", ".join(f"{verb} {words[place]}" for verb, place in _writes(upper))
    after = {"SELECT": "FROM", "INSERT": "INTO", "DELETE": "FROM", "UPDATE": "UPDATE"}.get(upper[0])
    if after is None or after not in upper:
        return upper[0]
    table = words[upper.index(after) + 1]
    return f"{upper[0]} {'users_…' if table.startswith('users_') else table}"


def _writes(upper: list[str]) -> Iterator[tuple[str, int]]:
    for place, word in enumerate(upper):
        if word == "UPDATE":
            yield word, place + 1
        elif word == "INTO":
            yield "INSERT", place + 1
