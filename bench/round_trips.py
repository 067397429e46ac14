"""How many SQL round trips one request of each kind makes, and which statements they are."""

import time
from collections import Counter

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


def _kind_of(statement: str) -> str:
    """Return the verb of a statement and its first table, without a client's digits."""
    words = statement.replace('"', "").split()
    verb = words[0].upper()
    after = {"SELECT": "FROM", "INSERT": "INTO", "DELETE": "FROM", "UPDATE": "UPDATE"}.get(verb)
    if after is None or after not in (upper := [word.upper() for word in words]):
        return verb
    table = words[upper.index(after) + 1]
    return f"{verb} {'users_…' if table.startswith('users_') else table}"
