"""Claiming a call and keeping its outcome, inside the unit of work that carries it out."""

import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core import clock, crypto
from app.core.actors import Actor
from app.idempotency import store
from app.idempotency.errors import AlreadyCreated, IdempotencyMismatch, InProgress

KEPT_FOR = timedelta(hours=24)
_PRUNED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class IdempotentCall:
    """One call with an Idempotency-Key: whose, which, and what its body was (as an HMAC: the body holds passwords)."""

    scope: str
    key_digest: bytes
    fingerprints: tuple[bytes, ...]


def of_call(actor: Actor, *, route: str, key: str | None, body: dict[str, Any]) -> IdempotentCall | None:
    """Return the call to claim; None where the caller sent no key."""
    if key is None:
        return None
    scope = f"{actor.client_id or '-'}|{actor.principal}|{route}"
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str).encode()
    key_digest = crypto.digest(f"{scope}|{key}")
    return IdempotentCall(scope, key_digest, crypto.macs("idempotency body", canonical))


def claim(call: IdempotentCall | None) -> None:
    """Claim a call in the unit of work in force; rolled back with it.

    Raises AlreadyCreated with the ids of the first time, InProgress, or IdempotencyMismatch for another body.
    """
    if call is None:
        return
    now = clock.now()
    if not store.try_lock(call.scope, call.key_digest):
        raise InProgress(retry_after=1)
    forgotten = now - KEPT_FOR
    store.forget_older(forgotten, limit=_PRUNED_AT_ONCE)
    if store.claim(call.scope, call.key_digest, call.fingerprints[0], now=now, forgotten=forgotten):
        return
    earlier = store.find(call.scope, call.key_digest)
    if earlier is None or earlier.outcome is None:
        raise InProgress(retry_after=1)
    if not any(hmac.compare_digest(bytes(earlier.fingerprint), own) for own in call.fingerprints):
        raise IdempotencyMismatch()
    raise AlreadyCreated(**earlier.outcome)


def give_up(call: IdempotentCall | None) -> None:
    """Forget the claim of a call that failed but keeps what it wrote, so that it may be tried again."""
    if call is not None:
        store.forget(call.scope, call.key_digest)


def finish(call: IdempotentCall | None, **ids: Any) -> None:
    """Keep the ids that the call made, for its repeats."""
    if call is not None:
        store.finish(call.scope, call.key_digest, {name: str(value) for name, value in ids.items()})
