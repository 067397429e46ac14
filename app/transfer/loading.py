"""Puts the rows of a bundle under a client, in one unit of work.

Why one transaction, however many rows: a kill at any moment leaves nothing, without anybody to tidy up, and nobody
sees half a client. On PostgreSQL it holds no lock that another client could meet: the rows are new, the table is the
client's own, and each batch is a statement far below statement_timeout. On SQLite others' writes wait meanwhile (their
reads do not), about a second for each 10,000 users; docs/bundle-format.md says so.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import clock, crypto
from app.core.ids import new_id
from app.keys.models import ACCESS
from app.mfa import totp
from app.transfer import store
from app.transfer.bundles import SEEDS, Bundle
from app.transfer.errors import BundleRefused
from app.transfer.models import IN_CLEAR, Loaded, Progress, nobody
from app.transfer.row_forms import Values
from app.transfer.store import NAMED, Part

BATCH = 500
_NEW_IDS = {"audit_logs": "audit_id", "passkeys": "passkey_id"}
"""Ids that stand for nothing outside: where rows of another client have them, these get others."""
Living = Mapping[UUID, datetime | None]
_FOREIGN_SEEDS = (
    "The authenticator apps of its users are sealed with the SECRET_KEY of the installation that wrote it, which is not"
    " this one's. Export it there with --passphrase-file; such a bundle opens everywhere."
)


def load_rows(
    bundle: Bundle,
    client_id: UUID,
    *,
    leave_out: frozenset[str] = frozenset(),
    living: Living | None = None,
    progress: Progress = nobody,
) -> Loaded:
    """Write all rows of a bundle but that of `clients` under a client, in the unit of work in force.

    The client has an empty users table, and no row in the tables of the bundle. `leave_out` names tables. Keys whose
    id or digest another key has are left out and counted. `living` are the keys that were not revoked when the client
    was erased, and when each ends: no other key of the bundle works again, and none for longer. Raises BundleRefused:
    let the unit roll back then.
    """
    loading = _Loading(bundle, client_id, living)
    for part, rows in _batches(bundle, leave_out):
        loading.add(part, rows)
        progress(part.name, len(rows))
    if loading.counts["keys"]:
        store.cut_foreign_ties(client_id)
    found = Loaded(dict(loading.counts), loading.keys_left_out, loading.keys_ended, loading.has_access_key)
    _compare(bundle, found, leave_out)
    return found


def client_values(bundle: Bundle) -> Values:
    """Return the row of `clients`, without its id."""
    for table, values in bundle.rows():
        if table == store.CLIENT.name:
            return values
        break
    raise BundleRefused("The bundle names no client.")


@dataclass(slots=True)
class _Loading:
    """What has become of the rows so far."""

    bundle: Bundle
    client_id: UUID
    living: Living | None
    now: datetime = field(default_factory=clock.now)
    counts: Counter[str] = field(default_factory=Counter)
    keys_left_out: int = 0
    keys_ended: int = 0
    has_access_key: bool = False

    def add(self, part: Part, rows: list[Values]) -> None:
        own = [self._tied(part, row) for row in rows]
        taken = store.add(part, self.client_id, own)
        if taken and part.name in _NEW_IDS:
            taken = store.add(part, self.client_id, [row | {_NEW_IDS[part.name]: new_id()} for row in taken])
        if taken and part.name != "keys":
            raise BundleRefused(f"Two rows of {part.name} in the bundle cannot both be.")
        if part.name == "keys":
            left_out = {row["key_id"] for row in taken}
            self.keys_left_out += len(left_out)
            self.has_access_key |= any(self._opens(row) for row in own if row["key_id"] not in left_out)
        self.counts[part.name] += len(rows) - len(taken)

    def _opens(self, key: Values) -> bool:
        alive = key["expires_at"] is None or key["expires_at"] > self.now
        return key["kind"] == ACCESS and key["revoked_at"] is None and alive

    def _tied(self, part: Part, row: Values) -> Values:
        """Return a row as it is for this client and the keys of this installation."""
        if part.name == "keys" and self.living is not None:
            return self._ended(row, self.living)
        if part.name == "passkeys" and self.client_id != self.bundle.header.client_id:
            return row | {"passkey_id": new_id()}  # the original may want its own back, which it has lost meanwhile
        if part.name == "totp_factors":
            return row | {name: self._seed(row, name) for name in ("seed", "pending_seed")}
        if part.name == "recovery_codes":
            return row | {"made_for": None if row["made_for"] == self.client_id else row["made_for"]}
        if part.name == "audit_logs" and row["summed_up_as"]:
            return row | {"summed_up_as": f"{self.client_id}:{row['summed_up_as']}"}
        return row

    def _ended(self, key: Values, living: Living) -> Values:
        """Return a key with the end that it had when its client was erased: it may have ended because it leaked."""
        key_id, ends = key["key_id"], key["expires_at"]
        if key["revoked_at"] is not None:
            return key
        if key_id not in living:
            self.keys_ended += 1
            return key | {"revoked_at": self.now}
        sooner = living[key_id]
        if sooner is None or (ends is not None and ends <= sooner):
            return key
        self.keys_ended += 1
        return key | {"expires_at": sooner}

    def _seed(self, row: Values, name: str) -> bytes | None:
        if row[name] is None:
            return None
        header, plain = self.bundle.header, row[name]
        if header.seeds != IN_CLEAR:
            try:
                plain = crypto.unseal(SEEDS, plain, bound_to=str(header.bundle_id))
            except (crypto.WrongKey, ValueError) as wrong:
                raise BundleRefused(_FOREIGN_SEEDS) from wrong
        return totp.sealed(self.client_id, row["user_id"], plain)


def _batches(bundle: Bundle, leave_out: frozenset[str]) -> Iterator[tuple[Part, list[Values]]]:
    """Yield rows of one table at a time; the tables come in the order of a bundle, each once."""
    order, at, waiting = [part.name for part in store.PARTS], 0, list[Any]()
    clients = 0
    for table, values in bundle.rows():
        if table == store.CLIENT.name:
            clients += 1
            if clients > 1:
                raise BundleRefused("The bundle names more than one client.")
            continue
        if order.index(table) < at:
            raise BundleRefused("The rows of the bundle are in disorder.")
        if waiting and (order.index(table) != at or len(waiting) == BATCH):
            yield NAMED[order[at]], waiting
            waiting = []
        at = order.index(table)
        if table not in leave_out:
            waiting.append(values)
    if waiting:
        yield NAMED[order[at]], waiting


def _compare(bundle: Bundle, loaded: Loaded, leave_out: frozenset[str]) -> None:
    """Raise BundleRefused unless as many rows went in as the bundle says."""
    for name, number in bundle.summary.counts.items():
        if name == store.CLIENT.name or name in leave_out:
            continue
        missing = loaded.keys_left_out if name == "keys" else 0
        if loaded.counts.get(name, 0) + missing != number:
            raise BundleRefused(f"Of {name} the bundle has {number} rows, and fewer went in.")
