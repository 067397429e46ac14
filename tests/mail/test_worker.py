"""R-21 in processes of their own: a slow mail server and kill -9 cost no request and no mail.

Each process is started on one of the databases; what differs between them is tried inside the tests' own process.
"""

import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask

from app.core import chores
from tests.database import change
from tests.factories import PASSWORD, Tenant, bearer
from tests.mail.sending import CODE, deliver, let_time_pass, message, put, row
from tests.servers import clean_environment, rowlock_server
from tests.support.processes import child, kill_group, wait_until
from tests.support.smtp import MailServer


class Worker:
    """A `flask worker` in a process of its own."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        command = [sys.executable, "-m", "flask", "worker"]
        chosen = clean_environment(environment)
        self.log = log
        self.process = child(command, output=log, dies_by=signal.SIGKILL, environment=chosen)

    def stop(self) -> int:
        """Stop it as an operator does; return its exit status."""
        self.process.terminate()
        return self.process.wait(timeout=20)


@pytest.fixture
def mailing(environment: dict[str, str], smtp: MailServer, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings of a process that sends to the mail server."""
    yield environment | {"MAIL_URL": smtp.url, "MAIL_WORKER": "thread", "INSTANCE_PATH": str(tmp_path / "instance")}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_R_21_a_mail_whose_worker_is_killed_arrives_with_the_same_message_id(
    app: Flask, smtp: MailServer, mailing: dict[str, str], tmp_path: Path
) -> None:
    mail = message()
    put(app, mail)
    smtp.seconds = 60
    doomed = Worker(mailing, tmp_path / "doomed.log")
    smtp.wait_for(mail.recipient)  # claimed, handed over and not marked: the server has not answered yet
    kill_group(doomed.process)
    left = row(app, mail)
    assert (left.status, left.attempts, left.claimed_until is None) == ("waiting", 1, False)
    smtp.seconds = 0
    assert deliver(app, smtp) == 0  # the dead worker's claim still stands
    let_time_pass(app, mail, minutes=6)
    assert deliver(app, smtp) == 1
    first, second = smtp.mails_to(mail.recipient)
    assert first.message_id == second.message_id == f"<{left.message_id}@localhost>"
    assert row(app, mail).status == "sent"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_says_what_it_does_and_ends_when_told(
    app: Flask, smtp: MailServer, mailing: dict[str, str], tmp_path: Path
) -> None:
    mail, old = message(), message()
    put(app, old)
    deliver(app, smtp)
    let_time_pass(app, old, days=400)  # so that there is something to tidy up
    put(app, mail)
    with app.app_context():
        chores.wake("tidy")
    # A server that another test has killed may have been at it: nobody takes it over for as long as its lease runs.
    change(mailing["DATABASE_URL"], "UPDATE chores SET holder = NULL, held_until = NULL")
    worker = Worker(mailing, tmp_path / "worker.log")
    try:
        wait_until(lambda: "chore done" in worker.log.read_text(), worker.process, worker.log)
        smtp.wait_for(mail.recipient)
        wait_until(lambda: "mails tried" in worker.log.read_text(), worker.process, worker.log)
        assert worker.stop() == 0
    finally:
        if worker.process.poll() is None:
            kill_group(worker.process)
    said = worker.log.read_text()
    lines = [json.loads(line) for line in said.splitlines()]
    assert all({"time", "level", "event"} <= line.keys() for line in lines)
    tried = [line["count"] for line in lines if line["event"] == "mails tried"]
    assert tried and all(count > 0 for count in tried)
    assert "tidy" in [line["chore"] for line in lines if line["event"] == "chore done"]
    assert lines[0]["event"] == "sending mails"
    assert "ending" in [line["event"] for line in lines[-3:]]  # a chore at hand is finished first
    for secret in (CODE, mail.recipient):
        assert secret not in said


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_R_21_requests_do_not_wait_for_a_slow_mail_server(
    smtp: MailServer, mailing: dict[str, str], tenant: Tenant
) -> None:
    people = [tenant.sign_up() for _ in range(2)]
    smtp.seconds = 60
    with rowlock_server(mailing, threads=2) as server, httpx.Client(base_url=server.base_url, timeout=10) as live:

        def took(path: str, **body: str) -> float:
            begun = time.monotonic()
            answer = live.post(f"{tenant.path}{path}", json=body, headers=bearer(tenant.access_key))
            assert answer.is_success
            return time.monotonic() - begun

        assert took("/password/forgot", email=people[0].email) < 1.5
        [mail] = smtp.wait_for(people[0].email)  # from now on the mail server makes the thread wait
        assert mail.page == "reset-password"
        assert took("/password/forgot", email=people[1].email) < 1.5
        assert took("/login", email=people[1].email, password=PASSWORD) < 1.5
        smtp.seconds = 0
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 15
        assert mail.code not in server.log()
