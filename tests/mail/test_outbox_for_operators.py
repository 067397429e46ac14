"""`/admin/outbox` and `flask outbox`: what waits, what was given up, and nothing of what it says."""

import json
import uuid

import httpx
import pytest
from flask import Flask

from app.core.mail_server import MailServer
from app.core.settings import changed
from app.mail.models import INVITATION, PASSWORD_RESET
from tests.factories import Operator, Tenant, bearer
from tests.mail.sending import CODE, let_time_pass, message, put, row
from tests.mails import mails_to
from tests.servers import flask

FIELDS = {
    "message_id", "client_id", "kind", "status", "attempts", "last_error", "created_at", "next_attempt_at", "sent_at",
}  # fmt: skip


def test_mails_are_listed_newest_first_and_filtered(app: Flask, operator: Operator) -> None:
    client_id = uuid.uuid4()
    first, second = message(client_id=client_id, kind=INVITATION), message(client_id=client_id, kind=PASSWORD_RESET)
    put(app, first)
    mails_to(app, first.recipient)
    put(app, second)
    path, of_client = "/admin/outbox", {"client_id": str(client_id)}
    one = operator.platform_call("GET", path, params=of_client | {"limit": "1"}).json()
    two = operator.platform_call("GET", path, params=of_client | {"cursor": one["next_cursor"]}).json()
    assert [item["kind"] for item in one["items"] + two["items"]] == [PASSWORD_RESET, INVITATION]
    assert two["next_cursor"] is None
    assert one["items"][0].keys() == FIELDS
    assert one["counts"].keys() == {"waiting", "sent", "dead", "discarded"}
    for query, kind in (({"status": "sent"}, INVITATION), ({"kind": PASSWORD_RESET}, PASSWORD_RESET)):
        answer = operator.platform_call("GET", path, params=of_client | query)
        assert [item["kind"] for item in answer.json()["items"]] == [kind]
        assert first.recipient not in answer.text
        assert second.recipient not in answer.text
        assert CODE not in answer.text
    mails_to(app, second.recipient)


@pytest.mark.parametrize("query", [{"status": "lost"}, {"kind": "advertisement"}, {"client_id": "x"}])
def test_a_filter_that_cannot_be_is_refused(operator: Operator, query: dict[str, str]) -> None:
    assert operator.platform_call("GET", "/admin/outbox", params=query).json()["code"] == "validation_failed"


@pytest.mark.parametrize(
    ("server", "delivery"),
    [(None, "folder"), (MailServer("mail.example.com", 25, tls=False, starttls=False), "smtp")],
)
def test_the_outbox_tells_whether_mails_leave_or_become_files(
    operator: Operator, server: MailServer | None, delivery: str
) -> None:
    with changed(mail_url=server):
        assert operator.platform_call("GET", "/admin/outbox").json()["delivery"] == delivery


def test_TEN_01_the_outbox_is_the_operators_alone(app: Flask, api: httpx.Client, tenant: Tenant) -> None:
    mail = message(client_id=uuid.UUID(tenant.client_id))
    put(app, mail)
    path = f"/api/v1/admin/outbox/{row(app, mail).message_id}/retry"
    for credential in (tenant.access_key, tenant.sign_up().access_token):
        assert api.get("/api/v1/admin/outbox", headers=bearer(credential)).status_code == 403
        assert api.post(path, headers=bearer(credential)).status_code == 403
    mails_to(app, mail.recipient)


@pytest.mark.parametrize("named", ["8535a44f-05b1-4acc-8d17-9456a1f2aa6a", "nothing"])
def test_a_retry_of_no_mail_is_not_found(operator: Operator, named: str) -> None:
    answer = operator.platform_call("POST", f"/admin/outbox/{named}/retry")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_shell_lists_mails_and_retries_one(app: Flask, environment: dict[str, str], tenant: Tenant) -> None:
    mail = message(client_id=uuid.UUID(tenant.client_id))
    put(app, mail)
    let_time_pass(app, mail, hours=-1)  # it waits for another hour
    assert mails_to(app, mail.recipient) == []
    listed = flask("outbox", "list", "--client", tenant.slug, "--status", "waiting", "--json", environment=environment)
    [shown] = json.loads(listed.stdout)["items"]
    assert shown.keys() == FIELDS
    told = flask("outbox", "list", environment=environment).stdout
    assert "waiting" in told
    columns = ("message_id", "client", "kind", "status", "attempts", "created_at", "next_attempt_at", "last_error")
    assert [name for name in columns if name not in told] == []
    assert tenant.slug in told
    assert mail.recipient not in told
    done = flask("outbox", "retry", shown["message_id"], "--json", environment=environment)
    assert json.loads(done.stdout)["message_id"] == shown["message_id"]
    assert len(mails_to(app, mail.recipient)) == 1
    assert [entry["detail"] for entry in tenant.audit(action="mail.retry")] == [
        {"message_id": shown["message_id"], "kind": mail.kind}
    ]
    again = flask("outbox", "retry", shown["message_id"], environment=environment)
    assert (again.returncode, "neither waiting nor given up" in again.stderr) == (1, True)
    wrong = flask("outbox", "retry", "nothing", environment=environment)
    assert wrong.returncode == 1
    assert "There is no such mail; `flask outbox list` shows them." in wrong.stderr
