"""A client's isolation report."""

from uuid import UUID

from app.core.errors import NotFound
from app.isolation import service
from app.isolation.models import Report
from app.isolation.schemas import IsolationReportView
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import admin, client_key, guard, operator, path_client

bp = Blueprint("isolation", __name__, url_prefix=CLIENT, description="The proof that no client reaches another's data.")


@bp.route("/isolation-report")
@guard(client_key(), admin(), operator)
@bp.raises(NotFound)
@bp.response(200, IsolationReportView)
def show_isolation_report(client_id: UUID | None) -> Report:
    """Read the latest signed proof that this client's data is reachable by no one else.

    What was tried of every route is the installation's of the day; the client's own tables are looked at for this
    answer, at most every five minutes. 404 `not_found` within the first minutes of a new installation.
    """
    return service.latest(path_client(client_id))
