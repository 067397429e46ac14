"""The pages that explain the API: what they say, what they may load, and for whom they exist."""

import json
import re
import subprocess
import uuid
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from app.core.settings import changed, settings
from app.web import catalogue, console_build
from tests.factories import Operator, Tenant, fresh_email, register

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PROBLEM = "application/problem+json"


class Page(HTMLParser):
    """What a page refers to, what it runs, and the commands that it shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: set[str] = set()
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.commands: list[str] = []
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.addresses |= {given[name] for name in ("href", "src", "data-document") if name in given}
        self.ids += [given["id"]] if "id" in given else []
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        self.inline += ["script"] if tag == "script" and "src" not in given else []
        self.inline += ["style"] if tag == "style" else []
        self._inside.append(tag)
        if self._inside[-2:] == ["pre", "code"]:
            self.commands.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._inside[-2:] == ["pre", "code"]:
            self.commands[-1] += data


@pytest.fixture(params=["/", "/docs", "/docs/errors", "/docs/{client_id}"])
def page(request: pytest.FixtureRequest, api: httpx.Client, tenant: Tenant) -> httpx.Response:
    """Each page in turn."""
    return api.get(request.param.format(client_id=tenant.client_id))


def test_ADM_06_a_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(page: httpx.Response) -> None:
    found = Page(page.text)
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"] == POLICY
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert found.inline == []
    assert {address for address in found.addresses if not address.startswith(("/", "#"))} == set()
    assert {address for address in found.addresses if address.startswith("//")} == set()


def test_everything_that_a_page_refers_to_is_there(api: httpx.Client, page: httpx.Response) -> None:
    found = Page(page.text)
    local = {address for address in found.addresses if address.startswith("/")}
    assert {address: api.get(address).status_code for address in local} == dict.fromkeys(local, 200)
    assert {address[1:] for address in found.addresses if address.startswith("#")} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


def test_an_asset_is_kept_for_good_under_the_address_that_names_its_content(
    api: httpx.Client, page: httpx.Response
) -> None:
    assets = {address for address in Page(page.text).addresses if address.startswith("/docs/assets/")}
    assert assets
    for address in assets:
        assert api.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert api.get(address.partition("?")[0]).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.js", "swagger-ui.js", "..%2fdocs.py", "../docs.py", "%00", "page.css/x"])
def test_what_is_no_asset_is_not_there(api: httpx.Client, name: str) -> None:
    answer = api.get(f"/docs/assets/{name}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM)


def test_the_first_page_leads_from_registration_to_a_login_and_a_checked_key(api: httpx.Client) -> None:
    commands = Page(api.get("/").text).commands
    calls = [command for command in commands if command.startswith("curl")]
    base = settings().public_url
    assert [re.findall(r"http\S+?(?=[\" ])", call)[0] for call in calls] == [
        f"{base}/api/v1/clients/register",
        f"{base}/api/v1/$CLIENT_ID/signup",
        f"{base}/api/v1/$CLIENT_ID/login",
        f"{base}/api/v1/$CLIENT_ID/keys",
        f"{base}/api/v1/$CLIENT_ID/keys/verify",
    ]


def test_the_first_page_of_a_closed_service_sends_a_newcomer_to_the_operator(api: httpx.Client) -> None:
    with changed(client_registration="operator"):
        text = api.get("/").text
    assert "/api/v1/clients/register" not in text
    assert "only an operator registers clients" in text


def test_the_reference_of_a_client_has_its_id_filled_in_everywhere(api: httpx.Client, tenant: Tenant) -> None:
    commands = Page(api.get(f"/docs/{tenant.client_id}").text).commands
    calls = [command for command in commands if command.startswith("curl")]
    paths = [tenant.path + end for end in ("/signup", "/login", "/me", "/refresh", "/logout")]
    assert [f"{path} " in call for path, call in zip(paths, calls, strict=True)] == [True] * 5
    document = api.get(f"/docs/{tenant.client_id}/openapi.json").json()
    general = api.get("/openapi.json").json()
    assert [path.replace("{client_id}", tenant.client_id) for path in general["paths"]] == list(document["paths"])
    assert document["servers"] == [{"url": "/"}]
    assert "client_id" not in {one["name"] for item in document["paths"].values() for one in item.get("parameters", [])}


def test_whoever_has_no_client_yet_reads_the_reference_and_how_to_get_one(api: httpx.Client) -> None:
    page = api.get("/docs")
    assert api.get("/docs/").status_code == 200
    register_line, *story = [line for line in Page(page.text).commands if line.startswith("curl")]
    assert "/api/v1/clients/register" in register_line
    base = f"{settings().public_url}/api/v1/$CLIENT_ID"
    paths = [base + end for end in ("/signup", "/login", "/me", "/refresh", "/logout")]
    assert [path in line for path, line in zip(paths, story, strict=True)] == [True] * 5
    assert "/docs" in Page(api.get("/").text).addresses
    with changed(client_registration="operator"):
        closed = api.get("/docs").text
    assert "/clients/register" not in closed
    assert "only an operator registers clients" in closed


def test_a_reference_begins_with_its_contents(api: httpx.Client, tenant: Tenant) -> None:
    tags = [tag["name"] for tag in api.get("/openapi.json").json()["tags"]]
    for path in ("/docs", f"/docs/{tenant.client_id}"):
        addresses = Page(api.get(path).text).addresses
        assert {f"{path}#operations-tag-{tag}" for tag in tags} <= addresses


def test_each_page_leads_to_the_console_where_there_is_one(page: httpx.Response) -> None:
    assert ("/console/" in Page(page.text).addresses) == console_build.is_there()


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/docs/no-id", "/docs/7c3055c0-19d2-4f89-b7cb-c6559dbd9d31", "/console/assets/x.js", "/metrics"],
)
def test_a_mistyped_address_is_a_page_for_people_and_a_problem_for_everybody_else(api: httpx.Client, path: str) -> None:
    browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = api.get(path, headers={"Accept": browsers})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert (answer.headers["Content-Security-Policy"], answer.headers["Cache-Control"]) == (POLICY, "no-store")
    assert "There is no such page" in answer.text
    assert "/" in Page(answer.text).addresses
    assert ("/console/" in Page(answer.text).addresses) == console_build.is_there()
    for accept in ("*/*", "application/json", "text/html;q=0"):
        other = api.get(path, headers={"Accept": accept})
        assert (other.status_code, other.headers["Content-Type"]) == (404, PROBLEM)
    for under in ("/api", "/api/v1/nowhere"):
        assert api.get(under, headers={"Accept": browsers}).headers["Content-Type"] == PROBLEM


@pytest.mark.parametrize("end", ["", "/openapi.json"])
def test_TEN_02_only_an_open_client_has_a_reference(
    api: httpx.Client, operator: Operator, tenant: Tenant, end: str
) -> None:
    assert api.get(f"/docs/{tenant.client_id}{end}").status_code == 200
    suspended = operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"status": "suspended"})
    assert suspended.status_code == 200
    answers = [api.get(f"/docs/{name}{end}") for name in (tenant.client_id, str(uuid.uuid4()), "no-id", "a'--")]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "client_not_found")] * 4
    masked = {one.text.replace(one.json()["request_id"], "") for one in answers}
    assert len(masked) == 1


def test_ADM_07_a_reference_shows_nothing_that_the_client_typed(api: httpx.Client) -> None:
    tenant = register(api, client_name="<script>alert(1)</script>")
    assert "alert(1)" not in api.get(f"/docs/{tenant.client_id}").text


def test_the_catalogue_explains_every_code_under_its_own_anchor(api: httpx.Client) -> None:
    text = api.get("/docs/errors").text
    entries = catalogue.read()
    codes = [entry.code for entry in entries]
    assert [name for name in Page(text).ids if name in codes] == codes
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text)).replace("&#39;", "'")
    for entry in entries:
        assert f"{entry.code} {entry.status} {entry.title} What to do: {entry.advice}" in plain
        assert all(title in plain for title, _ in entry.variants)


def test_the_type_of_a_problem_leads_to_its_code(api: httpx.Client) -> None:
    address, _, anchor = api.get("/nowhere").json()["type"].partition("#")
    assert anchor in Page(api.get(address).text).ids


@pytest.mark.parametrize("path", ["/openapi.json", "/docs/{client_id}/openapi.json"])
def test_a_document_is_sent_again_only_when_it_has_changed(api: httpx.Client, tenant: Tenant, path: str) -> None:
    first = api.get(path.format(client_id=tenant.client_id))
    assert first.headers["Cache-Control"] == "no-cache"
    again = api.get(str(first.url), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get(str(first.url), headers={"If-None-Match": '"another"'}).status_code == 200


def test_the_curl_lines_work_as_they_stand(live: httpx.Client) -> None:
    base = str(live.base_url).rstrip("/")
    register_line, *first_steps, make_key, verify = _curl_lines(live, "/")
    made = _run(register_line, base)
    email = fresh_email()
    known = {"CLIENT_ID": made["client_id"], "ACCESS_KEY": made["access_key"]}
    assert [_run(line, base, email, **known)["user"]["email"] for line in first_steps] == [email, email]
    known |= {"API_KEY": _run(make_key, base, **known)["api_key"]}
    assert _run(verify, base, **known)["valid"] is True

    email = fresh_email()
    sign_up, log_in, me, refresh, log_out = _curl_lines(live, f"/docs/{made['client_id']}")
    _run(sign_up, base, email, **known)
    logged_in = _run(log_in, base, email, **known)
    known |= {"ACCESS_TOKEN": logged_in["access_token"], "REFRESH_TOKEN": logged_in["refresh_token"]}
    assert _run(me, base, **known)["email"] == email
    assert _run(refresh, base, **known)["refresh_token"] != logged_in["refresh_token"]
    assert _run(log_out, base, **known) == {}
    assert _run(me, base, **known)["code"] == "token_revoked"


def _curl_lines(live: httpx.Client, path: str) -> list[str]:
    return [command for command in Page(live.get(path).text).commands if command.startswith("curl")]


def _run(line: str, base: str, email: str = "", **variables: str) -> dict[str, Any]:
    """Run a line of the page in a shell, against the server of the tests and for an address of our own."""
    ours = line.replace(settings().public_url, base).replace("ada@example.com", email)
    done = subprocess.run(
        ["bash", "-euc", ours],
        env=variables | {"PATH": "/usr/bin:/bin:/usr/local/bin"},
        capture_output=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout) if done.stdout else {}
    return answer
