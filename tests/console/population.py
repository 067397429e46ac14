"""A client with people, keys and a month behind it, and an operator's installation around it: what pages show."""

import itertools
import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from app.audit.tables import audit_logs
from app.limits.usage_tables import rate_limit_usage
from tests import database
from tests.console.running import Console
from tests.factories import PASSWORD, Operator, Tenant

DAYS = 30
_OF_CLIENT = uuid.UUID(int=0)
"""The key id under which the calls of the client itself are counted."""
_HASH = "$2b$10$37981/yjeP87uugvOk1vG.uWt70JoHVTwsLKBKD3J0h8otL1To80W"
_FIRST = ("Ada", "Ben", "Chloé", "Dmitri", "Elif", "Farah", "Goran", "Hedy", "Ines", "Jonas")
_LAST = (
    "Adeyemi",
    "Brandt",
    "Castillo",
    "Dąbrowska",
    "Ekström",
    "Fournier",
    "Goldberg",
    "Haddad",
    "Iversen",
    "Jovanović",
)
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
)
_NEIGHBOURS = (
    ("Harbour Dental", "health"), ("Nordlicht Energie", "energy"), ("Quill & Page", "books"),
    ("Tandem Travel", "travel"), ("Vela Robotics", "manufacturing"),
    ("Brightside Clinics", "health"), ("Kite Logistics", "logistics"),
    ("Olive Grove Foods", "food"), ("Peak Insurance", "insurance"), ("Studio Aurora", "design"),
    ("Lumen Schools", "education"), ("Riverbank Credit Union", "finance"),
)  # fmt: skip


@dataclass(frozen=True)
class Furnished:
    """A client that has something on every page, and the ids that pages are addressed by."""

    tenant: Tenant
    ids: dict[str, str]


def furnish(console: Console, *, people: int = 12, days: int = DAYS) -> Furnished:
    """Make a client with an admin, people, roles, keys, sessions, mails and some days behind it."""
    tenant = _register(console)
    for name, scopes in {"support": ["read", "users:read"], "auditor": ["audit:read", "read", "usage:read"]}.items():
        _done(tenant.call("PUT", f"/roles/{name}", json={"permissions": scopes}))
    emails = _add_people(tenant, people)
    user = tenant.log_in(emails[0])
    for agent in _AGENTS[1:]:
        body = {"email": emails[0], "password": PASSWORD}
        _done(
            tenant.call("POST", "/login", json=body, headers={"User-Agent": agent, "Rowlock-Client-IP": "203.0.113.9"})
        )
    tenant.call("POST", "/login", json={"email": emails[1], "password": "not the right one"})
    _disable(tenant, emails[2])
    for email in ("kofi@meridian-cycles.example", "lena@meridian-cycles.example"):
        _done(tenant.call("POST", "/users", json={"email": email}))
    key_id, secret = _add_keys(tenant)
    for scopes in ([], ["orders:write"], ["reports:read"], ["reports:read"]):
        _done(tenant.call("POST", "/keys/verify", json={"key": secret, "scopes": scopes}))
    live_through(console, tenant, key_id, user.user_id, days)
    ids = {"user_id": user.user_id, "role": "support", "key_id": key_id, "client_id": tenant.client_id}
    return Furnished(tenant, ids)


def surround(console: Console, operator: Operator, tenant: Tenant, *, others: int = len(_NEIGHBOURS)) -> None:
    """Put other clients beside a client: tiers, one suspended; roll statistics up and make a report of isolation."""
    for number, (name, industry) in enumerate(_NEIGHBOURS[:others]):
        body = {"client_name": name, "industry": industry, "contact_email": f"office@{_slug(name)}.example"}
        made = console.api.post("/api/v1/clients/register", json=body)
        _done(made)
        other = Tenant(console.api, made.json()["client_id"], made.json()["access_key"], made.json()["slug"], name)
        _add_people(other, 3 + number, domain=f"{_slug(name)}.example")
        live_through(console, other, None, str(uuid.uuid4()), 6 + number)
        change: dict[str, Any] = {"tier": ("free", "pro", "enterprise")[number % 3]}
        change |= {"status": "suspended"} if number == 4 else {}
        _done(operator.platform_call("PATCH", f"/clients/{other.client_id}", json=change))
    windows = {"requests_per_minute": 60, "requests_per_hour": 1_000, "requests_per_day": 10_000}
    # One person opens all pages within a minute, which nobody else does.
    windows |= {"user_requests_per_minute": 600, "user_requests_per_hour": 6_000}
    _done(operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"tier": "pro", "limits": windows}))
    for done_by_the_background in ("isolation_report", "statistics"):
        console.do_chore(done_by_the_background)


def _register(console: Console) -> Tenant:
    name = "Meridian Cycles"
    account = {"email": "ada@meridian-cycles.example", "password": PASSWORD, "full_name": "Ada Adeyemi"}
    body = {"client_name": name, "industry": "retail", "domain": "meridian-cycles.example", "admin": account}
    answer = console.api.post("/api/v1/clients/register", json=body)
    _done(answer)
    made = answer.json()
    return Tenant(console.api, made["client_id"], made["access_key"], made["slug"], name, account)


def _add_people(tenant: Tenant, count: int, *, domain: str = "meridian-cycles.example") -> list[str]:
    """Move people in who have been there for some weeks; return their addresses."""
    dice, now, rows = random.Random(count), datetime.now(UTC), []
    names = itertools.islice(((first, last) for last in _LAST for first in _FIRST), 1, count + 1)
    for number, (first, last) in enumerate(names):
        email = f"{_slug(first)}.{_slug(last)}@{domain}"
        role = "support" if number in (5, 9) and "meridian" in domain else "user"
        since = now - timedelta(days=dice.randrange(1, 200), minutes=dice.randrange(1_440))
        row = {"email": email, "full_name": f"{first} {last}", "password_hash": _HASH, "email_verified": number % 4 > 0}
        rows.append(row | {"role": role, "created_at": since.isoformat(), "custom_fields": {"team": "Workshop"}})
    lines = "\n".join(map(json.dumps, rows))
    answer = tenant.call("POST", "/users/import", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert json.loads(answer.text.splitlines()[-1])["added"] == count, answer.text
    return [str(row["email"]) for row in rows]


def _disable(tenant: Tenant, email: str) -> None:
    found = tenant.call("GET", "/users", params={"q": email}).json()["items"][0]
    _done(tenant.call("PATCH", f"/users/{found['user_id']}", json={"status": "disabled"}))


def _add_keys(tenant: Tenant) -> tuple[str, str]:
    """Make keys of each kind; return id and secret of the one that is used."""
    wanted: list[dict[str, Any]] = [
        {"name": "Old importer", "scopes": ["users:read"]},
        {"name": "Web shop", "kind": "publishable", "allowed_origins": ["https://shop.meridian-cycles.example"]},
        {"name": "Warehouse scanners", "scopes": ["read"], "allowed_ips": ["198.51.100.0/24"], "expires_in_days": 20},
        {
            "name": "Reporting job",
            "scopes": ["keys:read", "reports:read"],
            "usage_limit": 1_000,
            "rate_limit": {"requests_per_minute": 3, "requests_per_day": 500},
        },
    ]
    made = []
    for body in wanted:
        answer = tenant.call("POST", "/keys", json=body)
        _done(answer)
        made.append(answer.json())
    _done(tenant.call("POST", f"/keys/{made[0]['key_id']}/revoke"))
    return made[-1]["key_id"], made[-1]["api_key"]


def live_through(console: Console, tenant: Tenant, key_id: str | None, user_id: str, days: int) -> None:
    """Write the days behind a client: its audit log, and its calls by hour and day, some of them refused."""
    dice, now = random.Random(days), datetime.now(UTC)
    engine = database.seeing_all(console.environment["DATABASE_URL"])
    try:
        with engine.begin() as connection:
            connection.execute(insert(audit_logs), list(_events(dice, now, tenant, user_id, days)))
            for key in [None, key_id][: 1 if key_id is None else 2]:
                connection.execute(insert(rate_limit_usage), list(_calls(dice, now, tenant, key, days)))
    finally:
        engine.dispose()


def _events(dice: random.Random, now: datetime, tenant: Tenant, user_id: str, days: int) -> Iterator[dict[str, Any]]:
    all_users = tenant.call("GET", "/users", params={"limit": days // 2 + 4}).json()["items"]
    people = [uuid.UUID(user_id), *(uuid.UUID(user["user_id"]) for user in all_users)]
    for back in range(days, 0, -1):
        weekday = (now - timedelta(days=back)).weekday() < 5
        for _ in range(dice.randrange(6, 16) if weekday else dice.randrange(2, 6)):
            moment = now - timedelta(days=back, seconds=-dice.randrange(80_000))
            action, status, detail = dice.choices(
                (("login", "success", {}), ("login", "failed", {"reason": "invalid_credentials"}),
                 ("signup", "success", {}), ("session.refresh", "success", {}), ("logout", "success", {})),
                (10, 2, 2, 6, 3),
            )[0]  # fmt: skip
            milliseconds = int(moment.timestamp() * 1000)
            yield {
                "audit_id": uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | dice.getrandbits(61)),
                "client_id": uuid.UUID(tenant.client_id),
                "user_id": dice.choice(people) if status == "success" else None,
                "key_id": None,
                "action": action,
                "status": status,
                "ip_address": f"203.0.113.{dice.randrange(1, 250)}",
                "user_agent": dice.choice(_AGENTS),
                "request_id": str(uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | dice.getrandbits(61))),
                "detail": detail,
                "timestamp": moment,
            }


def _calls(
    dice: random.Random, now: datetime, tenant: Tenant, key_id: str | None, days: int
) -> Iterator[dict[str, Any]]:
    holder = {"client_id": uuid.UUID(tenant.client_id), "key_id": uuid.UUID(key_id) if key_id else _OF_CLIENT}
    for back in range(days - 1, 0, -1):
        day = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=back)
        requests = dice.randrange(180, 620) if day.weekday() < 5 else dice.randrange(40, 160)
        refusals = dice.randrange(5, 40) if back in (3, 4, 11) else 0
        yield holder | {"period": "day", "started_at": day, "requests": requests, "refusals": refusals}
    for back in range(23, 0, -1):
        hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=back)
        refusals = dice.randrange(1, 9) if back in (5, 6) else 0
        yield holder | {"period": "hour", "started_at": hour, "requests": dice.randrange(5, 60), "refusals": refusals}


def _slug(text: str) -> str:
    plain = text.lower().translate(str.maketrans("éąöć", "eaoc"))
    return "-".join("".join(letter if letter.isascii() and letter.isalnum() else " " for letter in plain).split())


def _done(answer: Any) -> None:
    assert answer.is_success, answer.text
