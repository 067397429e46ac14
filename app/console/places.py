"""Where a call of the login page happens: it names a client in its body, and is held to the rows of that one."""

import contextlib
from collections.abc import Iterator
from uuid import UUID

from app.clients import service as clients
from app.clients.models import PLATFORM_SLUG, Client
from app.core import db, errors, isolation
from app.core.actors import ConsoleActor, Origin
from app.core.ids import parse_id
from app.core.isolation import Crossing


def find(named: str | UUID) -> Client | None:
    """Return the client with a slug or an id; one that is being erased is not there any more."""
    spelt = str(named).strip().lower()
    client_id = parse_id(spelt)
    with isolation.across(Crossing.CONSOLE), db.reading():
        return clients.find(client_id) if client_id else clients.find_by_slug(spelt)


def stand_in() -> Client:
    """Return the client at which the work is done for one that is not there; raises NotMigrated."""
    found = find(PLATFORM_SLUG)
    if found is None:
        raise errors.NotMigrated()
    return found


@contextlib.contextmanager
def acting_at(client: Client, origin: Origin) -> Iterator[ConsoleActor]:
    """Hold a flow to the rows of the client that it is about."""
    with isolation.within(client.client_id):
        yield ConsoleActor(origin, client=client.client_id, tier=client.tier)
