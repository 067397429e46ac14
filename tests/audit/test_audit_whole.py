"""LOG-03: a change and its audit row are kept together or not at all."""

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests import database, servers
from tests.audit.failing import refused
from tests.factories import PASSWORD, Person, Tenant, bearer, fresh_email, register
from tests.flows.observing import rows_of

AGENT = "refuse-me"
CALLERS = 6
Call = Callable[[Tenant, Person], httpx.Response]


def named(answer: Callable[..., httpx.Response], *what: str, **options: object) -> httpx.Response:
    """Make a call with the user agent whose rows are refused."""
    return answer(*what, headers={"User-Agent": AGENT}, **options)


CHANGES: dict[str, Call] = {
    "sign-up": lambda t, p: named(t.call, "POST", "/signup", json={"email": fresh_email(), "password": PASSWORD}),
    "login": lambda t, p: named(t.call, "POST", "/login", json={"email": p.email, "password": PASSWORD}),
    "wrong login": lambda t, p: named(t.call, "POST", "/login", json={"email": p.email, "password": "wrong one"}),
    "refresh": lambda t, p: named(t.call, "POST", "/refresh", json={"refresh_token": p.refresh_token}),
    "logout": lambda t, p: named(p.call, "POST", "/logout"),
    "profile": lambda t, p: named(p.call, "PATCH", "/me", json={"full_name": "Changed"}),
    "reauthentication": lambda t, p: named(p.call, "POST", "/me/reauth", json={"password": PASSWORD}),
    "password": lambda t, p: named(
        p.call, "POST", "/me/password", json={"current_password": PASSWORD, "new_password": "another sentence"}
    ),
    "deletion": lambda t, p: named(p.call, "DELETE", "/me"),
    "client": lambda t, p: t.api.patch(
        f"/api/v1/clients/{t.client_id}",
        json={"industry": "Steel"},
        headers=bearer(t.access_key) | {"User-Agent": AGENT},
    ),
    "access key": lambda t, p: named(t.call, "POST", "/access-key/rotate", json={}),
}


@pytest.fixture
def person(tenant: Tenant) -> Person:
    return tenant.sign_up()


@pytest.fixture
def no_audit_row(database_url: str) -> Iterator[None]:
    """No audit row of the named user agent can be written."""
    with refused(database_url, table="audit_logs", moment="INSERT", condition=f"NEW.user_agent = '{AGENT}'"):
        yield


@pytest.mark.usefixtures("no_audit_row")
def test_LOG_03_no_change_is_kept_without_its_audit_row(tenant: Tenant, person: Person, database_url: str) -> None:
    # The attempt at a password counts before it is looked at, in a transaction of its own: that is not the change.
    before = rows_of(database_url, tenant, without=("login_throttles",))
    for name, call in CHANGES.items():
        answer = call(tenant, person)
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error"), name
        assert "canary" not in answer.text
        assert rows_of(database_url, tenant, without=("login_throttles",)) == before, name


@pytest.mark.usefixtures("no_audit_row")
def test_LOG_03_no_client_is_kept_without_its_audit_row(api: httpx.Client, database_url: str) -> None:
    before, slug = database.users_tables(database_url), f"gone-{uuid.uuid4().hex[:8]}"
    body, headers = {"client_name": "Gone", "slug": slug}, {"User-Agent": AGENT, "Idempotency-Key": slug}
    assert api.post("/api/v1/clients/register", json=body, headers=headers).json()["code"] == "internal_error"
    assert database.users_tables(database_url) == before
    assert database.count(database_url, "clients", "slug = :slug", slug=slug) == 0
    later = headers | {"User-Agent": "another"}
    assert api.post("/api/v1/clients/register", json=body, headers=later).status_code == 201


def test_LOG_03_no_audit_row_is_kept_without_its_change(tenant: Tenant, person: Person, database_url: str) -> None:
    stopped = {
        "sign-up": ("sessions", "INSERT", f"NEW.user_agent = '{AGENT}'"),
        "login": ("sessions", "INSERT", f"NEW.user_agent = '{AGENT}'"),
        "refresh": ("tokens", "INSERT", "NEW.seq = 2"),
        "logout": ("sessions", "UPDATE", "NEW.revoked_at IS NOT NULL"),
        "profile": (tenant.table, "UPDATE", "NEW.full_name = 'Changed'"),
        "password": ("sessions", "UPDATE", "1 = 1"),
        "client": ("clients", "UPDATE", "NEW.industry = 'Steel'"),
        "access key": ("keys", "INSERT", "1 = 1"),
    }
    for name, (table, moment, condition) in stopped.items():
        before = rows_of(database_url, tenant, without=("login_throttles",))
        with refused(database_url, table=table, moment=moment, condition=condition):
            answer = CHANGES[name](tenant, person)
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error"), name
        assert rows_of(database_url, tenant, without=("login_throttles",)) == before, name
    for name in ("sign-up", "refresh", "profile", "client"):
        assert CHANGES[name](tenant, person).status_code in (200, 201), name


@pytest.mark.timeout(60)
def test_LOG_03_a_server_killed_in_the_middle_leaves_no_change_without_its_row(
    environment: dict[str, str], tenant: Tenant, database_url: str
) -> None:
    acknowledged: list[str] = []
    with servers.rowlock_server(environment, workers=1, threads=CALLERS) as server:
        for _ in range(2):
            stop = threading.Event()
            callers = [
                threading.Thread(target=_keep_calling, args=(server, tenant, acknowledged, stop)) for _ in range(6)
            ]
            for caller in callers:
                caller.start()
            _wait_for(acknowledged, more=2 * CALLERS)
            server.kill9()
            stop.set()
            for caller in callers:
                caller.join(timeout=20)
            server.start_again()
    assert len(acknowledged) > CALLERS
    _check_whole(database_url, tenant, acknowledged)


def _wait_for(acknowledged: list[str], *, more: int) -> None:
    """Wait until so many sign-ups more are acknowledged: who has made a second one has made every other call."""
    wanted, deadline = len(acknowledged) + more, time.monotonic() + 20
    while len(acknowledged) < wanted and time.monotonic() < deadline:
        time.sleep(0.01)


def _keep_calling(
    server: servers.RunningServer, tenant: Tenant, acknowledged: list[str], stop: threading.Event
) -> None:
    with contextlib.suppress(httpx.TransportError), httpx.Client(base_url=server.base_url, timeout=10) as api:
        mine = Tenant(api, tenant.client_id, tenant.access_key, tenant.slug, tenant.name)
        while not stop.is_set():
            person = mine.sign_up()
            acknowledged.append(person.user_id)
            again = mine.log_in(person.email)
            again.call("POST", "/logout")
            mine.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
            person.call("PATCH", "/me", json={"full_name": "Changed"})


def _check_whole(url: str, tenant: Tenant, acknowledged: list[str]) -> None:
    client = {"client": database.uuid_text(url, tenant.client_id)}

    def events(action: str) -> int:
        where = "client_id = :client AND status = 'success' AND action = :action"
        return database.count(url, "audit_logs", where, action=action, **client)

    def count(table: str, where: str) -> int:
        return database.count(url, table, f"client_id = :client AND {where}", **client)

    users = {str(uuid.UUID(str(row["user_id"]))) for row in database.rows(url, f"SELECT user_id FROM {tenant.table}")}
    assert set(acknowledged) <= users
    assert len(users) == events("signup")
    assert count("sessions", "1 = 1") == events("signup") + events("login")
    assert count("sessions", "revoked_at IS NOT NULL") == events("logout") > 0
    assert count("tokens", "seq > 1") == count("tokens", "spent_at IS NOT NULL") == events("session.refresh") > 0
    assert database.count(url, tenant.table, "full_name = 'Changed'") == events("user.update") > 0


def test_LOG_03_a_failed_registration_leaves_no_row_at_all(api: httpx.Client, database_url: str) -> None:
    taken = register(api).slug
    before = database.count(database_url, "audit_logs")
    for body in ({"client_name": "Twice", "slug": taken}, {"client_name": ""}, {}):
        assert api.post("/api/v1/clients/register", json=body).status_code in (409, 422)
    assert database.count(database_url, "audit_logs") == before
