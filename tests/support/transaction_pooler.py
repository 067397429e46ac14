"""Shares a few connections to PostgreSQL out by the transaction, as PgBouncer does with `pool_mode = transaction`.

It is a server to drivers that use the simple protocol (psycopg2). Startup parameters are ignored, so nothing that a
session would have is there; whoever sends a statement holds a connection until PostgreSQL says that it is in no
transaction, and whoever comes next gets it as it was left.
"""

import contextlib
import queue
import socket
import struct
import threading

import psycopg2

from tests.support.processes import free_port

_SSL_OR_GSS = (80877103, 80877104)
_IDLE = b"I"
_AUTHENTICATED = b"R" + struct.pack("!II", 8, 0)
_READY = b"Z" + struct.pack("!I", 5) + _IDLE
_TOLD = ("server_version", "client_encoding", "standard_conforming_strings", "integer_datetimes", "DateStyle")


class TransactionPooler:
    """Listens from its making until close()."""

    def __init__(self, dsn: str, *, size: int) -> None:
        """Open so many connections to the database of a libpq URL."""
        self._servers = [psycopg2.connect(dsn, sslmode="disable") for _ in range(size)]
        self._told = {name: self._servers[0].get_parameter_status(name) or "" for name in _TOLD}
        self._free: queue.Queue[socket.socket] = queue.Queue()
        for server in self._servers:
            # The driver has logged in; from here on it only keeps the socket open, and we speak.
            speaking = socket.socket(fileno=server.fileno())
            speaking.setblocking(True)
            self._free.put(speaking)
        self.port = free_port()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._clients: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Hang up on everybody."""
        for open_socket in (self._listener, *self._clients):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
            open_socket.close()
        while not self._free.empty():
            self._free.get().detach()  # the driver's own, which it closes
        for server in self._servers:
            server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._clients.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        held: socket.socket | None = None
        with contextlib.suppress(OSError, EOFError):
            self._greet(client)
            while (message := _message(client))[:1] != b"X":
                held = held or self._free.get()
                held.sendall(message)
                if _answered(held, client) == _IDLE:
                    self._free.put(held)
                    held = None
        if held is not None:  # the client has gone in the middle of a transaction
            held.sendall(b"Q" + struct.pack("!I", 13) + b"ROLLBACK\0")
            _answered(held, None)
            self._free.put(held)
        client.close()

    def _greet(self, client: socket.socket) -> None:
        """Let a driver in, whoever it says it is, and tell what it needs to know of the server."""
        while True:
            body = _exactly(client, struct.unpack("!I", _exactly(client, 4))[0] - 4)
            if struct.unpack("!I", body[:4])[0] not in _SSL_OR_GSS:
                break
            client.sendall(b"N")
        told = [f"{name}\0{value}\0".encode() for name, value in self._told.items()]
        parameters = b"".join(b"S" + struct.pack("!I", len(one) + 4) + one for one in told)
        client.sendall(_AUTHENTICATED + parameters + _READY)


def _answered(server: socket.socket, client: socket.socket | None) -> bytes:
    """Pass on what the server says until it is ready again; return whether it is in a transaction (`I`, `T`, `E`)."""
    while True:
        message = _message(server)
        if client is not None:
            with contextlib.suppress(OSError):
                client.sendall(message)
        if message[:1] == b"Z":
            return message[5:6]


def _message(source: socket.socket) -> bytes:
    head = _exactly(source, 5)
    return head + _exactly(source, struct.unpack("!I", head[1:])[0] - 4)


def _exactly(source: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        part = source.recv(length - len(data))
        if not part:
            raise EOFError
        data += part
    return data
