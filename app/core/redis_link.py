"""The way to Redis: one connection per thread, 50 ms for an answer, and a breaker while there is none.

Redis is a cache and a counter, never the truth: whoever calls it must know what to do without it.
"""

import contextlib
import hashlib
import os
import re
import secrets
import socket
import struct
import threading
import time
from collections.abc import Sequence
from typing import Any

from redis.backoff import NoBackoff
from redis.connection import Connection, ConnectionInterface, ConnectionPool
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as TooSlow
from redis.retry import Retry

TIMEOUT_SECONDS = 0.05
_OPENS_AFTER = 2
_SHORTEST_REST, _LONGEST_REST = 0.25, 4.0
_RUN = re.compile(rb"^run_id:(\w+)", re.MULTILINE)
Argument = str | bytes | int


class OutOfReach(Exception):
    """Redis gave no answer in time; whether it did what it was asked is not known."""


class Script:
    """A Lua script that Redis carries out as one step."""

    def __init__(self, text: str) -> None:
        """Name the script as Redis does, by its SHA-1."""
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class Breaker:
    """Keeps calls from waiting for a Redis that does not answer: after two failures in a row nobody asks for a while.

    The rest doubles from 0.25 s to 4 s; when it is over one caller tries.
    """

    def __init__(self) -> None:
        """Begin closed."""
        self._lock = threading.Lock()
        self._failures, self._rest, self._closed_at, self._openings = 0, _SHORTEST_REST, 0.0, 0

    def check(self) -> int:
        """Return how often the breaker has opened, to be told with a failure; raise OutOfReach while it is open."""
        if self._failures < _OPENS_AFTER:
            return self._openings
        with self._lock:
            now = time.monotonic()
            if now < self._closed_at:
                raise OutOfReach()
            self._closed_at = now + self._rest  # the others go on waiting while this caller tries
            return self._openings

    def failed(self, seen: int) -> None:
        """Count a failure; of callers that were under way together, those after the one that opens add nothing."""
        with self._lock:
            if seen != self._openings:
                return
            self._failures += 1
            if self._failures >= _OPENS_AFTER:
                self._openings += 1
                self._closed_at = time.monotonic() + self._rest
                self._rest = min(_LONGEST_REST, 2 * self._rest)

    def answered(self) -> None:
        """Close."""
        if self._failures:
            with self._lock:
                self._failures, self._rest = 0, _SHORTEST_REST


class _Unpolled(Connection):
    """A TCP connection whose time limit the kernel keeps.

    Python keeps it by asking before each send and receive whether the socket is ready: two more system calls, and two
    more moments at which threads of this process pass the interpreter on.
    """

    def _connect(self) -> socket.socket:
        sock: socket.socket = super()._connect()  # type: ignore[no-untyped-call]
        limit = struct.pack("ll", 0, int(TIMEOUT_SECONDS * 1_000_000))
        sock.settimeout(None)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            sock.setsockopt(socket.SOL_SOCKET, option, limit)
        return sock


class _Line:
    """One thread's connection, and the name of the run of Redis at its other end."""

    def __init__(self, connection: ConnectionInterface) -> None:
        self._connection, self._run = connection, b""

    def ask(self, *command: Argument) -> Any:
        """Send a command, the name of the run behind it, and return the answer."""
        if not self._run:
            self._run = self._named_run()
        return self._answer(*command, self._run)

    def close(self) -> None:
        """Hang up; the next question connects anew."""
        self._run = b""
        with contextlib.suppress(RedisError, OSError):
            self._connection.disconnect()

    def _named_run(self) -> bytes:
        """Return the run's name, or (where INFO is not allowed) one that nobody else will ever use."""
        try:
            told: bytes = self._answer("INFO", "server")
        except ResponseError:
            told = b""
        found = _RUN.search(told)
        return found[1] if found else secrets.token_hex(16).encode()

    def _answer(self, *command: Argument) -> Any:
        self._connection.send_command(*command, check_health=False)
        return self._connection.read_response()


class RedisLink:
    """Runs scripts in one Redis, from any thread of any process that was forked after this was made."""

    def __init__(self, url: str) -> None:
        """Take the address; nothing is opened before the first call."""
        options: dict[str, Any] = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
        options |= {"connection_class": _Unpolled} if url.startswith("redis:") else {}
        self._pool = ConnectionPool.from_url(url, **options, retry=Retry(NoBackoff(), 0))
        self._own = threading.local()
        self.breaker = Breaker()

    def run(self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Return what a script returns; raises OutOfReach.

        Its last argument is always the name of the run of Redis that carries it out: what a script keeps under that
        name means nothing to a Redis that has been started again, whatever old state it has loaded.
        """
        seen = self.breaker.check()
        line = self._line()
        try:
            answer = _asked(line, script, keys, arguments)
        except ResponseError as refused:
            raise OutOfReach() from refused  # it answers, so nobody need be kept from asking
        except (RedisError, OSError) as broken:
            line.close()
            self.breaker.failed(seen)
            raise OutOfReach() from broken
        except BaseException:
            line.close()  # or the next question would be given this one's answer
            raise
        self.breaker.answered()
        return answer

    def is_up(self) -> bool:
        """Whether Redis answers one of two questions, whatever the breaker says."""
        return self._pings() or self._pings()

    def _pings(self) -> bool:
        connection = self._pool.make_connection()
        try:
            connection.send_command("PING")
            connection.read_response()
        except (RedisError, OSError):
            return False
        finally:
            with contextlib.suppress(RedisError, OSError):
                connection.disconnect()
        return True

    def _line(self) -> _Line:
        own = self._own
        if getattr(own, "pid", None) != os.getpid():
            own.line, own.pid = _Line(self._pool.make_connection()), os.getpid()
        held: _Line = own.line
        return held


def _asked(line: _Line, script: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
    rest = (len(keys), *keys, *arguments)
    try:
        return line.ask("EVALSHA", script.sha, *rest)
    except NoScriptError:
        return line.ask("EVAL", script.text, *rest)
    except TooSlow:
        raise
    except NoConnection as gone:
        if isinstance(gone.__context__, BlockingIOError):
            raise  # the kernel's way to say that the time is over
        # Redis has been started again, or has closed a connection that was idle: it is asked once more.
        line.close()
        return line.ask("EVAL", script.text, *rest)


_links: dict[str, RedisLink] = {}
_making = threading.Lock()


def link(url: str) -> RedisLink:
    """Return this process's link to a Redis."""
    found = _links.get(url)
    if found is None:
        with _making:
            found = _links.setdefault(url, RedisLink(url))
    return found
