"""Keys at the front door: checked, counted against their windows and used, in one trip to Redis and none to SQL.

A wrong checksum is refused without asking anybody.
"""

from app.clients.freshness import Ticket
from app.clients.models import ACTIVE, ERASING
from app.core import crypto, errors, metrics
from app.core.actors import Actor, Origin
from app.core.admission import Admitted
from app.core.errors import AppError, Named
from app.core.windows import Window
from app.keys import quota, records, rights
from app.keys.callers import KeyHolder, holder_of
from app.keys.models import PREFIX_OF
from app.keys.records import Found, Record
from app.limits import usage as series
from app.limits import windows
from app.limits.windows import Counted, Outdated

_KINDS = frozenset(PREFIX_OF.values())


@metrics.counted(metrics.key_validated)
def authenticate(credential: str, origin: Origin, *, counted: bool = True, beside: Actor | None = None) -> Admitted:
    """Return whose key this is, after counting the call in its windows.

    `beside` is the user whose token was sent along, and whose call has been counted. Not `counted`, the key may come
    out of memory and still has to be confirmed (see confirm()). Raises AuthenticationRequired, ClientSuspended,
    OwnerLacksFactor and InsufficientScope, marked with whom the key names, and RateLimited.
    """
    if crypto.kind_of(credential) not in _KINDS:
        raise errors.AuthenticationRequired()
    digest, peer = crypto.digest(credential), origin.ip_address
    found = _believed(digest, peer)
    if not counted:
        return Admitted(holder_of(digest, found, origin, peer=peer))
    try:
        outcome = windows.count(_windows(found.record, beside), known=found.known)
    except Outdated as outdated:
        found = _checked(records.find_anew(digest, outdated.ticket), peer)
        outcome = windows.count(_windows(found.record, beside), known=found.known)
    _note(found.record, outcome, at_client=beside is None)
    return Admitted(holder_of(digest, found, origin, peer=peer), outcome.states)


def confirm(actor: KeyHolder) -> KeyHolder:
    """Return the caller once its key is known to be good at this moment; raises what authenticate() raises."""
    if actor.found.is_sure:
        return actor
    try:
        windows.count((), known=actor.found.known)
    except Outdated as outdated:
        return reread(actor, outdated.ticket)
    return actor


def reread(actor: KeyHolder, ticket: Ticket | None) -> KeyHolder:
    """Return the caller as the database knows it now; raises what authenticate() raises."""
    found = _checked(records.find_anew(actor.digest, ticket), actor.peer)
    return holder_of(actor.digest, found, actor.origin, peer=actor.peer)


def use(actor: Actor) -> None:
    """Count one use of the key behind an admitted call; raises QuotaExceeded."""
    if not isinstance(actor, KeyHolder):
        return
    key = actor.found.record.key
    if not quota.use(key, 1).accepted:
        # Its call was counted as a request; it is a refusal after all.
        series.note(key.client_id, key.key_id, requests=-1, refusals=1)
        series.note(key.client_id, None, requests=-1, refusals=1)
        raise errors.QuotaExceeded()


def note_call(record: Record, *, at_client: bool = True) -> None:
    """Count a call that passed its windows in the usage of its key and, unless that was done, of its client."""
    series.note(record.key.client_id, record.key.key_id, requests=1)
    if at_client:
        series.note(record.key.client_id, None, requests=1)


def _believed(digest: bytes, peer: str | None) -> Found:
    """Return the record of a key that is good as far as is known; raises what authenticate() raises.

    No refusal comes out of memory: since then the key may have got a later end or another list of addresses.
    """
    found = records.find(digest)
    try:
        return _checked(found, peer)
    except AppError:
        if found is None or found.is_sure:
            raise
    return _checked(records.find_anew(digest), peer)


def _checked(found: Found | None, peer: str | None) -> Found:
    if found is None or found.record.client.status == ERASING:
        raise errors.AuthenticationRequired()
    record, key = found.record, found.record.key
    named = Named(key.client_id, user_id=key.user_id, key_id=key.key_id)
    if record.is_revoked or record.is_expired:
        raise errors.AuthenticationRequired().of(named)
    if record.client.status != ACTIVE:
        raise errors.ClientSuspended().of(named)
    if record.owner_lacks_factor:
        raise rights.OwnerLacksFactor().of(named)
    if not record.admits_address(peer):
        raise errors.InsufficientScope("This key may not be used from this address.").of(named)
    return found


def _windows(record: Record, beside: Actor | None) -> tuple[Window, ...]:
    """Return the windows of a call; those of a user count once, even if its token and its own key are both sent."""
    same = beside is not None and beside.user_id == record.key.user_id
    return record.key_windows if same else record.call_windows


def _note(record: Record, outcome: Counted, *, at_client: bool) -> None:
    """Count a call or its refusal; raises RateLimited."""
    if outcome.wait <= 0:
        note_call(record, at_client=at_client)
        return
    series.note(record.key.client_id, record.key.key_id, refusals=1)
    # Beside a token, the client's call was counted as a request; it is a refusal after all.
    series.note(record.key.client_id, None, requests=0 if at_client else -1, refusals=1)
    raise errors.RateLimited(retry_after=outcome.wait, states=outcome.states)
