"""Whether an erased client is gone indeed: its receipt is checked, and every place is looked at where it was."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.clients import service as clients
from app.core import db
from app.core.errors import NotFound
from app.core.ids import parse_id
from app.erasure import files, store
from app.onboarding import documents
from app.users import service as users


def receipt_of(client_id: UUID) -> str:
    """Return the receipt of an erased client; raises NotFound."""
    with db.reading():
        erasure = store.find(client_id)
    if erasure is None:
        raise NotFound(f"No erasure of {client_id} is known here.")
    if erasure.receipt is None:
        raise NotFound(f"The erasure of {client_id} is not at its end.")
    return erasure.receipt


def client_of(receipt: str | bytes) -> tuple[UUID, dict[str, Any]]:
    """Return whom a receipt is about, and what it says; raises DocumentRefused where the platform did not sign it."""
    told = documents.verify(documents.ERASURE_RECEIPT, receipt)
    client_id = parse_id(str(told.get("client_id")))
    if client_id is None:
        raise NotFound("The receipt names no client.")
    return client_id, told


def amount_left(client_id: UUID) -> int:
    """Return how many rows are left of a client that is being erased, users included."""
    with db.reading():
        people = users.count(client_id) if store.has_users_table(client_id) else 0
        return people + sum(store.rows_left(client_id).values())


def brought_back_at(client_id: UUID) -> datetime | None:
    """Return when an erased client came back from a bundle, under the same id; None: it did not."""
    with db.reading():
        erasure, client = store.find(client_id), clients.find(client_id)
    # Who comes back is swept for no more from that moment on, and has a row of its own.
    return erasure.swept_at if erasure is not None and erasure.is_finished and client else None


def leftovers(client_id: UUID) -> list[str]:
    """Return what is left of a client and where, a line each; nothing: it is gone."""
    with db.reading():
        rows, has_table = store.rows_left(client_id), store.has_users_table(client_id)
    found = [f"{name}: {count} row{'' if count == 1 else 's'}" for name, count in rows.items()]
    found += [f"the table users_{client_id.hex} is there"] if has_table else []
    return found + [f"the file {path}" for path in files.of(client_id)]
