"""API keys under measurement: keys that a backend has checked, with and without a quota, and keys that read."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bench.load import Stream, request
from bench.population import AT_ONCE, Client, in_turn, post

MOST = 10**9
QUOTA = 10**12
SCOPE = "decay"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A secret key of a client, with a window of its own that never fills."""

    client: Client
    key_id: str
    secret: str

    def verify(self) -> bytes:
        """Return the request of a backend that has this key checked for one request of its holder."""
        path, body = f"/api/v1/{self.client.client_id}/keys/verify", {"key": self.secret, "scopes": [SCOPE]}
        return request("POST", path, credential=self.client.access_key, body=json.dumps(body).encode())

    def read(self) -> bytes:
        """Return the request by which this key reads what the service knows of it, out of the database."""
        return request("GET", f"/api/v1/{self.client.client_id}/keys/{self.key_id}", credential=self.secret)


def issue(address: tuple[str, int], clients: list[Client], each: int, *, quota: bool = False) -> list[ApiKey]:
    """Make so many keys of each client; neighbours in the list belong to different clients."""
    chosen: dict[str, Any] = {"scopes": [SCOPE, "keys:read"], "rate_limit": {"requests_per_minute": MOST}}
    chosen |= {"usage_limit": QUOTA} if quota else {}

    def one(number: int) -> ApiKey:
        client = clients[number % len(clients)]
        path, body = f"/api/v1/{client.client_id}/keys", {"name": f"Key {number}", **chosen}
        made = post(address, path, body, credential=client.access_key)
        return ApiKey(client, made["key_id"], made["api_key"])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(len(clients) * each)))


def verify_streams(label: str, keys: list[ApiKey], count: int) -> list[Stream]:
    """Return connections that each have all keys checked in turn, every one beginning elsewhere."""
    asked = [key.verify() for key in keys]
    return [Stream(label, in_turn(_from(asked, place, count)), require_valid) for place in range(count)]


def read_streams(label: str, keys: list[ApiKey], count: int) -> list[Stream]:
    """Return connections that each read all keys in turn, each key by itself."""
    asked = [key.read() for key in keys]
    return [Stream(label, in_turn(_from(asked, place, count))) for place in range(count)]


def require_valid(body: bytes) -> None:
    """Raise RuntimeError where a check did not find its key good: it would be no figure of a check that passes."""
    if b'"valid": true' not in body and b'"valid":true' not in body:
        raise RuntimeError(f"a key was not valid: {body.decode()}")


def _from(asked: list[bytes], place: int, count: int) -> list[bytes]:
    start = len(asked) * place // count
    return asked[start:] + asked[:start]
