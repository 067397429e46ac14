"""A town of clients, their users and API keys, and the calls that are timed there one by one.

Small towns have as many people and keys as are asked for, spread over their few clients: what a process remembers of a
token or key it has as rarely seen before as in a big town, and the towns differ by their number of clients alone.
"""

import itertools
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg2
from sqlalchemy import make_url

from bench import boot, checks, population
from bench.checks import ApiKey
from bench.line import Line
from bench.load import request
from bench.population import Client, Person
from bench.serving import Served
from tests import servers

Timings = dict[str, dict[int, list[float]]]
"""Seconds of each request, by call and by the number of clients."""
OPERATOR_PASSWORD = "a long enough sentence for operators"
WARM_UP = 40
PEOPLE = 3_000
"""Users, and keys, of a town at least; one of each client at least."""
RESTED_SECONDS = 2.2
"""After so long nobody believes what it remembers of a client's keys without asking the database (ADR 0007)."""
_ROLL_UP = """
from app import create_app
from app.core import chores
with create_app().app_context():
    chores.run("statistics")
"""
_ROUNDS = 6


class Town:
    """A database of so many clients and the server on it."""

    def __init__(self, size: int, served: Served, environment: dict[str, str], admin_url: str, *, seed: int) -> None:
        """Take an empty place."""
        self.size, self.environment = size, environment
        self.served, self.address = served, served.address
        self.people: list[Person] = []
        self.keys: list[ApiKey] = []
        self.operator = ""
        self.at_the_door: list[int] = []
        self.admin_url = _plain(admin_url, database=make_url(environment["DATABASE_URL"]).database)
        self._dice = random.Random(seed)
        self._orders: dict[str, Iterator[int]] = {}
        self._newcomers, self.rested = itertools.count(), itertools.count()

    def prepare(self) -> float:
        """Register the clients and their people over HTTP, and let the server meet them; return the seconds."""
        began, each = time.monotonic(), max(1, PEOPLE // self.size)
        clients = population.register(self.address, self.size)
        self.people = population.sign_up(self.address, clients, each)
        self.keys = checks.issue(self.address, clients, each)
        self.operator = self._log_operator_in()
        with ThreadPoolExecutor(_ROUNDS) as pool:
            list(pool.map(self._read_everybody, range(_ROUNDS)))
        self._settle()
        return time.monotonic() - began

    def roll_up(self) -> None:
        """Do what the worker does each minute: roll up the statistics."""
        environment = servers.clean_environment(self.environment)
        subprocess.run([sys.executable, "-c", _ROLL_UP], env=environment, cwd=servers.ROOT, check=True)

    def next_people(self, call: str, count: int) -> list[int]:
        """Return the numbers of the people that come next for a call: each once in a random order, then again."""
        if call not in self._orders:
            order = list(range(len(self.people)))
            self._dice.shuffle(order)
            self._orders[call] = itertools.cycle(order)
        return list(itertools.islice(self._orders[call], count))

    def newcomer(self) -> str:
        """Return a name that no client has."""
        return f"Newcomer {next(self._newcomers)}"

    def workers_mib(self) -> float:
        """Return what all processes of the server take (PSS)."""
        return boot.pss_mib(self.served.pid)

    def forget_newcomers(self, _answers: list[bytes]) -> None:
        """Take away the clients that a turn has registered, so that the next one finds as many as this one did."""
        self._ask("""
            DO $$ DECLARE gone uuid[]; owned text; BEGIN
                gone := ARRAY(SELECT client_id FROM clients WHERE client_name LIKE 'Newcomer %%');
                FOR owned IN SELECT table_name FROM information_schema.columns
                              WHERE column_name = 'client_id' AND table_schema = current_schema() LOOP
                    EXECUTE format('DELETE FROM %%I WHERE client_id = ANY ($1)', owned) USING gone;
                END LOOP;
                FOR owned IN SELECT 'users_' || replace(one::text, '-', '') FROM unnest(gone) one LOOP
                    EXECUTE format('DROP TABLE %%I', owned);
                END LOOP;
            END $$""")

    def _read_everybody(self, seed: int) -> None:
        """Read all accounts, each at whichever worker; after some rounds most workers have met most clients."""
        order = random.Random(seed).sample(self.people, len(self.people))
        with Line(self.address) as line:
            for person in order:
                line.ask(person.me())

    def _settle(self) -> None:
        """Write down what the making of it all has left to do, as time does in life."""
        self._ask("ANALYZE clients, keys, sessions, tokens, audit_logs, signing_keys")
        self._ask("CHECKPOINT")

    def _ask(self, statement: str) -> None:
        connection = psycopg2.connect(self.admin_url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, ())
        finally:
            connection.close()

    def _log_operator_in(self) -> str:
        given = ("--email", "bench@example.com", "--password", OPERATOR_PASSWORD, "--json")
        done = servers.flask("operators", "create", *given, environment=self.environment)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        made = json.loads(done.stdout)
        path = f"/api/v1/{made['platform_client_id']}/login"
        body = {"email": made["email"], "password": OPERATOR_PASSWORD}
        token: str = population.post(self.address, path, body, credential=made["publishable_key"])["access_token"]
        return token


@dataclass(frozen=True)
class Call:
    """One kind of request; `most` a run where it touches no users table of its client's."""

    requests: Callable[[Town, int], list[bytes]]
    touches_tables: bool = True
    most: int = 600
    status: int = 200
    twice: bool = False
    """Whether each is sent twice, and the second one counts."""
    rested: bool = False
    """Whether a client is left alone for a while before each."""
    reads_roll_ups: bool = False
    """Whether statistics are rolled up before, as a worker does each minute; a call does it itself after five."""
    afterwards: Callable[[Town, list[bytes]], None] = lambda _town, _bodies: None

    def measure(self, town: Town, count: int) -> Iterator[float | None]:
        """Yield the seconds of each request once it is answered; None for those that warm up."""
        with Line(town.address) as line:
            for _ in self._turn(line, town, WARM_UP):
                yield None
            yield from self._turn(line, town, count)

    def _turn(self, line: Line, town: Town, count: int) -> Iterator[float]:
        bodies, last = [], dict[int, float]()
        for number, asked in enumerate(self.requests(town, count)):
            if self.rested:
                # People come in an order in which clients take turns.
                time.sleep(max(0.0, last.get(number % town.size, 0.0) + RESTED_SECONDS - time.monotonic()))
                last[number % town.size] = time.monotonic()
            answer = line.ask(asked)
            answer = line.ask_again(asked) if self.twice else answer
            if answer.status != self.status:
                raise RuntimeError(f"answers {answer.status} with {town.size} clients: {answer.body[:300]!r}")
            bodies.append(answer.body)
            yield answer.seconds
        self.afterwards(town, bodies)


def _plain(url: str, *, database: str | None) -> str:
    """Return a superuser's URL for another database, as the driver takes it."""
    return make_url(url).set(drivername="postgresql", database=database).render_as_string(hide_password=False)


def _register(town: Town, count: int) -> list[bytes]:
    bodies = [json.dumps({"client_name": town.newcomer()}).encode() for _ in range(count)]
    return [request("POST", "/api/v1/clients/register", body=body) for body in bodies]


def _login(town: Town, count: int) -> list[bytes]:
    town.at_the_door = town.next_people("login", count)
    return [town.people[number].login() for number in town.at_the_door]


def _keep_tokens(town: Town, bodies: list[bytes]) -> None:
    """Keep the tokens of the newest sessions: a user has room for so many, and the oldest ends."""
    for number, body in zip(town.at_the_door, bodies, strict=True):
        town.people[number].access_token = json.loads(body)["access_token"]


def _me(town: Town, count: int) -> list[bytes]:
    return [town.people[number].me() for number in town.next_people("me", count)]


def _verify(town: Town, count: int) -> list[bytes]:
    return [town.keys[number].verify() for number in town.next_people("verify", count)]


def _verify_rested(town: Town, count: int) -> list[bytes]:
    """Neighbours in the list of keys belong to different clients, each of which has its turn before any has another."""
    start = next(town.rested) * count
    return [town.keys[(start + number) % len(town.keys)].verify() for number in range(count)]


def _verify_again(town: Town, count: int) -> list[bytes]:
    return [town.keys[number].verify() for number in town.next_people("again", count)]


def _statistics(town: Town, count: int) -> list[bytes]:
    return [_read(town.keys[number].client, "stats") for number in town.next_people("statistics", count)]


def _read(client: Client, what: str) -> bytes:
    return request("GET", f"/api/v1/{client.client_id}/{what}", credential=client.access_key)


def _list(town: Town, count: int) -> list[bytes]:
    return [request("GET", "/api/v1/clients?limit=10", credential=town.operator)] * count


def _search(town: Town, count: int) -> list[bytes]:
    """A search finds one client, whichever: the whole of a name, in capitals."""
    names = [f"BENCH%20{number}" for number in town.next_people("search", count)]
    return [request("GET", f"/api/v1/clients?limit=10&q={name}", credential=town.operator) for name in names]


def _platform_statistics(town: Town, count: int) -> list[bytes]:
    return [request("GET", "/api/v1/admin/stats", credential=town.operator)] * count


CALLS = {
    "POST /clients/register": Call(
        _register, touches_tables=False, most=300, status=201, afterwards=Town.forget_newcomers
    ),
    "POST /login": Call(_login, afterwards=_keep_tokens),
    "GET /me": Call(_me),
    "POST /keys/verify": Call(_verify),
    "POST /keys/verify, the client's first within 2 s": Call(
        _verify_rested, rested=True, touches_tables=False, most=200
    ),
    "POST /keys/verify, the client's second within 2 s": Call(_verify_again, twice=True),
    "GET /clients, first page": Call(_list, touches_tables=False, most=300),
    "GET /clients?q=": Call(_search, touches_tables=False),
    "GET /stats": Call(_statistics, reads_roll_ups=True),
    "GET /admin/stats": Call(_platform_statistics, touches_tables=False, most=300, reads_roll_ups=True),
}
