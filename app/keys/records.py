"""What a process remembers of keys, so that a check need not ask the database (ADR 0007).

On SQLite a key is remembered until anything at all is committed (`PRAGMA data_version`, in the embedded database a
matter of microseconds). On PostgreSQL with Redis it is believed only if Redis names the same version of its client in
the trip that counts the call. On PostgreSQL alone nothing is remembered.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from app.clients import freshness
from app.clients.freshness import Ticket
from app.clients.models import ACTIVE
from app.core import clock, commits, db, isolation
from app.core.isolation import Crossing
from app.core.settings import settings
from app.core.windows import Window
from app.keys import queries, quota
from app.keys.models import ACCESS, PUBLISHABLE, Key, KeysClient, Owner
from app.limits import tiers
from app.limits.tiers import Tier
from app.limits.windows import JustRead, Remembered

MOST_REMEMBERED = 4096
_BELIEVED_SECONDS = 30.0
"""Bounds what a change that moves no version could do: an older release beside this one, SQL by hand."""
_GONE = Owner(is_active=False, scopes=frozenset(), lacks_factor=False)
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Record:
    """A key as it is checked: with its client, the windows that it counts in, and its effective scopes.

    `remembered` is the version of the client that it is true of.
    """

    key: Key
    client: KeysClient
    remembered: Remembered
    owner_active: bool
    owner_lacks_factor: bool
    scopes: frozenset[str]
    networks: tuple[Network, ...]
    owner_windows: tuple[Window, ...]
    key_windows: tuple[Window, ...]
    verify_windows: tuple[Window, ...]

    @property
    def call_windows(self) -> tuple[Window, ...]:
        """The windows of a call that is made with the key."""
        return self.owner_windows + self.key_windows

    @property
    def is_revoked(self) -> bool:
        """Whether the key was ended, by itself or with its owner."""
        return self.key.revoked_at is not None or not self.owner_active

    @property
    def is_expired(self) -> bool:
        """Whether the key is past its end."""
        return self.key.expires_at is not None and self.key.expires_at <= clock.now()

    @property
    def is_usable(self) -> bool:
        """Whether the key may be used at all."""
        return self.client.status == ACTIVE and not (self.is_revoked or self.is_expired or self.owner_lacks_factor)

    def admits_address(self, address: str | None) -> bool:
        """Whether the key may be used from an address."""
        if not self.networks:
            return True
        if address is None:
            return False
        parsed = ip_address(address)
        return any(parsed in network for network in self.networks if network.version == parsed.version)


@dataclass(frozen=True, slots=True)
class Found:
    """A record, and what the trip that counts has to prove or may keep of it."""

    record: Record
    known: Remembered | JustRead | None = None
    as_of: object = None
    until: float = 0.0
    """When it is read anew whatever Redis says (`time.monotonic()`); 0: it is not remembered."""

    @property
    def is_sure(self) -> bool:
        """Whether the record is what the database holds, without asking anybody again."""
        return not isinstance(self.known, Remembered)


def find(digest: bytes, *, beside: Found | None = None) -> Found | None:
    """Return the record of a key, out of memory if it is there; None for an unknown key.

    `beside` is what the same request has found before.
    """
    if settings().is_sqlite:
        as_of = beside.as_of if beside is not None else None
        return _find_on_sqlite(digest, commits.number() if as_of is None else as_of)
    found = _remembered.get(digest) if freshness.is_kept() else None
    if found is not None:
        record, until = found
        return Found(record, record.remembered, until=until)
    return find_anew(digest) if beside is None else find_anew_beside(digest, beside)


def find_anew(digest: bytes, ticket: Ticket | None = None) -> Found | None:
    """Return the record of a key out of the database, whatever is remembered; under a ticket just taken, if any."""
    return _read_to_remember(digest, ticket) if freshness.is_kept() else _read_plainly(digest)


def find_anew_beside(digest: bytes, beside: Found) -> Found | None:
    """Return the record of a key of the same client as one that was found before, out of the database.

    The client is as it was then, and what is true of its version: the trip that counts proves or keeps that one. If it
    has moved since, the key is newer than the version that it is remembered with, which nobody will name again. It is
    remembered only where the client was, and for no longer.
    """
    of_caller = beside.record
    with isolation.within(of_caller.key.client_id), db.reading():
        key = queries.find_of_client(of_caller.key.client_id, digest)
        record = None if key is None else _record(key, of_caller.client)
    if record is None:
        return None
    if beside.known is not None and record.is_usable:
        _remembered.put(digest, record, until=beside.until)
    else:
        _remembered.drop(digest)
    return Found(record)


def _read_plainly(digest: bytes) -> Found | None:
    record, _ = _read(digest)
    return None if record is None else Found(record)


def _read_to_remember(digest: bytes, ticket: Ticket | None) -> Found | None:
    ticket = ticket or freshness.take_ticket()
    record, settled = _read(digest, ask_who_changes=ticket is not None)
    if record is None or not record.is_usable:
        _remembered.drop(digest)
        return None if record is None else Found(record)
    if ticket is None or not settled:
        return Found(record)
    until = _remembered.put(digest, record)
    return Found(record, JustRead(record.remembered.client_id, record.remembered.version, ticket), until=until)


def _find_on_sqlite(digest: bytes, as_of: object) -> Found | None:
    """Return a record as it was when the database had seen so many commits, or later."""
    found = _remembered.get(digest, as_of=as_of)
    if found is not None:
        return Found(found[0], as_of=as_of)
    record, _ = _read(digest)
    if record is None:
        return None
    if record.is_usable:
        _remembered.put(digest, record, as_of=as_of)
    return Found(record, as_of=as_of)


def _read(digest: bytes, *, ask_who_changes: bool = False) -> tuple[Record | None, bool]:
    with isolation.across(Crossing.CREDENTIAL), db.reading():
        found = queries.find_by_digest(digest, ask_who_changes=ask_who_changes)
        if found is None:
            return None, False
        key, client, settled = found
        return _record(key, client), settled


def _record(key: Key, client: KeysClient) -> Record:
    key = _with_limits_in_force(key)
    limits = tiers.limits_of(client.tier, stored=client.stored_tier, own=client.own_limits)
    owner = _owner_of(key)
    return Record(
        key=key,
        client=client,
        remembered=Remembered(str(key.client_id), str(client.version)),
        owner_active=owner is None or owner.is_active,
        owner_lacks_factor=owner is not None and owner.lacks_factor,
        scopes=frozenset(key.scopes) if owner is None else owner.lent(key.scopes),
        networks=tuple(ip_network(text) for text in key.allowed_ips),
        owner_windows=_owner_windows(key, client.limits_epoch, limits),
        key_windows=tiers.key_windows(key.client_id, client.limits_epoch, key.window_id, own_windows(key, limits)),
        verify_windows=tiers.verify_windows(key.client_id, client.limits_epoch, limits),
    )


def _with_limits_in_force(key: Key) -> Key:
    """Return a key with the limits of the last that took it over, and counting there: what binds that one binds it."""
    holder = quota.holder_of(key)
    if holder is key:
        return key
    return replace(key, counts_as=holder.key_id, usage_limit=holder.usage_limit, rate_limit=holder.rate_limit)


def _owner_windows(key: Key, epoch: int, limits: Tier) -> tuple[Window, ...]:
    """Return whose windows a call with the key uses up: its user's or its client's; a public key nobody's."""
    if key.kind == PUBLISHABLE:
        return ()
    if key.user_id is not None:
        return tiers.user_windows(key.client_id, epoch, limits, key.user_id)
    return tiers.client_windows(key.client_id, epoch, limits)


def own_windows(key: Key, limits: Tier) -> dict[str, int | None]:
    """Return a key's own windows; a user's key has no more than the client's limits of each user."""
    own: dict[str, int | None] = dict(key.rate_limit)
    if key.user_id is None:
        return own
    for name, most in user_bounds(limits).items():
        chosen = own.get(name)
        own[name] = most if chosen is None else chosen if most is None else min(chosen, most)
    return own


def user_bounds(limits: Tier) -> dict[str, int | None]:
    """Return what a user's own key may use at most."""
    return {
        "requests_per_minute": limits.user_requests_per_minute,
        "requests_per_hour": limits.user_requests_per_hour,
        "requests_per_day": limits.requests_per_day,
    }


def _owner_of(key: Key) -> Owner | None:
    """Return what binds a user's own key; None for a key of the client."""
    if key.user_id is None or key.kind == ACCESS:
        return None
    return queries.find_owner(key.client_id, key.user_id) or _GONE


class _Memory:
    """The records used last, by database and digest; on SQLite each as of a number of commits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: OrderedDict[tuple[str, bytes], tuple[object, Record, float]] = OrderedDict()

    def get(self, digest: bytes, *, as_of: object = None) -> tuple[Record, float] | None:
        """Return a record, and until when it is remembered."""
        with self._lock:
            place = (settings().database_url, digest)
            entry = self._records.get(place)
            if entry is None or entry[0] != as_of or entry[2] < time.monotonic():
                return None
            self._records.move_to_end(place)
            return entry[1], entry[2]

    def put(self, digest: bytes, record: Record, *, as_of: object = None, until: float | None = None) -> float:
        """Remember a record, until some moment or for as long as any may be; return until when."""
        until = time.monotonic() + _BELIEVED_SECONDS if until is None else until
        with self._lock:
            self._records[settings().database_url, digest] = (as_of, record, until)
            while len(self._records) > MOST_REMEMBERED:
                self._records.popitem(last=False)
        return until

    def drop(self, digest: bytes) -> None:
        with self._lock:
            self._records.pop((settings().database_url, digest), None)


_remembered = _Memory()
