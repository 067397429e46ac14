"""What is left after a server was killed: counted in the database itself, through the API and by `flask doctor`."""

import http.client
from dataclasses import dataclass
from uuid import UUID

from bench import serving
from tests import database, servers


@dataclass(frozen=True)
class Survivors:
    """The state of a database after the last kill."""

    clients: int
    users_tables: int
    access_keys: int
    signing_keys: int
    audit_rows: int
    orphan_tables: int
    halves: int
    acknowledged: int
    lost: int
    unanswered: int
    unanswered_committed: int
    doctor_status: int
    doctor_text: str

    @property
    def whole(self) -> bool:
        """Whether everything acknowledged is there, and nothing is there by half."""
        counts = {self.clients, self.users_tables, self.access_keys, self.signing_keys}
        return len(counts) == 1 and not (self.orphan_tables or self.halves or self.lost or self.doctor_status)

    def figures(self, kills: int, refused: int, seconds: float) -> dict[str, str]:
        """Return the figures as rows of a table."""
        return {
            "kills": str(kills),
            "registrations acknowledged (201)": str(self.acknowledged),
            "  of these lost": str(self.lost),
            "cut off without an answer": str(self.unanswered),
            "  of these committed, whole": str(self.unanswered_committed),
            "other answers": str(refused),
            "clients (the platform's included)": str(self.clients),
            "users_ tables": str(self.users_tables),
            "access keys": str(self.access_keys),
            "signing keys": str(self.signing_keys),
            "registration rows in the audit log": str(self.audit_rows),
            "tables without a client": str(self.orphan_tables),
            "clients without table, key or audit row": str(self.halves),
            "flask doctor, exit status": str(self.doctor_status),
            "seconds": f"{seconds:.0f}",
            "outcome": "whole" if self.whole else "BROKEN",
        }


def count(url: str, environment: dict[str, str], acknowledged: dict[str, str], unanswered: list[str]) -> Survivors:
    """Look at everything; `acknowledged` is client id to access key, `unanswered` the names that got no answer."""
    clients = {UUID(str(row["client_id"])) for row in database.rows(url, "SELECT client_id FROM clients")}
    names = {row["client_name"] for row in database.rows(url, "SELECT client_name FROM clients")}
    tables = {UUID(hex=name.removeprefix("users_")) for name in database.users_tables(url)}
    with_access_key = _clients_of(url, "SELECT client_id FROM keys WHERE kind = 'access'")
    with_signing_key = _clients_of(url, "SELECT client_id FROM signing_keys")
    registered = _clients_of(url, "SELECT client_id FROM audit_logs WHERE action = 'client.register'")
    platform = _clients_of(url, "SELECT client_id FROM clients WHERE slug = 'platform'")
    rows_each = [set(with_access_key), set(with_signing_key), tables, set(registered) | set(platform)]
    doctor = servers.flask("doctor", environment=environment)
    return Survivors(
        clients=len(clients),
        users_tables=len(tables),
        access_keys=len(with_access_key),
        signing_keys=len(with_signing_key),
        audit_rows=len(registered),
        orphan_tables=len(tables - clients),
        halves=sum(1 for client in clients if not all(client in those for those in rows_each)),
        acknowledged=len(acknowledged),
        lost=_lost(environment, acknowledged),
        unanswered=len(unanswered),
        unanswered_committed=len(names.intersection(unanswered)),
        doctor_status=doctor.returncode,
        doctor_text=doctor.stdout + doctor.stderr,
    )


def _clients_of(url: str, query: str) -> list[UUID]:
    return [UUID(str(row["client_id"])) for row in database.rows(url, query)]


def _lost(environment: dict[str, str], acknowledged: dict[str, str]) -> int:
    """Return how many acknowledged clients do not answer to their access key."""
    with serving.gunicorn("wsgi:app", environment) as served:
        connection = http.client.HTTPConnection(*served.address, timeout=30)
        statuses = []
        for client_id, access_key in acknowledged.items():
            connection.request("GET", f"/api/v1/clients/{client_id}", headers={"Authorization": f"Bearer {access_key}"})
            answer = connection.getresponse()
            statuses.append(answer.status if client_id in answer.read().decode() else 0)
        connection.close()
    return sum(1 for status in statuses if status != 200)
