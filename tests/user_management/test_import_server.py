"""Files on a real server: how large a body is taken, from whom, and what a killed server leaves."""

import contextlib
import gzip
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask
from sqlalchemy import text

from app.core.settings import changed
from tests import database, servers
from tests.factories import Tenant, bearer, register
from tests.user_management.importing import CSV, NDJSON, counts, ndjson, send, told

ROWS = 4_000
NOTICED_WITHIN = 8
"""Seconds: fewer than those for which a run that a crash has cut off is held."""


def people(number: int) -> bytes:
    """Return a file of so many users."""
    return ndjson({"email": f"person{each}@example.com", "full_name": f"Person {each}"} for each in range(number))


def is_problem(answer: httpx.Response, code: str) -> None:
    """Assert that a call was refused for a reason."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code


def connected(server: servers.RunningServer) -> socket.socket:
    """Return a bare connection to a server."""
    address = httpx.URL(server.base_url)
    return socket.create_connection((address.host, address.port or 80), timeout=10)


def test_IN_01_a_file_has_a_bound_of_its_own_a_type_and_no_compression(tenant: Tenant) -> None:
    large = b" " * 70_000 + people(1)
    with changed(import_max_bytes=2**16):
        is_problem(send(tenant, large), "payload_too_large")
    is_problem(send(tenant, people(1), headers={"Content-Type": "application/json"}), "unsupported_media_type")
    is_problem(send(tenant, gzip.compress(people(1)), headers={"Content-Encoding": "gzip"}), "unsupported_media_type")
    is_problem(tenant.call("POST", "/signup", content=large, headers=NDJSON), "payload_too_large")
    is_problem(tenant.call("POST", "/users/import?dry_run=maybe", content=b"", headers=NDJSON), "validation_failed")
    assert tenant.call("GET", "/users/export").text == ""


def test_a_place_is_free_again_for_whoever_has_read_the_answer_whole(app: Flask, tenant: Tenant) -> None:
    calls = [("POST", "import", people(1))] * 3 + [("GET", "export", None)] * 3
    with contextlib.ExitStack() as answers:
        for method, name, content in calls:
            headers = bearer(tenant.access_key) | NDJSON
            answer = app.test_client().open(f"{tenant.path}/users/{name}", method=method, data=content, headers=headers)
            answers.callback(answer.close)  # read to the end below, and closed when all of them are
            assert answer.status_code == 200, answer.text
            assert b"".join(answer.iter_encoded()).endswith(b"}\n")


def test_IN_01_a_real_server_takes_a_file_over_64_kib_from_whoever_may_send_one(
    server: servers.RunningServer, live: httpx.Client
) -> None:
    tenant, content = register(live), people(2_500)
    path, headers = f"{tenant.path}/users/import", bearer(tenant.access_key) | NDJSON

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(content), 50_000):
            yield content[at : at + 50_000]

    assert told(live.post(path, content=pieces(), headers=headers, params={"dry_run": "true"}))[1]["added"] == 2_500
    assert told(live.post(path, content=content, headers=headers))[1] == counts(2_500, added=2_500)
    assert len(live.get(f"{tenant.path}/users/export", headers=headers).text.splitlines()) == 2_500
    is_problem(live.post(path, content=content[:100]), "authentication_required")
    assert live.get("/healthz").status_code == 200


def test_IN_01_who_has_no_credential_is_told_so_before_the_file_is_sent(
    server: servers.RunningServer, live: httpx.Client
) -> None:
    tenant = register(live)
    for credential, expected in (("rlk_ak_nobody", b"401"), (tenant.access_key, b"100")):
        head = f"POST {tenant.path}/users/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {credential}\r\n"
        head += "Content-Type: text/csv\r\nContent-Length: 60000000\r\nExpect: 100-continue\r\n\r\n"
        with connected(server) as caller:
            caller.sendall(head.encode())
            assert caller.recv(64).split()[1] == expected


def test_a_file_that_is_cut_off_on_its_way_imports_nothing(server: servers.RunningServer, live: httpx.Client) -> None:
    tenant, content = register(live), people(100)
    head = f"POST {tenant.path}/users/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tenant.access_key}\r\n"
    head += f"Content-Type: application/x-ndjson\r\nContent-Length: {len(content) + 1}\r\n\r\n"
    with connected(server) as caller:
        caller.sendall(head.encode() + content)
        caller.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: caller.recv(4096), b""))
    assert b"invalid_request" in answer
    assert live.get(f"{tenant.path}/users/export", headers=bearer(tenant.access_key)).text == ""


def test_R_01_after_kill_9_the_same_file_goes_on_where_it_stopped(
    environment: dict[str, str], database_url: str, tenant: Tenant, tmp_path: Path
) -> None:
    path, headers, content = f"{tenant.path}/users/import", bearer(tenant.access_key) | NDJSON, people(ROWS)
    with (
        servers.rowlock_server(environment | {"INSTANCE_PATH": str(tmp_path)}) as own,
        pytest.raises(httpx.TransportError),
        httpx.stream("POST", own.base_url + path, content=content, headers=headers) as answer,
    ):
        for _ in answer.iter_lines():
            own.kill9()
    stored = database.count(database_url, tenant.table)
    assert 0 < stored < ROWS
    audited = [row["detail"] for row in tenant.audit(action="user.import")]
    assert (sum(detail["added"] for detail in audited), audited[0]["finished"]) == (stored, False)
    is_problem(send(tenant, content), "in_progress")
    let_time_pass(database_url)
    again = send(tenant, content)
    assert told(again) == ([], counts(ROWS, added=ROWS))
    assert json.loads(again.text.splitlines()[0])["progress"]["total"] > stored
    emails = [row["email"] for row in database.rows(database_url, f'SELECT email FROM "{tenant.table}"')]
    assert (len(emails), len(set(emails))) == (ROWS, ROWS)
    assert sum(row["detail"]["added"] for row in tenant.audit(action="user.import")) == ROWS


def test_a_caller_who_hangs_up_can_go_on_at_once(server: servers.RunningServer, live: httpx.Client) -> None:
    tenant, content = register(live), people(ROWS)
    path, headers = f"{tenant.path}/users/import", bearer(tenant.access_key) | NDJSON
    with httpx.stream("POST", server.base_url + path, content=content, headers=headers) as answer:
        next(answer.iter_lines())
    # The server notices when it next writes: until then the run and the client's place for files are taken.
    until = time.monotonic() + NOTICED_WITHIN
    again = live.post(path, content=content, headers=headers)
    while again.status_code in (409, 503) and time.monotonic() < until:
        again = live.post(path, content=content, headers=headers)
    assert told(again) == ([], counts(ROWS, added=ROWS))


def test_a_row_of_a_csv_that_never_ends_is_told_and_passed_over(tenant: Tenant) -> None:
    content = b'email,full_name\n"' + b'a","\n' * 30_000 + b'"\nada@example.com,Ada\n'
    reports, summary = told(send(tenant, content, headers=CSV))
    assert summary == counts(len(reports) + 1, added=1, failed=len(reports))
    assert reports[0]["errors"] == {"row": ["A row has at most 64 KiB."]}


def let_time_pass(url: str) -> None:
    """Let every run that was cut off count as dead."""
    engine = database.seeing_all(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE user_imports SET held_until = '2020-01-01 00:00:00'"))
    engine.dispose()
