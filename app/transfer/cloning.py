"""Copies a client: the same people, roles and settings under another id, with keys of its own."""

import tempfile
from uuid import UUID

from app.audit import service as audit
from app.core import clock, db, isolation
from app.core.actors import Actor
from app.core.ids import new_id
from app.core.settings import settings
from app.transfer import bundles, importing, loading
from app.transfer.exporting import EXPORTED
from app.transfer.importing import Imported
from app.transfer.models import Progress, nobody

CLONED = "client.clone"
LEFT_OUT = frozenset({"keys", "rate_limit_usage", "audit_logs"})
"""Keys are the original's alone, and so is what happened to it."""


def clone(
    actor: Actor, client_id: UUID, *, slug: str | None = None, name: str | None = None, progress: Progress = nobody
) -> Imported:
    """Make a copy of a client as it is at this moment; without a slug, one is made of the name.

    It goes through a bundle in a file that has no name, in the instance folder. Raises what an import does.
    """
    with tempfile.TemporaryFile(dir=settings().instance_path) as file:
        summary = bundles.write_bundle(client_id, file)
        with bundles.open_bundle(file) as bundle:
            values, now = loading.client_values(bundle), clock.now()
            values |= {"client_name": name or _named(values["client_name"]), "version": 1, "limits_epoch": 0}
            copied = importing.bring_in(
                actor,
                bundle,
                client_id=new_id(),
                values=values | {"created_at": now},
                slug=slug,
                action=CLONED,
                detail={"from_client_id": str(client_id), "bundle_sha256": summary.digest},
                leave_out=LEFT_OUT,
                progress=progress,
            )
    with isolation.within(client_id), db.unit_of_work():
        detail = {"cloned_as": str(copied.client_id), "bundle_sha256": summary.digest, "rows": dict(summary.counts)}
        audit.record(actor, EXPORTED, client_id=client_id, detail=detail)
    return copied


def _named(name: str) -> str:
    return f"{name[:113]} (copy)"
