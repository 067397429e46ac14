"""Brings a client in from a bundle, whole or not at all."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.clients.errors import SlugTaken
from app.clients.models import Client
from app.core import clock, db, isolation
from app.core.actors import Actor
from app.core.ids import new_id
from app.core.isolation import Crossing
from app.core.settings import settings
from app.erasure import service as erasure
from app.keys import service as keys
from app.keys.models import ACCESS
from app.limits import tiers
from app.sessions import signing
from app.transfer import loading
from app.transfer.errors import BundleRefused
from app.transfer.models import Loaded, Progress, nobody
from app.transfer.opened_bundles import Bundle
from app.transfer.row_forms import Values
from app.users import service as users

IMPORTED = "client.import"
_VERSIONS_SINCE = datetime(2020, 1, 1, tzinfo=UTC)
_SLUG_TAKEN = "Another client has the slug {slug}, or nobody may have it: name a free one by --slug."


@dataclass(frozen=True, slots=True)
class Imported:
    """A client that came in; `access_key`, shown this once, is there where no living one came along."""

    client_id: UUID
    client_name: str
    slug: str
    status: str
    tier: str
    counts: dict[str, int]
    keys_left_out: int
    access_key: str | None
    bundle_sha256: str
    source: str
    notes: tuple[str, ...]


def import_bundle(
    actor: Actor, bundle: Bundle, *, slug: str | None = None, same_id: bool = False, progress: Progress = nobody
) -> Imported:
    """Make a client of an open bundle: its users keep their ids, and it gets an id and a signing key of its own.

    `same_id` gives it back the id it had; only for a bundle that this platform signed, of a client erased here.
    Raises BundleRefused.
    """
    header, values = bundle.header, loading.client_values(bundle)
    if same_id and not bundle.own:
        raise BundleRefused("Only a bundle that this installation has signed brings a client back under its id.")
    detail = {
        "bundle_id": str(header.bundle_id),
        "bundle_sha256": bundle.summary.digest,
        "source": header.source,
        "signed_by": bundle.signer,
        "from_client_id": str(header.client_id),
        "exported_at": clock.rfc3339(header.created_at),
    }
    return bring_in(
        actor,
        bundle,
        client_id=header.client_id if same_id else new_id(),
        values=values,
        slug=slug or values["slug"],
        action=IMPORTED,
        detail=detail,
        progress=progress,
    )


def bring_in(
    actor: Actor,
    bundle: Bundle,
    *,
    client_id: UUID,
    values: Values,
    slug: str | None,
    action: str,
    detail: dict[str, Any],
    leave_out: frozenset[str] = frozenset(),
    progress: Progress = nobody,
) -> Imported:
    """Make a client of an open bundle in one transaction, with the audit row `action`; raises BundleRefused.

    Its own row comes last: until then its slug is held up for nobody, and nobody sees the client.
    """
    pair = signing.new_pair(client_id)
    with isolation.across(Crossing.TRANSFER), db.unit_of_work():
        _check_free(client_id, bundle, slug)
        comes_back = client_id == bundle.header.client_id
        living = erasure.revive(client_id) if comes_back else None
        version = users.create_table(client_id)
        loaded = loading.load_rows(bundle, client_id, leave_out=leave_out, living=living, progress=progress)
        row, notes = _row(client_id, values, users_schema_version=version)
        client = _added(row, slug)
        signing.add(pair)
        issued = None if loaded.has_access_key else keys.issue(client_id, kind=ACCESS, name="Access key")
        told = detail | {"rows": dict(loaded.counts), "keys_left_out": loaded.keys_left_out}
        audit.record(actor, action, client_id=client_id, key_id=issued.key_id if issued else None, detail=told)
        clients.touch(client_id)
    notes += _of_return(bundle, loaded) if comes_back else ()
    return _imported(client, loaded, bundle, issued.secret if issued else None, notes)


def _check_free(client_id: UUID, bundle: Bundle, slug: str | None) -> None:
    """Raise BundleRefused where the client's id or slug cannot be given, before many rows are written in vain."""
    if client_id == bundle.header.client_id:
        if clients.find(client_id) is not None:
            raise BundleRefused("The client is still here: --same-id brings back one that was erased.")
        if not erasure.erased(client_id):
            raise BundleRefused("No client of this id was erased here: import it without --same-id.")
    if slug is not None and clients.find_by_slug(slug) is not None:
        raise BundleRefused(_SLUG_TAKEN.format(slug=slug))


def _row(client_id: UUID, values: Values, *, users_schema_version: int) -> tuple[Values, tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    tier = values["tier"]
    if tier not in tiers.names():
        notes = (f"There is no tier {tier} here: the client has {settings().default_tier}.",)
        tier = settings().default_tier
    # Processes remember keys by id and version of a client: of one that comes back, none may be known.
    version = max(values["version"] + 1, int((clock.now() - _VERSIONS_SINCE).total_seconds()))
    fresh = {"client_id": client_id, "tier": tier, "version": version, "users_schema_version": users_schema_version}
    return {**values, **fresh, "updated_at": clock.now()}, notes


def _of_return(bundle: Bundle, loaded: Loaded) -> tuple[str, ...]:
    """Return what to know of a client that was erased later than its bundle was written."""
    written = clock.rfc3339(bundle.header.created_at)
    users = f"Users are as they were at {written}: those disabled or deleted between then and the erasure are back."
    if not loaded.keys_ended:
        return (users,)
    return users, f"Keys revoked, deleted or cut short in between stay so: {loaded.keys_ended}."


def _added(row: Values, slug: str | None) -> Client:
    try:
        return clients.bring_in(row, slug=slug)
    except SlugTaken as taken:
        raise BundleRefused(_SLUG_TAKEN.format(slug=slug)) from taken


def _imported(
    client: Client, loaded: Loaded, bundle: Bundle, access_key: str | None, notes: tuple[str, ...]
) -> Imported:
    return Imported(
        client_id=client.client_id,
        client_name=client.client_name,
        slug=client.slug,
        status=client.status,
        tier=client.tier,
        counts=dict(loaded.counts),
        keys_left_out=loaded.keys_left_out,
        access_key=access_key,
        bundle_sha256=bundle.summary.digest,
        source=bundle.header.source,
        notes=notes,
    )
