"""LOG-01 and LOG-02 off the beaten path: addresses with text in them, streams that break off, text in a log line."""

import io
import json
import logging
import secrets
import sys
import uuid
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import text

from app.core import clock, logs
from app.core.settings import changed, settings
from tests import database
from tests.factories import PASSWORD, Tenant, bearer, fresh_email, register
from tests.servers import RunningServer
from tests.web.sinks import HOSTILE

BATCH = 500
"""How many rows an export reads at once."""


@pytest.fixture
def watched(live: httpx.Client) -> Tenant:
    """A client of the real server."""
    return register(live)


def test_LOG_01_text_in_the_zone_of_an_address_is_neither_logged_nor_kept_nor_repeated(
    server: RunningServer, watched: Tenant, database_url: str
) -> None:
    secret = _letters()
    before, named = len(server.log()), {"Rowlock-Client-IP": f"fe80::1%{secret}"}
    body = {"email": fresh_email(), "password": PASSWORD}
    answers = [watched.call("POST", path, json=body, headers=named) for path in ("/signup", "/login")]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "invalid_request")] * 2
    for sink in (server.log()[before:], database.dump(database_url), *(answer.text for answer in answers)):
        assert [piece for piece in _slices(secret) if piece in sink] == []


def test_LOG_01_nor_is_it_kept_where_a_proxy_names_the_address(tenant: Tenant) -> None:
    secret = _letters()
    body = {"email": fresh_email(), "password": PASSWORD}
    with changed(trusted_proxies=(ip_network("127.0.0.0/8"),)):
        answer = tenant.call("POST", "/login", json=body, headers={"X-Forwarded-For": f"fe80::1%{secret}"})
    assert answer.status_code == 401
    (row,) = tenant.audit(action="login")
    assert (row["status"], row["ip_address"]) == ("failed", "127.0.0.1")  # text with a zone is no address


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_LOG_01_an_export_that_fails_at_once_is_a_problem_and_the_log_does_not_say_what_was_asked(
    server: RunningServer, watched: Tenant, database_url: str, form: str
) -> None:
    secret = _letters()
    _add_rows(database_url, watched, action=secret, good=0)
    before = len(server.log())
    answer = _export(watched, action=secret, format=form)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["code"] == "internal_error"
    log = server.log()[before:]
    lines = [json.loads(line) for line in log.splitlines()]
    ours = [line for line in lines if line.get("request_id") == answer.headers["x-request-id"]]
    assert [(line["event"], line.get("status")) for line in ours] == [("fault", None), ("request", 500)]
    assert [piece for piece in _slices(secret) if piece in log + answer.text] == []


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_LOG_01_an_export_that_fails_on_its_way_is_cut_off_and_the_log_does_not_say_what_was_asked(
    server: RunningServer, watched: Tenant, database_url: str, form: str
) -> None:
    secret = _letters()
    _add_rows(database_url, watched, action=secret, good=BATCH)
    before = len(server.log())
    # Whoever saves it must not take a part for the whole: the last chunk never comes.
    with pytest.raises(httpx.RemoteProtocolError):
        _export(watched, action=secret, format=form)
    log = server.log()[before:]
    assert [line["fault"] for line in map(json.loads, log.splitlines()) if "fault" in line] == ["TypeError"]
    assert [piece for piece in _slices(secret) if piece in log] == []


def test_an_export_of_nothing_is_empty_or_a_heading(tenant: Tenant) -> None:
    answers = [_export(tenant, action="no.such", format=form) for form in ("ndjson", "csv")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == ""
    assert answers[1].text.splitlines()[0].startswith("audit_id,client_id,")
    assert len(answers[1].text.splitlines()) == 1


@pytest.mark.usefixtures("app")
def test_LOG_02_text_that_does_reach_a_line_can_neither_end_nor_colour_nor_turn_it() -> None:
    # No route logs what people typed; this is for the day when one does, and for what libraries log.
    written, text = io.StringIO(), f"{HOSTILE}\ud800"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdout", written)
        logs.configure(settings())
        structlog.get_logger().info("event", name=text, **{text: text})
        structlog.get_logger().error("fault", error=ValueError(text))
        logging.getLogger("a library").warning("%s", text)
    logs.configure(settings())
    ours, fault, theirs = (json.loads(line) for line in written.getvalue().split("\n")[:-1])
    assert (ours["name"], ours[text], theirs["event"]) == (text, text, text)
    assert (fault["fault"], "at" in fault, set(fault)) == (
        "ValueError",
        True,
        {"time", "level", "event", "fault", "at"},
    )
    assert all(character == "\n" or " " <= character <= "~" for character in written.getvalue())


def _export(tenant: Tenant, **query: str) -> httpx.Response:
    return tenant.api.get(f"{tenant.path}/audit-logs/export", params=query, headers=bearer(tenant.access_key))


def _letters() -> str:
    """Return what no id and no digest in hexadecimal can hold by chance."""
    return "".join(secrets.choice("ghjkmnpqrstvwxyz") for _ in range(32))


def _slices(secret: str) -> list[str]:
    return [secret[at : at + 8] for at in range(len(secret) - 7)]


def _add_rows(url: str, tenant: Tenant, *, action: str, good: int) -> None:
    """Add rows beside the service, and an older one that cannot be read: it counts refusals but has no detail."""
    client_id = database.uuid_text(url, tenant.client_id)
    statement = (
        "INSERT INTO audit_logs (audit_id, client_id, action, status, detail, timestamp, times)"
        " VALUES (:audit_id, :client_id, :action, 'success', :detail, :moment, :times)"
    )
    made: list[dict[str, Any]] = []
    for number in range(good + 1):
        row = {"audit_id": database.uuid_text(url, str(uuid.uuid4())), "client_id": client_id, "action": action}
        moment = str((clock.now() - timedelta(seconds=number)).replace(tzinfo=None))
        detail, times = ("null", 2) if number == good else ("{}", 1)
        made.append({**row, "moment": moment, "detail": detail, "times": times})
    engine = database.seeing_all(url)
    with engine.begin() as connection:
        connection.execute(text(statement), made)
    engine.dispose()
