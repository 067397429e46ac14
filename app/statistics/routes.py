"""`/stats` and `/storage` of a client, and `/admin/stats` of all of them."""

from uuid import UUID

from app.statistics import service
from app.statistics.models import AllClients, Statistics, Storage
from app.statistics.schemas import InstallationView, StatisticsView, StorageView
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import admin, client_key, guard, operator, path_client

bp = Blueprint("statistics", __name__, url_prefix=CLIENT, description="What happens at a client.")
admin_bp = Blueprint("all_statistics", __name__, url_prefix="/api/v1/admin", description="What happens at all clients.")


@bp.route("/stats")
@guard(client_key("audit:read"), admin("audit:read"), operator)
@bp.response(200, StatisticsView)
def show_statistics(client_id: UUID | None) -> Statistics:
    """Read sign-ups, logins, failures, active users and calls of the last 30 days, users by role, keys and limits."""
    return service.of_client(path_client(client_id))


@bp.route("/storage")
@guard(client_key("storage:read"), admin("storage:read"), operator)
@bp.response(200, StorageView)
def show_storage(client_id: UUID | None) -> Storage:
    """Read how many rows a client has of each kind, and how many bytes they take.

    The size of the users table is the database's own word; the others share tables with other clients, so theirs is
    the number of rows times the mean width of such rows.
    """
    return service.storage_of(path_client(client_id))


@admin_bp.route("/stats")
@guard(operator)
@admin_bp.response(200, InstallationView)
def show_all_statistics() -> AllClients:
    """Read the totals of all clients: how many there are, their users, sessions, keys and room, and the last 30 days.

    What an erased client had counts no more, in the days before its end neither.
    """
    return service.of_all()
