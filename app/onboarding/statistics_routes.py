"""A client's statistics."""

from uuid import UUID

from app.onboarding import statistics
from app.onboarding.statistics import Statistics
from app.onboarding.statistics_schemas import StatisticsView
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import admin, client_key, guard, operator, path_client

bp = Blueprint("statistics", __name__, url_prefix=CLIENT, description="What happens at a client.")


@bp.route("/stats")
@guard(client_key("audit:read"), admin("audit:read"), operator)
@bp.response(200, StatisticsView)
def show_statistics(client_id: UUID | None) -> Statistics:
    """Read sign-ups, logins, failures, active users and calls of the last 30 days, users by role, keys and limits."""
    return statistics.of_client(path_client(client_id))
