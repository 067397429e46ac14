"""LOG-01 and LOG-02: no piece of a secret in a log, the database or a problem; every log line is one JSON object."""

import io
import json
import logging
import re
import sys
from collections.abc import Iterator

import httpx
import pytest
import redis
from flask import Flask

from app.core import logs
from app.core.settings import settings
from tests import database
from tests.conftest import client_from
from tests.mails import mails_to
from tests.servers import RunningServer
from tests.web.proving import prove
from tests.web.sinks import (
    HOSTILE,
    Sinks,
    new_rows,
    registered,
    send_broken_requests,
    send_everywhere,
    send_hostile_text,
    speak,
)

LINE = {
    "time", "level", "event", "request_id", "method", "route", "status", "code", "ms", "client_id", "ip_address",
}  # fmt: skip


@pytest.fixture
def inside(app: Flask) -> Iterator[Sinks]:
    """The application in this process, its log kept."""
    written = io.StringIO()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdout", written)
        patched.setattr(logging.getLogger("httpx"), "disabled", True)  # the caller's own log, not the service's
        logs.configure(settings())
        yield Sinks(client_from(app, "127.0.0.1"), written.getvalue)
    logs.configure(settings())


@pytest.fixture
def outside(server: RunningServer) -> Iterator[Sinks]:
    """The real server, with the log that it writes."""
    with httpx.Client(base_url=server.base_url, timeout=30) as api:
        yield Sinks(api, server.log)


def test_LOG_01_no_piece_of_a_secret_is_logged_stored_or_answered(app: Flask, inside: Sinks, database_url: str) -> None:
    before = set(database.dump(database_url).splitlines())
    send_everywhere(inside, lambda sinks, tenant: prove(sinks, tenant, lambda address: mails_to(app, address)))
    requests = [line for line in inside.lines() if line["event"] == "request"]
    assert len(requests) == len(inside.answers) > 600
    assert inside.leaks(inside.log()) == set()
    assert inside.leaks("\n".join(inside.problems)) == set()
    assert inside.leaks(new_rows(database_url, before)) == set()


def test_LOG_01_nor_by_the_real_server_its_redis_included(
    app: Flask, outside: Sinks, database_url: str, redis_url: str
) -> None:
    before = set(database.dump(database_url).splitlines())
    send_everywhere(outside, lambda sinks, tenant: prove(sinks, tenant, lambda address: mails_to(app, address)))
    send_broken_requests(outside)
    assert outside.leaks(outside.log()) == set()
    assert outside.leaks("\n".join(outside.problems)) == set()
    assert outside.leaks(new_rows(database_url, before)) == set()
    with redis.Redis.from_url(redis_url) as client:
        assert outside.leaks(str(list(client.scan_iter()))) == set()


def test_LOG_01_a_credential_sent_as_user_agent_is_not_kept(inside: Sinks, database_url: str) -> None:
    before, tenant = set(database.dump(database_url).splitlines()), registered(inside)
    person = tenant.sign_up(password=inside.secret())
    for credential in (tenant.access_key, person.access_token, person.refresh_token):
        for agent in (credential, f"agent/1.0 ({credential})", "a" * 200 + credential):
            tenant.call("POST", "/refresh", json={"refresh_token": "rlk_rt_none"}, headers={"User-Agent": agent})
            login = {"email": person.email, "password": person.password}
            assert tenant.call("POST", "/login", json=login, headers={"User-Agent": agent}).status_code == 200
    agents = [row["user_agent"] for row in tenant.audit(action="session.refresh")]
    assert sorted(set(agents)) == ["[credential]", "a" * 200 + "[credential]", "agent/1.0 ([credential])"]
    assert inside.leaks(inside.log()) == set()
    assert inside.leaks(new_rows(database_url, before)) == set()


def test_LOG_02_one_line_of_ascii_per_request_whatever_people_send(inside: Sinks) -> None:
    # What the in-process transport can carry.
    plain, wide = (HOSTILE.encode(code, "ignore").decode(code) for code in ("ascii", "latin-1"))
    send_hostile_text(inside, user_agent=plain, path=wide)
    check_lines(inside)
    assert inside.log().isascii()
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f]", inside.log()) is None


def test_LOG_02_also_on_the_real_server_whose_whole_log_is_json(outside: Sinks, server: RunningServer) -> None:
    send_hostile_text(outside, user_agent="plain", path=HOSTILE)
    check_lines(outside)
    before, broken = len(outside.lines()), send_broken_requests(outside)
    assert len(outside.lines()) == before + broken
    agent = re.sub(r"[\r\n\0]", " ", HOSTILE)
    answer = speak(outside, f"GET /healthz HTTP/1.1\r\nHost: a\r\nUser-Agent: {agent}\r\n\r\n")
    (request_id,) = re.findall("X-Request-ID: ([0-9a-f-]{36})", answer)
    (line,) = outside.lines()[before + broken :]
    assert request_id in json.dumps(line)
    assert all(isinstance(json.loads(line), dict) for line in server.log().splitlines())
    assert server.log().isascii()


def check_lines(sinks: Sinks) -> None:
    """Assert that each answer has its one line, in order, and that the line tells what was answered."""
    lines = [line for line in sinks.lines() if line.get("logger") != "gunicorn.error"]  # its workers may just begin
    assert [(line["request_id"], line["status"]) for line in lines] == [
        (answer.headers["x-request-id"], answer.status_code) for answer in sinks.answers
    ]
    for line, answer in zip(lines, sinks.answers, strict=True):
        assert set(line) == LINE
        assert (line["event"], line["level"], line["ip_address"]) == ("request", "info", "127.0.0.1")
        if answer.content.startswith(b"{"):
            assert line["code"] == answer.json().get("code")
        assert line["route"] is None or line["route"].startswith("/")
        assert line["ms"] >= 0
