"""Whether a client is there, for writes that come later than the call that they tell of: it may be erased by then."""

from typing import Any

from sqlalchemy import Exists, String, Uuid, column, exists, table
from sqlalchemy.sql.elements import ColumnElement

# Named anew: the clients' own package is further up.
_clients = table("clients", column("client_id", Uuid), column("status", String))


def client_is_there(client_id: ColumnElement[Any]) -> Exists:
    """Return the condition that a client exists and is not being erased."""
    return exists().where(_clients.c.client_id == client_id, _clients.c.status != "erasing")
