"""Makes what tests need: clients, people and operators, each over HTTP as a user would."""

import itertools
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from flask import Flask

from app.core.actors import SystemActor
from app.onboarding import platform

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def bearer(credential: str) -> dict[str, str]:
    """Return the header that carries a credential."""
    return {"Authorization": f"Bearer {credential}"}


def fresh_email() -> str:
    """Return an address that nobody has."""
    return f"person{next(_numbers)}-{uuid.uuid4().hex[:8]}@example.com"


@dataclass
class Person:
    """A user with its tokens; calls go out with its access token."""

    api: httpx.Client
    path: str
    user_id: str
    email: str
    password: str
    access_token: str
    refresh_token: str

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call a path below the client with the access token: `call("GET", "/me")`."""
        headers = bearer(self.access_token) | options.pop("headers", {})
        return self.api.request(method, self.path + path, headers=headers, **options)


@dataclass
class Tenant:
    """A registered client; calls go out with its access key."""

    api: httpx.Client
    client_id: str
    access_key: str
    slug: str
    name: str
    admin: dict[str, str] | None = field(default=None)

    @property
    def path(self) -> str:
        """The path below which the client's calls are."""
        return f"/api/v1/{self.client_id}"

    @property
    def table(self) -> str:
        """The name of its users table."""
        return f"users_{self.client_id.replace('-', '')}"

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call a path below the client with the access key: `call("POST", "/login", json={...})`."""
        headers = bearer(self.access_key) | options.pop("headers", {})
        return self.api.request(method, self.path + path, headers=headers, **options)

    def sign_up(self, email: str | None = None, password: str = PASSWORD, **profile: Any) -> Person:
        """Sign somebody up."""
        email = email or fresh_email()
        answer = self.call("POST", "/signup", json={"email": email, "password": password, **profile})
        assert answer.status_code == 201, answer.text
        return self._person(answer.json(), email, password)

    def make(self, role: str = "user", **fields: Any) -> Person:
        """Make somebody with a role, as the client's backend does, and log them in."""
        body = {"email": fresh_email(), "password": PASSWORD, "role": role, **fields}
        answer = self.call("POST", "/users", json=body)
        assert answer.status_code == 201, answer.text
        return self.log_in(body["email"], body["password"])

    def make_admin(self, **fields: Any) -> Person:
        """Make an admin and log it in."""
        return self.make("admin", **fields)

    def log_in(self, email: str, password: str = PASSWORD) -> Person:
        """Log somebody in."""
        answer = self.call("POST", "/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return self._person(answer.json(), email, password)

    def log_in_admin(self) -> Person:
        """Log the client's first admin in (register with `admin=True`)."""
        assert self.admin is not None
        return self.log_in(self.admin["email"], self.admin["password"])

    def audit(self, **filters: str) -> list[dict[str, Any]]:
        """Return the newest hundred rows of its audit log."""
        answer = self.call("GET", "/audit-logs", params={"limit": "100", **filters})
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["items"]
        return rows

    def _person(self, body: dict[str, Any], email: str, password: str) -> Person:
        tokens = body["access_token"], body["refresh_token"]
        return Person(self.api, self.path, body["user_id"], email, password, *tokens)


@dataclass
class Operator(Person):
    """An operator; `client_id` is the platform's, `publishable_key` its key for logins."""

    client_id: str = ""
    publishable_key: str = ""

    def platform_call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call a platform path: `platform_call("GET", "/clients")`."""
        headers = bearer(self.access_token) | options.pop("headers", {})
        return self.api.request(method, "/api/v1" + path, headers=headers, **options)


def register(api: httpx.Client, *, admin: bool = False, **fields: Any) -> Tenant:
    """Register a client."""
    name = fields.pop("client_name", f"Tenant {next(_numbers)} {uuid.uuid4().hex[:6]}")
    account = {"email": fresh_email(), "password": PASSWORD} if admin else None
    body = {"client_name": name, **fields} | ({"admin": account} if account else {})
    answer = api.post("/api/v1/clients/register", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return Tenant(api, made["client_id"], made["access_key"], made["slug"], name, account)


def make_operator(app: Flask, api: httpx.Client) -> Operator:
    """Make an operator as `flask operators create` does, and log it in over HTTP."""
    email, password = fresh_email(), "a long enough sentence for operators"
    with app.app_context():
        _, client_id, key = platform.create_operator(SystemActor(), email=email, password=password)
    path = f"/api/v1/{client_id}"
    answer = api.post(f"{path}/login", json={"email": email, "password": password}, headers=bearer(key))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    tokens = body["access_token"], body["refresh_token"]
    return Operator(api, path, body["user_id"], email, password, *tokens, client_id=str(client_id), publishable_key=key)


def logged_in_again(operator: Operator) -> Operator:
    """Log an operator in once more."""
    body = {"email": operator.email, "password": operator.password}
    answer = operator.api.post(f"{operator.path}/login", json=body, headers=bearer(operator.publishable_key))
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    return replace(operator, access_token=tokens["access_token"], refresh_token=tokens["refresh_token"])
