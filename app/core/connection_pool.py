"""Leads each client to the same connection of a process's pool, where PostgreSQL remembers its users table.

What a connection has once read of a table it keeps (app.core.connection_memory), and it reads a table that it has not
met out of the catalogue, which makes 0.4 ms 1.1 (docs/benchmarks.md). So clients are dealt out over the connections:
a thousand tables in each of eight are remembered where eight thousand in all of them would have to be.
"""

import logging
import threading
import time
from typing import Any

from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from app.core import isolation

_NUMBER = "number_in_pool"
_REST_SECONDS = 1.0
"""For so long none is opened beside idle ones after PostgreSQL has refused one (max_connections, a role's limit)."""


class PoolByClient(QueuePool):
    """A pool whose connections have numbers; a client whose own is taken by another thread gets any that is free."""

    def __init__(self, creator: Any, **options: Any) -> None:
        """Begin without connections."""
        super().__init__(creator, **options)
        self.logger = logging.getLogger("sqlalchemy.pool")  # as SQLAlchemy's own pools: silent unless it is asked for
        self._numbers: set[int] = set()
        self._numbering = threading.Lock()
        self._rests_until = 0.0

    def _do_get(self) -> ConnectionPoolEntry:
        wanted = self._wanted()
        if wanted is not None:
            idle = self._taken_out(wanted)
            if idle is not None:
                return idle
            if wanted not in self._numbers and time.monotonic() >= self._rests_until and self._inc_overflow():
                try:
                    return self._create_connection()
                except BaseException as refused:
                    self._dec_overflow()
                    if not isinstance(refused, Exception) or not self.checkedin():
                        raise
                    self._rests_until = time.monotonic() + _REST_SECONDS
        return super()._do_get()

    def _wanted(self) -> int | None:
        """Return the number of the connection that the client in force is led to; None where it is about no client."""
        client_id = isolation.current().client_id
        # The last bits of an id are random (UUIDv7, RFC 9562).
        return None if client_id is None else client_id.int % self.size()

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
        record, wanted = super()._create_connection(), self._wanted()
        with self._numbering:
            free = set(range(self.size())) - self._numbers
            number = wanted if wanted in free else min(free, default=0)
            self._numbers.add(number)
        kept: Any = record.record_info
        kept[_NUMBER] = number
        return record
