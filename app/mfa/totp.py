"""Authenticator apps: six digits of HMAC-SHA1 over a shared seed, new every 30 seconds (RFC 6238).

The seed lies sealed, bound to its client and user, and is told once. A step is good once, and none before it any more;
one step of drift is allowed to either side (RFC 6238, 5.2).
"""

import bisect
import hmac
import io
import itertools
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

import pyotp
import segno

from app.core import clock, crypto, db, resealing
from app.mfa import store
from app.mfa.models import Enrolment

_LABEL = "totp seed"
_PERIOD = 30
_DRIFT = 1
_BATCH = 500
_LONGEST_ISSUER, _LONGEST_ACCOUNT = 360, 762
"""Bytes in the link, where a character takes one to twelve: 120 characters of ASCII and 254, whatever they are.

With them it has less than 1,600, which a camera still reads off a screen; 2,953 are the most that fit any QR code.
"""


def new_seed(*, issuer: str, account: str) -> Enrolment:
    """Return a seed of 160 bits (RFC 4226, 4) with the link and the QR code that bring it into an app.

    The app shows both names beside the codes and needs neither, so what is too long is cut.
    """
    secret = pyotp.random_base32(32)
    address = pyotp.TOTP(secret).provisioning_uri(
        name=_cut(account, _LONGEST_ACCOUNT), issuer_name=_cut(issuer, _LONGEST_ISSUER)
    )
    picture = io.BytesIO()
    segno.make(address, error="l", micro=False).save(
        picture,
        kind="svg",
        scale=4,
        xmldecl=False,
        light="#fff",
        omitsize=False,
        title="QR code for an authenticator app",
    )
    return Enrolment(secret, address, picture.getvalue().decode())


def begin(client_id: UUID, user_id: UUID, secret: str) -> None:
    """Keep a new seed, not in use until confirm(), in the unit of work in force."""
    store.set_pending(client_id, user_id, sealed(client_id, user_id, secret.encode()))


def confirm(client_id: UUID, user_id: UUID, code: str) -> bool:
    """Put the new seed into use if the code is of it; the code is used by this."""
    row = store.find(client_id, user_id)
    if row is None or row.pending_seed is None:
        return False
    step = _step_of(client_id, user_id, bytes(row.pending_seed), code)
    if step is None:
        return False
    return store.confirm(client_id, user_id, pending=row.pending_seed, step=step, now=clock.now())


def use(client_id: UUID, user_id: UUID, code: str) -> bool:
    """Use a code of the user's app up; False for a wrong one, and for one whose step was used."""
    row = store.find(client_id, user_id)
    if row is None or row.seed is None:
        return False
    step = _step_of(client_id, user_id, bytes(row.seed), code)
    return step is not None and store.use_step(client_id, user_id, seed=row.seed, step=step)


def sealed(client_id: UUID, user_id: UUID, seed: bytes) -> bytes:
    """Return a seed as it is kept for a user."""
    return crypto.seal(_LABEL, seed, bound_to=_owner(client_id, user_id))


def opened(client_id: UUID, user_id: UUID, seed: bytes) -> bytes:
    """Return a seed that is kept for a user in the clear; raises WrongKey."""
    return crypto.unseal(_LABEL, seed, bound_to=_owner(client_id, user_id))


def reseal() -> Iterator[int]:
    """Seal under SECRET_KEY the seeds that only a fallback opens; yield each batch's number. Raises WrongKey."""
    return resealing.in_batches(
        lambda last: store.seeds_after(last, limit=_BATCH, held=True),
        key_of=lambda row: (row.client_id, row.user_id),
        renew=_resealed,
        replace=store.replace_seeds,
    )


def _cut(text: str, most: int) -> str:
    """Return as many whole characters of a text as take no more than `most` bytes in a link."""
    taken = list(itertools.accumulate(len(quote(character, safe="")) for character in text))
    return text[: bisect.bisect_right(taken, most)].strip()


def _step_of(client_id: UUID, user_id: UUID, seed: bytes, code: str) -> int | None:
    """Return the newest step within the drift that a code is of; all are compared, each in constant time."""
    app = pyotp.TOTP(opened(client_id, user_id, seed).decode(), interval=_PERIOD)
    now = int(clock.now().timestamp()) // _PERIOD
    steps = range(now - _DRIFT, now + _DRIFT + 1)
    matching = [step for step in steps if hmac.compare_digest(app.generate_otp(step), code)]
    return max(matching, default=None)


def _resealed(row: db.AnyRow) -> tuple[bytes | None, bytes | None] | None:
    before = [None if sealed is None else bytes(sealed) for sealed in (row.seed, row.pending_seed)]
    owner = _owner(row.client_id, row.user_id)
    fresh = [None if sealed is None else crypto.resealed(_LABEL, sealed, bound_to=owner) for sealed in before]
    if fresh == [None, None]:
        return None
    return fresh[0] or before[0], fresh[1] or before[1]


def _owner(client_id: UUID, user_id: UUID) -> str:
    return f"{client_id}/{user_id}"
