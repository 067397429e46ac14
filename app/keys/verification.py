"""POST /keys/verify: whether a key is good for a request of its holder, counted exactly once.

One trip to Redis confirms the caller and the key, and counts; a quota costs one statement more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core import crypto, errors, metrics
from app.core.errors import Named
from app.core.windows import Window, WindowState
from app.keys import quota, records, rights
from app.keys.authentication import note_call, reread, use
from app.keys.callers import ApiKeyHolder, KeyHolder
from app.keys.models import ACCESS, PREFIX_OF
from app.keys.records import Found
from app.limits import usage as series
from app.limits import windows
from app.limits.windows import Counted, JustRead, Outdated, Remembered

NOT_FOUND, REVOKED, EXPIRED = "not_found", "revoked", "expired"
FORBIDDEN_IP, INSUFFICIENT_SCOPE = "forbidden_ip", "insufficient_scope"
RATE_LIMITED, QUOTA_EXCEEDED = "rate_limited", "quota_exceeded"
_AT, _ROUTE = "verify", "/api/v1/<client_id>/keys/verify"
_VERIFIABLE = frozenset(prefix for kind, prefix in PREFIX_OF.items() if kind != ACCESS)


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer: `code` says why a key is not valid, None if it is; the rest is told of every key that is known.

    `remaining` is None for a key without a quota, and where the key was refused before its quota was looked at.
    """

    valid: bool
    code: str | None
    client_id: UUID
    key_id: UUID | None = None
    user_id: UUID | None = None
    scopes: tuple[str, ...] = ()
    remaining: int | None = None
    rate_limit: tuple[WindowState, ...] = ()
    expires_at: datetime | None = None


def verify(
    actor: KeyHolder, *, key: str, scopes: Iterable[str] = (), cost: int = 1
) -> tuple[Verification, tuple[WindowState, ...]]:
    """Check a key of the caller's client and count its use; return the answer and what is left of all windows.

    `cost` is what a use takes of the quota; in windows each counts once. Raises RateLimited where the client's own
    window for this call is full, and what authenticate() raises for a caller whose key has just been ended.
    """
    digest = crypto.digest(key) if crypto.kind_of(key) in _VERIFIABLE else None
    target = None if digest is None else records.find(digest, beside=actor.found)
    try:
        outcome, code = _count(actor, target, frozenset(scopes))
    except Outdated as outdated:
        actor = _still_allowed(reread(actor, outdated.ticket))
        target = None if digest is None else records.find_anew_beside(digest, actor.found)
        outcome, code = _count(actor, target, frozenset(scopes))
    own = len(actor.found.record.verify_windows)
    if outcome.wait > 0:
        code, outcome = RATE_LIMITED, _refused(actor, code, outcome)
    note_call(actor.found.record)
    use(actor)
    return _answer(actor, target, code, outcome.states[own:], cost), outcome.states


def _refused(actor: KeyHolder, code: str | None, outcome: Counted) -> Counted:
    """Count the check of a key whose own windows are full in the caller's; return what is left of all of them.

    Raises RateLimited where the caller's window is full.
    """
    key, own = actor.found.record.key, actor.found.record.verify_windows
    of_caller = windows.count(own) if code is None else outcome
    if of_caller.wait <= 0:
        return Counted(outcome.wait, of_caller.states + outcome.states[len(own) :])
    series.note(key.client_id, key.key_id, refusals=1)
    series.note(key.client_id, None, refusals=1)
    raise errors.RateLimited(retry_after=of_caller.wait, states=of_caller.states[: len(own)])


def _still_allowed(actor: KeyHolder) -> KeyHolder:
    """Refuse a caller that the front door let in by a scope it has lost since."""
    if isinstance(actor, ApiKeyHolder) and rights.VERIFY not in actor.scopes:
        raise errors.InsufficientScope().of(Named(actor.client_id, user_id=actor.owner, key_id=actor.key))
    return actor


def _count(actor: KeyHolder, target: Found | None, scopes: frozenset[str]) -> tuple[Counted, str | None]:
    """Count the call where the key is good as far as is known; return the outcome and why it is not."""
    code = _refusal(actor, target, scopes)
    counted: tuple[Window, ...] = actor.found.record.verify_windows
    if code is None and target is not None:
        counted += target.record.key_windows
    return windows.count(counted, known=_to_prove(actor.found, target)), code


def _to_prove(caller: Found, target: Found | None) -> Remembered | JustRead | None:
    """Return what the trip has to prove or may keep; raises Outdated where two memories contradict each other."""
    if target is None or target.record.key.client_id != caller.record.key.client_id:
        return caller.known
    remembered = [found.known for found in (caller, target) if isinstance(found.known, Remembered)]
    if len(remembered) == 2 and remembered[0] != remembered[1]:
        raise Outdated()
    return remembered[0] if remembered else caller.known or target.known


def _refusal(actor: KeyHolder, target: Found | None, scopes: frozenset[str]) -> str | None:
    record = target.record if target else None
    if record is None or record.key.client_id != actor.client_id:
        return NOT_FOUND
    if record.is_revoked or record.owner_lacks_factor:
        return REVOKED
    if record.is_expired:
        return EXPIRED
    if not record.admits_address(actor.origin.ip_address):
        return FORBIDDEN_IP
    return None if scopes <= record.scopes else INSUFFICIENT_SCOPE


def _answer(
    actor: KeyHolder, target: Found | None, code: str | None, states: tuple[WindowState, ...], cost: int
) -> Verification:
    client_id = actor.found.record.key.client_id
    if target is None or code == NOT_FOUND:
        metrics.key_validated(NOT_FOUND, _AT)
        return Verification(False, NOT_FOUND, client_id)
    record, remaining = target.record, None
    if code is None:
        spent = quota.use(record.key, cost)
        code, remaining = (None if spent.accepted else QUOTA_EXCEEDED), spent.remaining
    if code is None:
        series.note(client_id, record.key.key_id, requests=1)
    elif code in (RATE_LIMITED, QUOTA_EXCEEDED):
        series.note(client_id, record.key.key_id, refusals=1)
        metrics.limit_exceeded(_ROUTE, code)
    metrics.key_validated(code or "valid", _AT)
    return Verification(
        valid=code is None,
        code=code,
        client_id=client_id,
        key_id=record.key.key_id,
        user_id=record.key.user_id,
        scopes=tuple(sorted(record.scopes)),
        remaining=remaining,
        rate_limit=states,
        expires_at=record.key.expires_at,
    )
