"""Leads each client to the same connection of a process's pool, where PostgreSQL remembers its users table.

What a connection has once read of a table it keeps (app.core.connection_memory), and it reads a table that it has not
met out of the catalogue, which makes 0.4 ms 1.1 (docs/benchmarks.md). So clients are dealt out over the connections:
a thousand tables in each of eight are remembered where eight thousand in all of them would have to be.
"""

import logging
import threading
import time
from typing import Any
from uuid import UUID

from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from app.core import isolation

_NUMBER = "number_in_pool"
_REST_SECONDS = 1.0
"""For so long none is opened beside idle ones after PostgreSQL has refused one (max_connections, a role's limit)."""


class PoolByClient(QueuePool):
    """A pool whose connections have numbers; a client whose own is taken by another thread gets a second one that is
    always the same, or else any that is free.
    """

    def __init__(self, creator: Any, **options: Any) -> None:
        """Begin without connections."""
        super().__init__(creator, **options)
        self.logger = logging.getLogger("sqlalchemy.pool")  # as SQLAlchemy's own pools: silent unless it is asked for
        self._numbers: set[int] = set()
        self._numbering = threading.Lock()
        self._rests_until = 0.0

    def _do_get(self) -> ConnectionPoolEntry:
        client_id = isolation.current().client_id
        if client_id is None:
            return super()._do_get()
        first, second = self._numbers_of(client_id)
        found = self._opened() if first not in self._numbers else self._taken_out(first) or self._taken_out(second)
        return found or super()._do_get()

    def _opened(self) -> ConnectionPoolEntry | None:
        """Return a fresh connection; None where there is no room, or PostgreSQL refuses it and others are idle."""
        if time.monotonic() < self._rests_until or not self._inc_overflow():
            return None
        try:
            return self._create_connection()
        except BaseException as refused:
            self._dec_overflow()
            if not isinstance(refused, Exception) or not self.checkedin():
                raise
            self._rests_until = time.monotonic() + _REST_SECONDS
            return None

    def _numbers_of(self, client_id: UUID) -> tuple[int, int]:
        """Return which connection a client is led to, and which while that one is busy."""
        # The last bits of an id are random (UUIDv7, RFC 9562).
        return client_id.int % self.size(), (client_id.int >> 16) % self.size()

    def _taken_out(self, wanted: int) -> ConnectionPoolEntry | None:
        queue: Any = self._pool
        with queue.mutex:
            for record in tuple(queue.queue):
                if record.record_info[_NUMBER] == wanted:
                    queue.queue.remove(record)
                    found: ConnectionPoolEntry = record
                    return found
        return None

    def _create_connection(self) -> ConnectionPoolEntry:
        record, client_id = super()._create_connection(), isolation.current().client_id
        with self._numbering:
            free = set(range(self.size())) - self._numbers
            wanted = self._numbers_of(client_id)[0] if client_id is not None else None
            number = wanted if wanted in free else min(free, default=0)
            self._numbers.add(number)
        kept: Any = record.record_info
        kept[_NUMBER] = number
        return record
