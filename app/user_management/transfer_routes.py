"""`/users/import` and `/users/export`: all users at once, in and out."""

import contextlib
from collections.abc import Generator, Iterator
from typing import Any
from uuid import UUID

from flask import Response

from app.clients.models import Client
from app.core.actors import Actor
from app.core.errors import ValidationFailed
from app.user_management import import_files, import_reports, import_rows, imports
from app.user_management.import_errors import ImportInProgress
from app.user_management.import_models import FORMS, Batch, Summary
from app.user_management.import_schemas import ExportQuery, ImportQuery
from app.users import bulk
from app.users.schemas import UserView
from app.web import exports, places, uploads
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import admin, client_key, guard, path_client
from app.web.uploads import Upload

bp = Blueprint("transfer", __name__, url_prefix=CLIENT, description="A client's users, all at once.")
Reports = Generator[Batch | Summary]


@bp.route("/users/import", methods=["POST"])
@guard(client_key("users:write"), admin("users:write"))
@bp.raises(ImportInProgress, ValidationFailed)
@bp.arguments(ImportQuery, location="query")
@bp.response(200, {"type": "string"}, content_type="application/x-ndjson")
@uploads.takes_file(*FORMS)
def import_users(query: dict[str, Any], actor: Actor) -> Response:
    """Import users from NDJSON or CSV with the password hashes of another system; reports on each row that fails.

    Rows take email, password_hash, email_verified, full_name, username, avatar_url, role, status, custom_fields and
    created_at. In CSV the first row names the columns, custom_fields is JSON in quotes, and an empty cell is nothing.
    Hashes are those of bcrypt, argon2, scrypt and PBKDF2, as PHC strings, as Django and passlib write them, or as
    Keycloak's credential, an object; docs/moving-in.md has an example of each.

    The answer is NDJSON: for each 500 rows a line for every one that made no user, and one of progress; at the end the
    summary. A row whose e-mail a user has is passed over and changes nothing. The same file sent again after an
    interruption goes on where it stopped. One that went in without a bad row answers with its summary for a day.
    """
    with contextlib.ExitStack() as held:
        upload = held.enter_context(uploads.received(tuple(FORMS)))
        reports = _reports(actor, path_client(actor.client_id), upload, dry_run=query["dry_run"] == "true")
        return places.streamed(_lines(reports), "application/x-ndjson", held.pop_all())


@bp.route("/users/export")
@guard(client_key("users:read"), admin("users:read"))
@bp.arguments(ExportQuery, location="query")
@bp.response(200, {"type": "string"}, content_type="application/x-ndjson")
@bp.doc(responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}})
def export_users(query: dict[str, Any], actor: Actor) -> Response:
    """Stream all users as NDJSON or CSV, the oldest first; never a password's hash."""
    people = bulk.every(path_client(actor.client_id))
    return exports.streamed(people, UserView(), form=query["format"], name="users")


def _reports(actor: Actor, client_id: UUID, upload: Upload, *, dry_run: bool) -> Reports:
    client, form = imports.client_of(client_id), FORMS[upload.media]
    _rows(client, upload, form)  # a CSV without a header is refused before anything is begun
    if dry_run:
        return imports.rehearse(actor, client_id, _rows(client, upload, form))
    run = imports.begin(client_id, digest=upload.digest, form=form)
    return imports.carry_out(actor, run, _rows(client, upload, form, skip=run.counts.total))


def _rows(client: Client, upload: Upload, form: str, *, skip: int = 0) -> Iterator[Any]:
    upload.file.seek(0)
    records = import_files.records(upload.file, form, known=import_rows.KNOWN, skip=skip)
    return import_rows.checked(records, client)


def _lines(reports: Reports) -> Iterator[str]:
    """Yield reports as text; where the caller hangs up, the import is told at once, while the database is there."""
    with contextlib.closing(reports):
        for report in reports:
            yield import_reports.lines_of(report)
