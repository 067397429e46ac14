"""`python -m bench.timing`: whether the time of an answer tells who has an account (SECURITY, ACC-04).

Pairs of calls, one for somebody and one for nobody, take turns in random order, each pair with an account of its own.
The AUC is the chance that a classifier by time alone tells the two apart: 0.5 is a guess.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import bcrypt
import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import bindparam, create_engine, text

from bench import serving
from tests import servers
from tests.factories import Tenant, bearer, fresh_email, register

AUC_BOUNDS, LARGEST_GAP = (0.40, 0.60), 0.10
REST_SECONDS = 0.1
"""Between two calls, so that neither meets what the one before has left to do, such as sending its mail."""
WRONG = "not the right password"
Call = Callable[[Tenant, str], httpx.Response]


@dataclass(frozen=True)
class Figure:
    """What the times of one call say; the gap of the medians is a share of one hash."""

    name: str
    auc: float
    gap: float
    known_ms: float
    unknown_ms: float

    @property
    def tells_nothing(self) -> bool:
        """Whether both bounds are kept."""
        return AUC_BOUNDS[0] <= self.auc <= AUC_BOUNDS[1] and self.gap <= LARGEST_GAP


def main() -> None:
    """Measure every call on both databases and print one table."""
    options = _options()
    hash_seconds = _one_hash(options.cost)
    table = Table(title=f"{options.pairs} pairs each, bcrypt cost {options.cost}: one hash is {hash_seconds:.3f} s")
    for name in ("database", "call", "AUC", "gap / hash", "known", "unknown", "0.40 <= AUC <= 0.60, gap <= 0.10"):
        table.add_column(name)
    with ExitStack() as stack:
        postgres = stack.enter_context(servers.postgres_server(fsync=True))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="rowlock-timing-"))
        for name, url in (("SQLite", f"sqlite:///{folder}/timing.db"), ("PostgreSQL", postgres.create_database())):
            for figure in _measured(url, Path(folder), options.pairs, options.cost, hash_seconds):
                table.add_row(name, *_cells(figure))
    Console(width=120).print(table)


def auc(first: list[float], second: list[float]) -> float:
    """Return the chance that one of the first is greater than one of the second (Mann-Whitney)."""
    wins = sum((a > b) + (a == b) / 2 for a in first for b in second)
    return wins / (len(first) * len(second))


def _measured(url: str, folder: Path, pairs: int, cost: int, hash_seconds: float) -> list[Figure]:
    environment = serving.settings(folder, DATABASE_URL=url, BCRYPT_ROUNDS=str(cost), APP_ENV="test", THREADS="4")
    servers.migrate(environment)
    with servers.rowlock_server(environment) as server, httpx.Client(base_url=server.base_url, timeout=30) as api:
        tenant = register(api)
        emails = [tenant.sign_up().email for _ in range(pairs)]
        figures = [
            _figure(name, _timed(tenant, emails, call, (known, unknown)), hash_seconds)
            for name, (call, known, unknown) in CALLS.items()
        ]
        _require_verification(tenant)
        _take_for_proved(url, tenant, emails[::2])
        quiet = _timed(tenant, emails, _sign_up, (202, 202))
        return [*figures, _figure("sign-up (always 202)", quiet, hash_seconds)]


def _timed(tenant: Tenant, emails: list[str], call: Call, statuses: tuple[int, int]) -> tuple[list[float], list[float]]:
    """Return the seconds of the calls for somebody and of those for nobody."""
    took: tuple[list[float], list[float]] = ([], [])
    for email in emails:
        turns = [(0, email), (1, fresh_email())]
        random.shuffle(turns)
        for kind, address in turns:
            time.sleep(REST_SECONDS)
            began = time.perf_counter()
            answer = call(tenant, address)
            took[kind].append(time.perf_counter() - began)
            if answer.status_code != statuses[kind]:
                raise RuntimeError(f"{answer.status_code} instead of {statuses[kind]}: {answer.text}")
    return took


def _figure(name: str, took: tuple[list[float], list[float]], hash_seconds: float) -> Figure:
    known, unknown = (statistics.median(times) for times in took)
    return Figure(name, auc(*took), abs(known - unknown) / hash_seconds, known * 1000, unknown * 1000)


def _cells(figure: Figure) -> list[str]:
    verdict = "[green]met[/green]" if figure.tells_nothing else "[red]not met[/red]"
    times = (f"{milliseconds:.2f} ms" for milliseconds in (figure.known_ms, figure.unknown_ms))
    return [figure.name, f"{figure.auc:.2f}", f"{figure.gap:.3f}", *times, verdict]


def _log_in(tenant: Tenant, email: str) -> httpx.Response:
    return tenant.call("POST", "/login", json={"email": email, "password": WRONG})


def _sign_up(tenant: Tenant, email: str) -> httpx.Response:
    return tenant.call("POST", "/signup", json={"email": email, "password": "seven geese over the harbour"})


def _forget(tenant: Tenant, email: str) -> httpx.Response:
    return tenant.call("POST", "/password/forgot", json={"email": email})


def _resend(tenant: Tenant, email: str) -> httpx.Response:
    return tenant.call("POST", "/email/resend", json={"email": email})


def _require_verification(tenant: Tenant) -> None:
    """Let sign-ups of the client answer alike, whoever has the address."""
    path, body = f"/api/v1/clients/{tenant.client_id}", {"settings": {"email_verification": "required"}}
    tenant.api.patch(path, json=body, headers=bearer(tenant.access_key)).raise_for_status()


def _take_for_proved(url: str, tenant: Tenant, emails: list[str]) -> None:
    """Take some addresses for proved: of a sign-up their owners are told, while the others are mailed a code."""
    statement = text(f'UPDATE "{tenant.table}" SET email_verified = true WHERE email IN :emails')
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(statement.bindparams(bindparam("emails", expanding=True)), {"emails": emails})
    engine.dispose()


# The first sign-up's answer says whether the address is taken (409); its time may say so too, by the rows it writes.
CALLS: dict[str, tuple[Call, int, int]] = {
    "login": (_log_in, 401, 401),
    "sign-up (409 or 201)": (_sign_up, 409, 201),
    "forgotten password": (_forget, 202, 202),
    "mail again": (_resend, 202, 202),
}


def _one_hash(cost: int) -> float:
    """Return the seconds of one hash on this machine, the median of nine."""
    salt, took = bcrypt.gensalt(cost), []
    for _ in range(9):
        began = time.perf_counter()
        bcrypt.hashpw(b"a password", salt)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.timing", description=__doc__)
    parser.add_argument("--pairs", type=int, default=150, help="pairs of each call on each database")
    parser.add_argument("--cost", type=int, default=10, help="bcrypt's cost factor; 12 is what production has")
    return parser.parse_args()


if __name__ == "__main__":
    main()
