"""What is measured: the servers side by side, those who live on them, and the cases that ask them."""

import contextlib
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench import checks, load, population, raw_bcrypt, serving
from bench.checks import ApiKey
from bench.load import Stream, Window
from bench.population import Client, Person
from tests import servers

CONNECTIONS, MIXED_ME, MIXED_LOGIN = 16, 12, 4
WORKERS, THREADS = "2", "4"
KEYS_OF_EACH, QUOTA_KEYS_OF_EACH = 2, 20
Address = tuple[str, int]


class Crowd:
    """Everybody on one server, made when first asked for."""

    def __init__(self, address: Address) -> None:
        """Live on a server."""
        self._address = address

    @cached_property
    def clients(self) -> list[Client]:
        """The clients."""
        return population.register(self._address)

    @cached_property
    def people(self) -> list[Person]:
        """Their users."""
        return population.sign_up(self._address, self.clients)

    @cached_property
    def keys(self) -> list[ApiKey]:
        """Their keys without a quota."""
        return checks.issue(self._address, self.clients, KEYS_OF_EACH)

    @cached_property
    def quota_keys(self) -> list[ApiKey]:
        """A thousand keys with a quota."""
        return checks.issue(self._address, self.clients, QUOTA_KEYS_OF_EACH, quota=True)


@dataclass(frozen=True)
class Case:
    """One thing that is measured: the server that is asked, how, and how many windows' time it takes."""

    server: str
    streams: Callable[[Crowd], list[Stream]]
    lengths: int = 1


def _mixed(crowd: Crowd) -> list[Stream]:
    return population.me_streams(crowd.people, MIXED_ME) + population.login_streams(crowd.people, MIXED_LOGIN)


CASES: dict[str, Case] = {
    "bare": Case("bare", lambda _: population.bare_streams("bare", CONNECTIONS)),
    "verify": Case("rowlock", lambda crowd: checks.verify_streams("verify", crowd.keys, CONNECTIONS)),
    "api_key_read": Case("rowlock", lambda crowd: checks.read_streams("api_key_read", crowd.keys, CONNECTIONS)),
    "verify_quota": Case("rowlock", lambda crowd: checks.verify_streams("verify_quota", crowd.quota_keys, CONNECTIONS)),
    "verify_hot": Case("rowlock", lambda crowd: checks.verify_streams("verify_hot", crowd.quota_keys[:1], CONNECTIONS)),
    "bare_one": Case("bare_one", lambda _: population.bare_streams("bare_one", CONNECTIONS)),
    "verify_one": Case("rowlock_one", lambda crowd: checks.verify_streams("verify_one", crowd.keys, CONNECTIONS)),
    "me": Case("rowlock", lambda crowd: population.me_streams(crowd.people, CONNECTIONS)),
    "refresh": Case("rowlock", lambda crowd: population.refresh_streams(crowd.people, CONNECTIONS)),
    "refresh_named": Case("rowlock", lambda crowd: population.refresh_named_streams(crowd.people, CONNECTIONS)),
    "login": Case("rowlock", lambda crowd: population.login_streams(crowd.people, CONNECTIONS), lengths=2),
    "mixed": Case("rowlock", _mixed, lengths=2),
}
_APPLICATIONS = {"bare": "bench.bare:app", "rowlock": "wsgi:app"}


class Stage:
    """The running servers by name, and the crowd on each."""

    def __init__(self, addresses: dict[str, Address]) -> None:
        """Take what runs."""
        self._addresses = addresses
        self._crowds = {name: Crowd(address) for name, address in addresses.items()}

    def prepare(self, names: Collection[str]) -> None:
        """Make everybody whom these cases need, so that no window begins in the wake of that."""
        for name in names:
            self._streams(CASES[name])

    def measure(self, name: str, seconds: float) -> Window:
        """Measure one window of a case."""
        case = CASES[name]
        return load.run(self._addresses[case.server], self._streams(case), case.lengths * seconds)

    def _streams(self, case: Case) -> list[Stream]:
        return case.streams(self._crowds[case.server])


@dataclass(frozen=True)
class Surroundings:
    """PostgreSQL (fsync on) and Redis, and the settings of servers on them and of a single worker on SQLite."""

    database_url: str
    redis_url: str
    shared: dict[str, str]
    single: dict[str, str]


@contextlib.contextmanager
def surroundings() -> Iterator[Surroundings]:
    """Run the databases and migrate them."""
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(servers.postgres_server(fsync=True))
        redis_url = stack.enter_context(servers.redis_server())
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        database_url = postgres.create_database()
        fixed = {"THREADS": THREADS, "BCRYPT_ROUNDS": str(raw_bcrypt.ROUNDS)}
        places = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "WEB_CONCURRENCY": WORKERS}
        shared = serving.settings(folders[0], **fixed, **places)
        single = serving.settings(folders[1], **fixed)
        servers.migrate(shared)
        servers.migrate(single)
        yield Surroundings(database_url, redis_url, shared, single)


@contextlib.contextmanager
def serve(around: Surroundings, names: Collection[str]) -> Iterator[Stage]:
    """Run the servers that these cases ask, all side by side; the idle ones cost nothing."""
    wanted = sorted({CASES[name].server for name in names})
    with contextlib.ExitStack() as stack:
        addresses = {}
        for server in wanted:
            environment = around.single if server.endswith("_one") else around.shared
            application = _APPLICATIONS[server.removesuffix("_one")]
            addresses[server] = stack.enter_context(serving.gunicorn(application, environment)).address
        stage = Stage(addresses)
        stage.prepare(names)
        yield stage
