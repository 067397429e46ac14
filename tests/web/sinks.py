"""What LOG-01 and LOG-02 watch: secrets and hostile text sent through every call, and where they may turn up."""

import json
import secrets
import socket
import uuid
from collections.abc import Callable
from typing import Any

import httpx

from tests import database
from tests.factories import Tenant, bearer, fresh_email

REGISTER = "/api/v1/clients/register"
HOSTILE = '\r\n{"event": "request"}\x1b[31m\x9b2J\u202e\u2066\u2028\u2029\x85\ufeff\x00\x7f"\'\\'
SLICE = 8
_LETTERS = "ghjkmnpqrstvwxyz"
"""Of which no id is made, and no digest in hexadecimal."""
_GIVEN_OUT = ("access_key", "access_token", "refresh_token", "secret", "mfa_token", "enrollment_token")


class Sinks:
    """A client of the service that remembers each secret it was given or sent, and each problem it was answered."""

    def __init__(self, api: httpx.Client, log: Callable[[], str]) -> None:
        """Watch the answers of an HTTP client; `log` returns what the service has logged."""
        self.api, self._log, self._before = api, log, len(log())
        self.secrets: list[str] = []
        self.problems: list[str] = []
        self.answers: list[httpx.Response] = []
        api.event_hooks = {"response": [self._remember]}

    def secret(self) -> str:
        """Return a new password or Idempotency-Key."""
        made = "".join(secrets.choice(_LETTERS) for _ in range(32))
        self.secrets.append(made)
        return made

    def log(self) -> str:
        """Return what has been logged since the beginning."""
        return self._log()[self._before :]

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines of the log, each of which must be JSON."""
        return [json.loads(line) for line in self.log().splitlines()]

    def leaks(self, text: str) -> set[str]:
        """Return each slice of the random part of a secret that is in a text."""
        parts = [part for secret in self.secrets for part in _random_parts(secret)]
        slices = {part[at : at + SLICE] for part in parts for at in range(len(part) - SLICE + 1)}
        assert len(slices) > 100
        return {text[at : at + SLICE] for at in range(len(text)) if text[at : at + SLICE] in slices}

    def _remember(self, answer: httpx.Response) -> None:
        answer.read()
        assert answer.status_code < 500, answer.text
        self.answers.append(answer)
        said, media = f"{answer.headers}{answer.text}", answer.headers.get("Content-Type", "")
        if media.endswith("json") and answer.content.startswith(b"{") and "ndjson" not in media:
            body = answer.json()
            given = [body[name] for name in _GIVEN_OUT if name in body] + body.get("recovery_codes", [])
            self.secrets += given
            for secret in given:  # a problem may give a token out, and repeat nothing
                said = said.replace(secret, "")
        if answer.status_code >= 400:
            self.problems.append(said)


def registered(sinks: Sinks) -> Tenant:
    """Register a client twice over with one Idempotency-Key, and once more with another body."""
    key, email = {"Idempotency-Key": sinks.secret()}, fresh_email()
    body: dict[str, Any] = {"client_name": "Canaries", "admin": {"email": email, "password": sinks.secret()}}
    made = sinks.api.post(REGISTER, json=body, headers=key)
    assert made.status_code == 201
    assert sinks.api.post(REGISTER, json=body, headers=key).status_code == 409
    assert sinks.api.post(REGISTER, json={**body, "client_name": "Else"}, headers=key).status_code == 422
    weak = {**body, "admin": {"email": email, "password": sinks.secret() + " " * 200}}
    assert sinks.api.post(REGISTER, json=weak).status_code == 422
    told = made.json()
    return Tenant(sinks.api, told["client_id"], told["access_key"], told["slug"], "Canaries", body["admin"])


def send_everywhere(sinks: Sinks, prove: Callable[[Sinks, Tenant], list[str]]) -> None:
    """Send secrets through every call as they should be sent, then wrongly, then where they do not belong.

    `prove` does the same with what proves who somebody is, and returns a secret of each kind.
    """
    tenant = registered(sinks)
    _live_a_life(sinks, tenant)
    for secret in [*dict.fromkeys(sinks.secrets), *prove(sinks, tenant)]:
        _send_where_it_does_not_belong(sinks, tenant, secret)


def _live_a_life(sinks: Sinks, tenant: Tenant) -> None:
    password, key, email = sinks.secret(), {"Idempotency-Key": sinks.secret()}, fresh_email()
    body: dict[str, Any] = {"email": email, "password": password}
    statuses = [tenant.call("POST", "/signup", json=body, headers=key).status_code for _ in range(2)]
    wrong = (body, body | {"email": "no"}, body | {"role": "admin"}, body | {"password": [password]})
    statuses += [tenant.call("POST", "/signup", json=one).status_code for one in wrong]
    person, spent = tenant.log_in(email, password), tenant.log_in(email, password)
    statuses.append(tenant.call("POST", "/login", json=body | {"password": sinks.secret()}).status_code)
    tokens = (spent.refresh_token, spent.refresh_token, sinks.secret(), spent.refresh_token[:-1] + "-")
    statuses += [tenant.call("POST", "/refresh", json={"refresh_token": token}).status_code for token in tokens]
    statuses.append(person.call("POST", "/me/reauth", json={"password": sinks.secret()}).status_code)
    statuses.append(person.call("POST", "/me/reauth", json={"password": password}).status_code)
    for change in ((sinks.secret(), sinks.secret()), (password, "x"), (password, sinks.secret())):
        names = dict(zip(("current_password", "new_password"), change, strict=True))
        statuses.append(person.call("POST", "/me/password", json=names).status_code)
    statuses.append(person.call("POST", "/logout", json={"refresh_token": person.refresh_token}).status_code)
    statuses.append(person.call("GET", "/me").status_code)
    old = tenant.access_key
    tenant.access_key = tenant.call("POST", "/access-key/rotate", json={}).json()["access_key"]
    statuses.append(sinks.api.get(f"{tenant.path}/audit-logs", headers=bearer(old)).status_code)
    assert statuses == [201, 409, 409, 422, 422, 422, 401, 200, 200, 401, 401, 401, 204, 401, 422, 204, 204, 401, 401]


def _send_where_it_does_not_belong(sinks: Sinks, tenant: Tenant, secret: str) -> None:
    api = sinks.api
    for path in (f"/{secret}", f"/docs/{secret}", f"/api/v1/{secret}/me", f"{tenant.path}/me/sessions/{secret}"):
        api.get(path)
        api.delete(path, headers=bearer(secret))
    for name in ("access_token", "cursor", "limit", "action", "user_id", "since", "status"):
        tenant.call("GET", "/audit-logs", params={name: secret})
    for name in ("X-API-Key", "X-Request-ID", "Cookie", "Referer", "Origin", "X-Forwarded-For", "Rowlock-Client-IP"):
        tenant.call("GET", "/audit-logs", headers={name: secret})
    for header in (f"Basic {secret}", secret, f"Bearer {secret} {secret}", f"Bearer {secret[:-2]}"):
        api.get(f"{tenant.path}/me", headers={"Authorization": header})
    for name in ("Content-Type", "Content-Encoding", "Accept"):
        tenant.call("POST", "/login", content=b"{}", headers={name: f"application/{secret}"})
    tenant.call("POST", "/login", content=secret.encode(), headers={"Content-Type": "application/json"})
    for email in (secret, f"{secret}@example.com", f"{secret[:40]}@example.com", f"a@{secret[:60]}.example"):
        tenant.call("POST", "/login", json={"email": email, "password": secret})
    tenant.call("POST", "/refresh", json={"refresh_token": secret}, headers={"Idempotency-Key": secret})
    tenant.call("POST", "/logout", json={"refresh_token": secret, "everywhere": secret})
    for path in ("/email/verify", "/me/email/confirm"):
        api.post(f"{tenant.path}{path}", json={"token": secret})
    for path in (f"/pages/{tenant.client_id}/{secret}", f"/pages/{tenant.client_id}/verify-email?token={secret}"):
        api.get(path)
    tenant.call("POST", "/login/mfa", json={"mfa_token": secret, "code": secret})


def send_hostile_text(sinks: Sinks, *, user_agent: str, path: str) -> None:
    """Send what would forge, colour or turn around a log line in every place that takes text."""
    tenant, agent = registered(sinks), {"User-Agent": user_agent}
    raw = "".join(f"%{byte:02X}" for byte in path.encode())
    for path in (f"/{raw}", f"/docs/{raw}", f"/api/v1/{raw}/me", f"{tenant.path}/me?{raw}={raw}", "/healthz"):
        sinks.api.get(path, headers=agent)
    text = HOSTILE.replace("\0", "")
    person = tenant.sign_up(full_name=text, custom_fields={text: text})
    for name in (text, HOSTILE):
        tenant.call("POST", "/signup", json={"email": f"{name}@example.com", "password": name}, headers=agent)
        tenant.call("POST", "/login", json={"email": f"{name}@example.com", "password": name}, headers=agent)
        sinks.api.post(REGISTER, json={"client_name": name}, headers=agent)
        person.call("PATCH", "/me", json={"full_name": name}, headers=agent)
    for method in ("HEAD", "OPTIONS", "PUT"):
        sinks.api.request(method, f"{tenant.path}/login", headers=agent)
    sinks.api.post(REGISTER, content=b"x" * 70_000)


def send_broken_requests(sinks: Sinks) -> int:
    """Send what never becomes a request; return how many. The server must answer and not repeat any of it."""
    word = sinks.secret()
    long = f"GET / HTTP/1.1\r\nHost: a\r\nX-Long: {word * 3000}\r\n\r\n"
    broken = [
        f"GET /{word} HTTP/9.9\r\n\r\n",
        f"{word}\r\n\r\n",
        f"GET /{word} HTTP/1.1\r\nHost: a\r\nBad {word}: x\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: {word}\rforged\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: a\r\n{word}\r\n\r\n",
        f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {word}\r\n\r\n",
        f"GET /{word * 300} HTTP/1.1\r\nHost: a\r\n\r\n",
        long,
    ]
    for text in broken:
        answer = speak(sinks, text)
        assert answer.startswith(("HTTP/1.1 400", "HTTP/1.1 431")), (text[:60], answer)
        assert uuid.UUID(json.loads(answer.partition("\r\n\r\n")[2])["request_id"]).version == 7
        sinks.problems.append(answer)
    return len(broken)


def speak(sinks: Sinks, request: str) -> str:
    """Send a request as it is written; return the answer."""
    address = sinks.api.base_url.host, sinks.api.base_url.port or 80
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request.encode())
        return connection.recv(65536).decode()


def new_rows(url: str, before: set[str]) -> str:
    """Return every row of the database that was not there, or not so, before."""
    return "\n".join(row for row in database.dump(url).splitlines() if row not in before)


def _random_parts(secret: str) -> list[str]:
    """Return what of a secret nobody else knows: no prefix that all share, and of a token not its header."""
    if secret.count(".") == 2:
        return secret.split(".")[1:]
    return [secret[7:] if secret.startswith("rlk_") else secret]
