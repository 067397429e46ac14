"""Leads each client to the same connection of a process's pool, where PostgreSQL remembers its users table.

What a connection has once read of a table it keeps (app.core.connection_memory), and it reads a table that it has not
met out of the catalogue: 0.6 ms instead of 0.1 (docs/benchmarks.md). So clients are dealt out over the connections, and
a thousand tables in each of eight are remembered where eight thousand in all of them would have to be.
"""

import threading
from typing import Any

from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from app.core import isolation

_NUMBER = "number_in_pool"


class PoolByClient(QueuePool):
    """A pool whose connections have numbers; a client whose own is taken by another thread gets any that is free."""

    def __init__(self, creator: Any, **options: Any) -> None:
        """Begin without connections."""
        super().__init__(creator, **options)
        self._numbers: set[int] = set()
        self._numbering = threading.Lock()

    def _do_get(self) -> ConnectionPoolEntry:
        wanted = self._wanted()
        if wanted is not None:
            idle = self._taken_out(wanted)
            if idle is not None:
                return idle
            if wanted not in self._numbers and self._inc_overflow():
                try:
                    return self._create_connection()
                except BaseException:
                    self._dec_overflow()
                    raise
        return super()._do_get()

    def _wanted(self) -> int | None:
        """Return the number of the connection that the client in force is led to; None where it is about no client."""
        client_id = isolation.current().client_id
        # The last bits of a UUID are random in every version that is (RFC 9562).
        return None if client_id is None else client_id.int % self.size()

    def _taken_out(self, wanted: int) -> ConnectionPoolEntry | None:
        queue: Any = self._pool
        with queue.mutex:
            for record in queue.queue:
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
