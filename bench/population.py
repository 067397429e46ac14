"""The clients and people whose requests are sent: fifty clients with two users each, made over HTTP."""

import http.client
import itertools
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bench.load import Stream, request

CLIENTS, USERS_OF_EACH = 50, 2
PASSWORD = "correct horse battery"
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client and its access key."""

    client_id: str
    access_key: str


@dataclass(slots=True)
class Person:
    """A user, its client, and its tokens."""

    number: int
    client: Client
    email: str
    access_token: str
    refresh_token: str

    def me(self) -> bytes:
        """Return the request that reads its own account."""
        return request("GET", f"/api/v1/{self.client.client_id}/me", credential=self.access_token)

    def login(self) -> bytes:
        """Return the request that logs it in."""
        return self._call("login", {"email": self.email, "password": PASSWORD}, self._address())

    def refresh(self) -> bytes:
        """Return the request that refreshes its session, as a backend that names no address."""
        return self._call("refresh", {"refresh_token": self.refresh_token})

    def refresh_named(self) -> bytes:
        """Return the request that refreshes its session, as a backend that names its end user's address."""
        return self._call("refresh", {"refresh_token": self.refresh_token}, self._address())

    def refreshed(self, body: bytes) -> None:
        """Keep the successor that an answer holds."""
        start = body.index(b"rlk_rt_")
        self.refresh_token = body[start : body.index(b'"', start)].decode()

    def _address(self) -> str:
        """A backend names its end user's address, so the limits per address count (two trips to Redis)."""
        return f"Rowlock-Client-IP: 198.51.{self.number // 250}.{self.number % 250 + 1}"

    def _call(self, call: str, body: dict[str, str], *headers: str) -> bytes:
        path = f"/api/v1/{self.client.client_id}/{call}"
        return request("POST", path, credential=self.client.access_key, body=json.dumps(body).encode(), headers=headers)


def register(address: tuple[str, int], count: int = CLIENTS) -> list[Client]:
    """Register clients."""

    def one(number: int) -> Client:
        made = post(address, "/api/v1/clients/register", {"client_name": f"Bench {number}"})
        return Client(made["client_id"], made["access_key"])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(count)))


def sign_up(address: tuple[str, int], clients: list[Client], users_of_each: int = USERS_OF_EACH) -> list[Person]:
    """Sign users up; neighbours in the list belong to different clients."""

    def one(number: int) -> Person:
        client, email = clients[number % len(clients)], f"person{number}@example.com"
        body = {"email": email, "password": PASSWORD}
        made = post(address, f"/api/v1/{client.client_id}/signup", body, credential=client.access_key)
        return Person(number, client, email, made["access_token"], made["refresh_token"])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(len(clients) * users_of_each)))


def settle(address: tuple[str, int], *, clients: int, users_of_each: int) -> list[Person]:
    """Register clients and sign their users up."""
    return sign_up(address, register(address, clients), users_of_each)


def post(address: tuple[str, int], path: str, body: dict[str, Any], *, credential: str = "") -> dict[str, Any]:
    """Send a POST until it is not told to come back; raises RuntimeError unless it is answered 200 or 201."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {credential}"} if credential else {})
    while True:
        connection = http.client.HTTPConnection(*address, timeout=30)
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status != 503:
            break
        time.sleep(0.3)
    if answer.status not in (200, 201):
        raise RuntimeError(f"{path}: {answer.status} {text.decode()}")
    made: dict[str, Any] = json.loads(text)
    return made


def bare_streams(label: str, count: int) -> list[Stream]:
    """Return connections that ask the bare route."""
    asked = request("GET", "/healthz")
    return [Stream(label, lambda: asked) for _ in range(count)]


def me_streams(people: list[Person], count: int) -> list[Stream]:
    """Return connections that each read the accounts of all people in turn."""
    return [
        Stream("me", in_turn([person.me() for person in people[start:] + people[:start]])) for start in range(count)
    ]


def login_streams(people: list[Person], count: int) -> list[Stream]:
    """Return connections that each log in people of their own, in turn: no two at once on one account."""
    return [Stream("login", in_turn([person.login() for person in people[start::count]])) for start in range(count)]


def refresh_streams(people: list[Person], count: int) -> list[Stream]:
    """Return connections that each go on with one session."""
    return [Stream("refresh", person.refresh, person.refreshed) for person in people[:count]]


def refresh_named_streams(people: list[Person], count: int) -> list[Stream]:
    """Return the same connections, each naming its end user's address."""
    return [Stream("refresh_named", person.refresh_named, person.refreshed) for person in people[:count]]


def in_turn(requests: list[bytes]) -> Callable[[], bytes]:
    """Return what gives one request after the other, and then from the beginning."""
    return itertools.cycle(requests).__next__
