"""`/export`: a client asks for all it has as one bundle, and fetches it when it is written."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response

from app.core.actors import Actor
from app.core.errors import NotFound
from app.transfer import jobs
from app.transfer.errors import ExportRunning, NotMovable, TooManyExports
from app.transfer.models import PENDING, RUNNING, Job
from app.transfer.schemas import ExportQuery, ExportView, NewExport
from app.web import places
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import access_key, admin, fresh, guard, path_client
from app.web.places import Places

bp = Blueprint("exports", __name__, url_prefix=CLIENT, description="A client as one signed bundle.")
_places = Places("Other bundles are being fetched at this moment.")
_PIECE = 64 * 1024
_MEDIA = "application/octet-stream"


@bp.route("/export", methods=["POST"])
@guard(access_key, fresh(admin()))
@bp.raises(ExportRunning, TooManyExports, NotMovable)
@bp.arguments(NewExport)
@bp.response(202, ExportView)
def begin_export(data: dict[str, Any], actor: Actor) -> Job:
    """Ask for a signed bundle of all that the client has: users with their hashes, keys' hashes, roles, audit log.

    It is written in the background, one at a time for each client. Sessions, tokens and signing keys are not in it.
    """
    return jobs.begin(actor, path_client(actor.client_id), passphrase=data.get("passphrase"))


@bp.route("/export/<uuid:job_id>")
@guard(access_key, fresh(admin()))
@bp.raises(ExportRunning, NotFound)
@bp.arguments(ExportQuery, location="query")
@bp.response(200, ExportView)
@bp.doc(responses={200: {"content": {_MEDIA: {"schema": {"type": "string", "format": "binary"}}}}})
def show_export(query: dict[str, Any], job_id: UUID, actor: Actor) -> Any:
    """Show how far an export is; with `download=true` answer the bundle itself, for a day and until the next one."""
    job = jobs.require(path_client(actor.client_id), job_id)
    if query["download"] == "true":
        return _streamed(actor, job)
    waiting = job.status in (PENDING, RUNNING)
    return job, 200, {"Retry-After": str(jobs.RETRY_SECONDS)} if waiting else {}


def _streamed(actor: Actor, job: Job) -> Response:
    with _places.take() as held:  # whoever reads slowly holds a thread for as long
        file = held.enter_context(jobs.fetched(actor, job))
        answer = places.streamed(iter(partial(file.read, _PIECE), b""), _MEDIA, held.pop_all())
    answer.headers["Content-Length"] = str(job.size)
    answer.headers["Content-Disposition"] = f'attachment; filename="{job.job_id}.rowlock"'
    return answer
