"""The operator's shell, as an operator runs it."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from flask import Flask

from tests import database
from tests.factories import Operator, Tenant, bearer, fresh_email
from tests.servers import flask

PASSWORD = "a long enough sentence"


@pytest.fixture
def shell(app: Flask, environment: dict[str, str]) -> Any:
    """Run a flask command on the database of the application; return its JSON."""

    def run(*arguments: str, status: int = 0, stdin: str = "") -> Any:
        ended = flask(*arguments, environment=environment, stdin=stdin)
        assert ended.returncode == status, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        return json.loads(ended.stdout) if "--json" in arguments and status == 0 else ended.stdout + ended.stderr

    return run


def test_an_operator_made_in_the_shell_logs_in_over_the_api(shell: Any, api: httpx.Client) -> None:
    email = fresh_email()
    made = shell("operators", "create", "--email", email, "--password-stdin", "--json", stdin=f"{PASSWORD}\n")
    path = f"/api/v1/{made['platform_client_id']}"
    body = {"email": email, "password": PASSWORD}
    answer = api.post(f"{path}/login", json=body, headers=bearer(made["publishable_key"]))
    assert answer.json()["user"]["role"] == "super_admin"
    assert api.get("/api/v1/clients", headers=bearer(answer.json()["access_token"])).status_code == 200


def test_PWD_01_an_operators_password_has_at_least_fifteen_characters(shell: Any) -> None:
    said = shell("operators", "create", "--email", fresh_email(), "--password", "fourteen chars", status=1)
    assert "Use at least 15 characters." in said
    said = shell("operators", "create", "--email", "no address", "--password", PASSWORD, status=1)
    assert "not a valid e-mail address" in said


def test_ADM_02_the_same_operator_made_many_times_at_once_is_one(shell: Any, database_url: str) -> None:
    email = fresh_email()
    arguments = ("operators", "create", "--email", email, "--password", PASSWORD)

    def one(_number: int) -> bool:
        try:
            shell(*arguments)
        except AssertionError as refused:
            assert "A user with this e-mail address exists." in str(refused)
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(12))) == 1
    platform = database.rows(database_url, "SELECT client_id FROM clients WHERE slug = 'platform'")
    table = f"users_{str(platform[0]['client_id']).replace('-', '')}"
    assert database.count(database_url, table, "email = :email", email=email) == 1


def test_clients_are_made_shown_suspended_and_given_new_keys(shell: Any, api: httpx.Client) -> None:
    made = shell("clients", "create", "--name", "Shell & Sons", "--tier", "pro", "--json")
    path, key = f"/api/v1/clients/{made['client_id']}", made["access_key"]
    assert api.get(path, headers=bearer(key)).json()["tier"] == "pro"
    assert shell("clients", "show", made["slug"], "--json")["client_id"] == made["client_id"]
    listed = shell("clients", "list", "--q", "shell", "--json")
    assert made["client_id"] in {row["client_id"] for row in listed}
    assert shell("clients", "suspend", made["slug"], "--json")["status"] == "suspended"
    assert api.get(path, headers=bearer(key)).json()["code"] == "client_suspended"
    assert shell("clients", "activate", made["client_id"], "--json")["status"] == "active"
    rotated = shell("clients", "rotate-key", made["slug"], "--json")["access_key"]
    assert api.get(path, headers=bearer(key)).status_code == 401
    assert api.get(path, headers=bearer(rotated)).status_code == 200
    log = api.get(f"/api/v1/{made['client_id']}/audit-logs", headers=bearer(rotated)).json()["items"]
    actions = [row["action"] for row in log if row["action"] != "credential.refuse"]
    assert actions == ["access_key.rotate", "client.update", "client.update", "client.register"]


def test_what_cannot_be_done_is_said_in_a_line(shell: Any) -> None:
    assert "There is no client 'nobody'" in shell("clients", "show", "nobody", status=1)
    assert "platform client cannot be suspended" in shell("clients", "suspend", "platform", status=1)
    assert "client_name" in shell("clients", "create", "--name", "", status=1)


def test_the_platforms_access_key_stays_thrown_away(shell: Any, operator: Operator, database_url: str) -> None:
    path = f"/clients/{operator.client_id}/access-key/rotate"
    before = database.count(database_url, "keys")
    answer = operator.platform_call("POST", path, json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert answer.json()["detail"] == "The platform client has no access key: operators log in."
    assert operator.call("POST", "/access-key/rotate", json={}).json()["code"] == "conflict"
    said = shell("clients", "rotate-key", "platform", status=1)
    assert "The platform client has no access key" in said
    assert database.count(database_url, "keys") == before


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_the_path_of_registration_is_no_client(api: httpx.Client, tenant: Tenant, method: str) -> None:
    for headers in ({}, bearer(tenant.access_key), bearer(tenant.sign_up().access_token)):
        answer = api.request(method, "/api/v1/clients/register", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer.headers["Allow"].replace(" ", "").split(",").count("POST") == 1
    assert [row for row in tenant.audit() if row["action"] == "credential.refuse"] == []


def test_the_demo_client_is_made_once(shell: Any, api: httpx.Client) -> None:
    first, again = shell("seed", "--json"), shell("seed", "--json")  # no other test seeds this database
    assert again["client_id"] == first["client_id"]
    assert (again["access_key"], again["publishable_key"], again["passwords"]) == (None, None, {})
    assert shell("clients", "show", "demo", "--json")["tier"] == "enterprise"
    path = f"/api/v1/{first['client_id']}"
    body = {"email": "admin@example.com", "password": first["passwords"]["admin@example.com"]}
    answer = api.post(f"{path}/login", json=body, headers=bearer(first["publishable_key"]))
    assert answer.json()["user"]["role"] == "admin"
    rotated = shell("seed", "--rotate", "--json")
    assert api.get(f"{path}/audit-logs", headers=bearer(first["access_key"])).status_code == 401
    assert api.get(f"{path}/audit-logs", headers=bearer(rotated["access_key"])).status_code == 200


def test_people_see_tables(shell: Any) -> None:
    slug = shell("clients", "create", "--name", "Tables", "--tier", "enterprise", "--json")["slug"]
    assert "enterprise" in shell("clients", "list")
    assert "password_min_length" in shell("clients", "show", slug)


def test_without_a_database_a_command_says_what_to_do(environment: dict[str, str], tmp_path: Any) -> None:
    empty = environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}"}
    ended = flask("clients", "list", environment=empty)
    assert (ended.returncode, "flask db upgrade" in ended.stderr) == (1, True)
    sick = flask("doctor", environment=empty)
    assert (sick.returncode, "flask db upgrade" in sick.stdout) == (1, True)
