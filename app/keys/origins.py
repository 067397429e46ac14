"""Which web pages may call for a client at all."""

from uuid import UUID

from app.core import clock, db, isolation
from app.keys import origin_queries


def is_allowed(client_id: UUID, origin: str) -> bool:
    """Tell whether a page of this origin may call: the client's setting or a live publishable key of it names it.

    A client that is unknown or suspended allows none. Raises TemporarilyUnavailable.
    """
    with isolation.within(client_id), db.reading():
        return origin_queries.is_named(client_id, origin, now=clock.now())
