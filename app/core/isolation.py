"""Whose rows the statements of this moment may touch: one client's, nobody's, or (by a named exception) everybody's.

PostgreSQL holds every statement to it, beneath the application (ADR 0012): app.core.db sends it along with each
transaction, and policies on every table compare. Whoever enters nothing reads nothing. SQLite knows no such thing.
"""

import contextlib
from collections.abc import Generator, Iterable, Iterator
from contextvars import ContextVar, Token
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar
from uuid import UUID

CLIENT_ROLE, ACROSS_ROLE = "rowlock_client", "rowlock_across"
"""The roles without a login that statements run under; neither owns anything."""
SETTING = "rowlock.client_id"
"""What policies compare a row's client with."""


T = TypeVar("T")


class Crossing(Enum):
    """Every reason for which a statement may touch the rows of more than one client."""

    CREDENTIAL = "find whose key or token a credential is"
    CONSOLE = "find the client that a login at the console names"
    REGISTRATION = "register a client, whose slug must be nobody else's"
    OPERATOR = "answer an operator's call about all clients"
    SHELL = "carry out a command of the operator's shell"
    SERVER = "start a server or ask whether it is ready"
    COUNTS = "write counts and uses noted for many clients, in one transaction"
    WORKER = "send mails, tidy up, roll up statistics, take snapshots and finish jobs, in the background"
    ERASURE = "erase a client and keep the receipt with the platform"
    TRANSFER = "bring in a client from a bundle, whose slug must be nobody else's"
    DOCUMENT = "sign with the platform's key, or look up the keys that its documents are checked with"
    REPORT = "look for rows that are where they should not be"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows count; both None: nobody's."""

    client_id: UUID | None = None
    crossing: Crossing | None = None

    @property
    def in_words(self) -> str:
        """The statements that tell PostgreSQL, for the beginning of a transaction or of a statement by itself."""
        role = CLIENT_ROLE if self.crossing is None else ACROSS_ROLE
        return f"SET LOCAL ROLE {role}; SET LOCAL {SETTING} = '{self.client_id or ''}'; "


NOBODY = Scope()
_in_force: ContextVar[Scope] = ContextVar("scope", default=NOBODY)


def current() -> Scope:
    """Return whose rows count at this moment."""
    return _in_force.get()


def enter(client_id: UUID | None) -> Token[Scope]:
    """Begin a request that is about one client's rows, or nobody's, whatever the thread did before; leave() ends it."""
    return _in_force.set(NOBODY if client_id is None else Scope(client_id))


def leave(token: "Token[Scope]") -> None:
    """End what enter() began."""
    _in_force.reset(token)


@contextlib.contextmanager
def within(client_id: UUID) -> Iterator[None]:
    """Let statements touch the rows of one client alone.

    The front door, commands and background work enter it. Raises RuntimeError inside that of another client.
    """
    before = _in_force.get()
    if before.client_id not in (None, client_id):
        raise RuntimeError("nobody steps from one client into another")
    with _again(Scope(client_id)):
        yield


@contextlib.contextmanager
def across(crossing: Crossing) -> Iterator[None]:
    """Let statements touch the rows of every client, for a reason that has a name; decorates functions too."""
    with _again(Scope(crossing=crossing)):
        yield


def kept(items: Iterable[T]) -> Iterator[T]:
    """Return the items, each step and the end held to the rows that count now: an answer is read after its request."""
    scope = current()

    def steps() -> Iterator[T]:
        iterator = iter(items)
        try:
            while True:
                with _again(scope):
                    try:
                        item = next(iterator)
                    except StopIteration:
                        return
                yield item
        finally:
            if isinstance(iterator, Generator):
                with _again(scope):
                    iterator.close()

    return steps()


@contextlib.contextmanager
def _again(scope: Scope) -> Iterator[None]:
    token = _in_force.set(scope)
    try:
        yield
    finally:
        _in_force.reset(token)
