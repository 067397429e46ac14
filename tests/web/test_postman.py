"""The Postman collection runs against a real server, again and again, and all it asserts holds."""

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from app.web import openapi, postman
from app.web.docs import document_of
from tests import servers
from tests.factories import make_operator

FOLDER = Path(__file__).resolve().parents[2] / "postman"
NEWMAN = FOLDER / "node_modules" / ".bin" / "newman"
MAIN_JOB = [
    "register_client",
    "sign_up",
    "log_in",
    "show_me",
    "change_me",
    "list_sessions",
    "refresh_session",
    "show_me",
    "list_audit_logs",
    "log_out",
    "show_me",
]


def run(server: servers.RunningServer, folder: Path, **variables: str) -> dict[str, Any]:
    """Run the collection, and return what newman reports of it."""
    report = folder / "report.json"
    given = {"base_url": server.base_url, **variables}
    pairs = [part for name, value in given.items() for part in ("--env-var", f"{name}={value}")]
    command = [str(NEWMAN), "run", f"{FOLDER}/rowlock.postman_collection.json"]
    command += ["--environment", f"{FOLDER}/rowlock.postman_environment.json"]
    reporters = ["--reporters", "json", "--reporter-json-export", str(report)]
    done = subprocess.run([*command, *pairs, *reporters], capture_output=True, text=True, timeout=120, check=False)
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))["run"]
    return found


def failures(report: dict[str, Any]) -> list[str]:
    """Return what failed, by request and assertion."""
    return [f"{one['source']['name']}: {one['error']['name']}: {one['error']['message']}" for one in report["failures"]]


def test_it_fits_the_tier_of_a_new_client_and_a_second_run_does_not_stumble_over_the_first(tmp_path: Path) -> None:
    """The server has the default settings, as `make run` serves it: ten calls a minute by access and secret keys."""
    url = f"sqlite:///{tmp_path / 'rowlock.db'}"
    environment = {"APP_ENV": "development", "INSTANCE_PATH": str(tmp_path), "DATABASE_URL": url}
    servers.migrate(environment)
    with servers.rowlock_server(environment | {"SECRET_KEY": ""}) as server:
        for _ in range(2):
            report = run(server, tmp_path)
            assert failures(report) == []
            assert report["stats"]["assertions"]["total"] > 400


def test_with_an_operators_token_the_operators_calls_are_made_too(
    app: Flask, api: httpx.Client, server: servers.RunningServer, tmp_path: Path
) -> None:
    report = run(server, tmp_path, operator_token=make_operator(app, api).access_token)
    assert failures(report) == []
    # 404 is what /metrics answers where no METRICS_TOKEN is set, 422 an erasure that is not confirmed.
    statuses = {200, 201, 202, 204, 400, 401, 403, 404, 409, 422}
    assert {one["response"]["code"] for one in report["executions"]} == statuses
    assert [one["item"]["name"] for one in report["executions"] if one["response"]["code"] in (401, 403)] == [
        "Read your own account once more: the token is dead",
        "The same from another page is refused",
        "Who acts for a user changes nothing",
        "A disabled user is told so after the right password",
        "Log in to the console from another page",
        "Ask for its passkeys from another page",
        "Use one there",
        "Complete a login from another page",
        "Refresh its session from another page",
        "Prove again who one is from another page",
        "Have a mail sent from another page",
        "Have another mail sent from there",
        "Log out of the console from another page",
        "The admin is logged out too",
    ]


def test_the_assertions_would_notice_a_dead_service(tmp_path: Path) -> None:
    nowhere = servers.RunningServer({}, f"http://127.0.0.1:{servers.free_port()}", tmp_path / "log")
    assert len(failures(run(nowhere, tmp_path))) > 100


def test_the_main_job_is_a_chain_and_every_other_call_is_made_too(app: Flask) -> None:
    document = document_of(app)
    folders = postman.collection(document)["item"]
    paths = {(method, path): one["operationId"] for method, path, one in openapi.calls(document)}
    called = [[paths[_call(item)] for item in folder["item"]] for folder in folders]
    assert called[0] == MAIN_JOB
    assert {name for names in called for name in names} == set(paths.values())


def test_a_call_that_no_story_tells_of_is_added_with_a_credential_and_its_documented_statuses(app: Flask) -> None:
    document = document_of(app)
    new = {
        "operationId": "look_around",
        "summary": "Look around",
        "security": [{"user": []}],
        "responses": {"200": {}, "404": {}, "500": {}},
    }
    paths = {**document["paths"], "/api/v1/{client_id}/view": {"get": new}}
    item = postman.collection({**document, "paths": paths})["item"][-1]["item"][-1]
    assert item["name"] == "Look around"
    assert item["request"]["url"]["raw"] == "{{base_url}}/api/v1/{{client_id}}/view"
    assert item["request"]["auth"]["bearer"][0]["value"] == "{{access_token}}"
    assert "[200, 404]" in item["event"][0]["script"]["exec"][0]


def test_the_metrics_are_asked_for_with_their_own_token_never_with_a_key(app: Flask) -> None:
    folders = postman.collection(document_of(app))["item"]
    (auth,) = (
        item["request"]["auth"] for folder in folders for item in folder["item"] if _call(item) == ("GET", "/metrics")
    )
    assert auth["bearer"][0]["value"] == "{{metrics_token}}"


@pytest.mark.parametrize(
    "name",
    [
        "access_key",
        "api_key",
        "publishable_key",
        "access_token",
        "refresh_token",
        "operator_token",
        "metrics_token",
        "password",
    ],
)
def test_the_environment_keeps_no_secret_and_hides_those_of_a_run(app: Flask, name: str) -> None:
    values = {one["key"]: one for one in postman.environment(document_of(app))["values"]}
    assert (values[name]["value"], values[name]["type"]) == ("", "secret")


def _call(item: dict[str, Any]) -> tuple[str, str]:
    path = item["request"]["url"]["raw"].removeprefix("{{base_url}}").replace("{{", "{").replace("}}", "}")
    return item["request"]["method"], path
