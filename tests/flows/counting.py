"""What the whole database has, before and after a call; and what a problem says."""

from typing import Any

import httpx

from tests import database

CENTRAL = (
    "clients", "keys", "signing_keys", "sessions", "tokens", "audit_logs", "login_throttles", "idempotency_keys",
)  # fmt: skip


def totals(url: str) -> dict[str, int]:
    """Return how many rows each central table has, and how many users tables there are."""
    return {name: database.count(url, name) for name in CENTRAL} | {"users tables": len(database.users_tables(url))}


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """Return what has become more, and by how much."""
    return {name: after[name] - before[name] for name in before if after[name] != before[name]}


def own_row(url: str, table: str, client_id: str) -> dict[str, Any]:
    """Return the only row of a client in a central table."""
    of_client = {"c": database.uuid_text(url, client_id)}
    (row,) = database.rows(url, f"SELECT * FROM {table} WHERE client_id = :c", **of_client)
    return row


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]
