"""How `/console` is served: one page for all addresses, files to be kept for good, a word where nothing is built."""

import contextlib
import gzip
import http.client
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app.web import console_build
from tests.conftest import client_from
from tests.console.running import Console
from tests.web.test_headers import ALWAYS

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
FOR_GOOD = "public, max-age=31536000, immutable"
ADDRESSES = ["/console", "/console/", "/console/login", "/console/users/01a1fd2d", "/console/roles/second%20line/"]
TRICKS = [
    "/console/../../etc/passwd",
    "/console/%2e%2e/app/__init__.py",
    "/console/..%2f..%2fREADME.md",
    "/console//README.md",
    "/console/a/./b",
    "/console/..%5cREADME.md",
    "/console/%00",
    "/console/login%00.js",
    "/console/assets",
    "/console/assets/",
    "/console/assets/..",
    "/console/assets/%2e%2e%2findex.html",
    "/console/assets/..%5cindex.html",
    "/console/assets/%2fetc%2fpasswd",
    "/console/assets/.built",
    "/console/assets/index.html%00.js",
    "/console/assets/none.js",
    "/console/assets/deeper/none.js",
]
# What is served is the same whatever the database.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")


def assets_of(console: Console) -> list[str]:
    """Return the addresses of what the page itself asks for."""
    return re.findall(r'(?:src|href)="(/console/assets/[^"]+)"', console.api.get("/console").text)


def get_raw(console: Console, path: str) -> tuple[int, str, bytes]:
    """Ask for a path as it is written, for httpx takes dots away; return status, media type and body."""
    with contextlib.closing(http.client.HTTPConnection(urlsplit(console.base_url).netloc, timeout=10)) as connection:
        connection.putrequest("GET", path)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()


def test_every_address_of_the_console_is_the_same_page(console: Console) -> None:
    first, *others = [console.api.get(path) for path in ADDRESSES]
    assert first.status_code == 200
    assert first.headers["Content-Type"] == "text/html; charset=utf-8"
    assert first.headers["Cache-Control"] == "no-cache"
    assert [(one.status_code, one.text) for one in others] == [(200, first.text)] * len(others)
    again = console.api.get("/console/login", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    asked = console.api.head("/console")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["Content-Length"] == first.headers["Content-Length"]
    assert console.api.post("/console").status_code == 405


def test_ADM_06_the_page_holds_a_policy_without_inline_script_and_has_none(console: Console) -> None:
    for path in ADDRESSES:
        answer = console.api.get(path)
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
        assert "Set-Cookie" not in answer.headers
        for tag in re.findall(r"<(?:script|style|link)\b[^>]*>", answer.text):
            assert "src=" in tag or "href=" in tag
        assert not re.search(r"\son\w+=|javascript:|style=|https?://", answer.text)


def test_ADM_06_the_files_of_the_build_are_kept_for_good_and_open_nothing_by_themselves(console: Console) -> None:
    addresses = assets_of(console)
    assert {address.rpartition(".")[2] for address in addresses} == {"js", "css"}
    media = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
    for address in addresses:
        answer = console.api.get(address)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == media[address.rpartition(".")[2]]
        assert answer.headers["Cache-Control"] == FOR_GOOD
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
        kept = console.api.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert kept.status_code == 304
        assert console.api.head(address).headers["Content-Length"] == answer.headers["Content-Length"]


def test_whoever_takes_gzip_gets_what_was_packed_once_and_others_the_file_itself(console: Console) -> None:
    for address in ["/console", *assets_of(console)]:
        answers = {}
        for accepted in ("gzip", "identity", "gzip;q=0, *;q=0.5", "br, gzip;q=0.8"):
            headers = {"Accept-Encoding": accepted}
            with console.api.stream("GET", address, headers=headers) as answer:
                raw = b"".join(answer.iter_raw())
            assert answer.headers["Vary"] == "Accept-Encoding"
            answers[accepted] = (answer.headers.get("Content-Encoding"), raw, answer.headers["ETag"])
        packed, plain = answers["gzip"], answers["identity"]
        assert (packed[0], plain[0]) == ("gzip", None)
        assert gzip.decompress(packed[1]) == plain[1]
        assert packed[2] != plain[2]
        assert answers["br, gzip;q=0.8"] == packed
        assert answers["gzip;q=0, *;q=0.5"] == plain


@pytest.mark.parametrize("path", TRICKS)
def test_no_address_leads_out_of_the_folder(console: Console, path: str) -> None:
    status, media, body = get_raw(console, path)
    assert (status, media) == (404, "application/problem+json")
    assert json.loads(body)["code"] == "not_found"


@on_one_database
def test_where_it_is_not_built_a_page_says_how_and_the_api_runs(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(console_build, "_FOLDER", tmp_path / "dist")
    api = client_from(app, "127.0.0.1")
    answer = api.get("/console/login")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "make console" in answer.text
    assert "Node.js, 20.19 or newer" in answer.text
    assert "failed" not in answer.text
    (tmp_path / "dist-failed").touch()
    failed = api.get("/console")
    assert (failed.status_code, "The last build failed" in failed.text) == (503, True)
    assert "make console" in failed.text
    assert api.get("/console/assets/index.js").status_code == 404
    assert 'href="/console/"' not in api.get("/").text
    assert api.get("/healthz").status_code == 200


@on_one_database
def test_a_build_made_while_the_service_runs_is_served(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(console_build, "_FOLDER", tmp_path)
    api = client_from(app, "127.0.0.1")
    assert api.get("/console").status_code == 503
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<h1>Here</h1>")
    (tmp_path / "assets" / "one-1.js").write_text("1")
    (tmp_path / "assets" / "secret.txt").write_text("not a kind of file that is served")
    assert (api.get("/console").status_code, api.get("/console").text) == (200, "<h1>Here</h1>")
    assert api.get("/console/assets/one-1.js").text == "1"
    assert api.get("/console/assets/secret.txt").status_code == 404
    assert 'href="/console/"' in api.get("/").text
