"""Documents that the platform signs, checked offline and refused wherever something is not as it was signed."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest
from flask import Flask

from app.core import db
from app.onboarding import documents
from app.onboarding.errors import DocumentRefused
from app.sessions import signing
from tests import servers
from tests.factories import Tenant

_CLAIMS = {"client_id": "0196", "counts": {"users": 3}, "sub": 7, "exp": 1}


@pytest.fixture
def signed(app: Flask) -> str:
    with app.app_context():
        return documents.sign(documents.ERASURE_RECEIPT, _CLAIMS)


@pytest.fixture
def keys(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return documents.public_keys()


def test_what_a_document_says_comes_back_with_whom_it_is_from_and_what_it_is(app: Flask, signed: str) -> None:
    with app.app_context():
        told = documents.verify(documents.ERASURE_RECEIPT, signed)
    assert told.items() >= _CLAIMS.items()
    assert told["iss"] == "http://localhost:8000"
    assert told["kind"] == "erasure-receipt"
    assert jwt.get_unverified_header(signed)["typ"] == "rowlock-erasure-receipt+jws"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_document_of_which_one_letter_was_altered_is_refused(signed: str, keys: dict[str, Any], part: int) -> None:
    parts = signed.split(".")
    for at in (0, len(parts[part]) // 2, len(parts[part]) - 1):
        letters = list(parts[part])
        letters[at] = "B" if letters[at] != "B" else "C"
        altered = [*parts[:part], "".join(letters), *parts[part + 1 :]]
        with pytest.raises(DocumentRefused):
            documents.verify(documents.ERASURE_RECEIPT, ".".join(altered), keys)


def test_a_document_of_another_kind_is_refused(signed: str, keys: dict[str, Any]) -> None:
    with pytest.raises(DocumentRefused, match="erasure-receipt; one of the kind snapshot is wanted"):
        documents.verify(documents.SNAPSHOT, signed, keys)


def test_a_clients_own_key_signs_no_document_and_its_tokens_are_none(app: Flask, tenant: Tenant) -> None:
    person, client_id = tenant.sign_up(), UUID(tenant.client_id)
    with app.app_context():
        with db.reading():
            key = signing.current(client_id, 0)
        header = {"kid": str(key.kid), "typ": documents.type_of(documents.BUNDLE)}
        forged = jwt.encode({"kind": "bundle", "iss": "x", "iat": 1}, key.private_key, "ES256", headers=header)
        with pytest.raises(DocumentRefused, match="not by this platform"):
            documents.verify(documents.BUNDLE, forged)
        with pytest.raises(DocumentRefused, match="none of a document"):
            documents.verify_any(person.access_token)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a.b.c", "é", "{}", "e30.e30.", "eyJhbGciOiJub25lIiwidHlwIjoicm93bG9jay1idW5kbGUrandzIn0.e30."],
)
def test_what_is_no_document_is_refused_in_plain_words(keys: dict[str, Any], text: str) -> None:
    with pytest.raises(DocumentRefused, match=r"\w.*\."):
        documents.verify_any(text, keys)
    with pytest.raises(DocumentRefused):
        documents.verify_any(text.encode(), keys)


def test_a_document_is_checked_offline_without_the_database(
    environment: dict[str, str], signed: str, tmp_path: Path
) -> None:
    (tmp_path / "receipt").write_text(f"{signed}\n")
    printed = servers.flask("documents", "keys", environment=environment)
    (tmp_path / "keys.json").write_text(printed.stdout)
    arguments = ("documents", "verify", str(tmp_path / "receipt"), "--jwks", str(tmp_path / "keys.json"), "--json")
    elsewhere = {"APP_ENV": "production"}  # no SECRET_KEY, nor any other setting
    done = servers.flask(*arguments, environment=elsewhere)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"] == {"users": 3}
    without = servers.flask(*arguments[:3], environment=elsewhere)
    assert (without.returncode, without.stderr.count("\n")) == (1, 1), without.stderr
    assert "SECRET_KEY is not set" in without.stderr
    head, claims, signature = signed.split(".")
    another = "A" if signature[9] != "A" else "B"
    (tmp_path / "receipt").write_text(f"{head}.{claims}.{signature[:9]}{another}{signature[10:]}")
    refused = servers.flask(*arguments, environment=elsewhere)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1), refused.stderr
    assert "The signature does not fit" in refused.stderr


def test_people_read_a_document_as_facts_and_tables(app: Flask, tmp_path: Path) -> None:
    checks = [
        {"name": "orphan rows", "counts": {"tables": 21, "rows": 0}, "failures": []},
        {"name": "[/closed]", "says": "a word in brackets", "failures": ["users_1", "users_2"]},
    ]
    claims = {"tried": {"routes": 120, "[b]": ["x"]}, "checks": checks, "roles": ["a", "b"], "none": {}, "passed": True}
    with app.app_context():
        (tmp_path / "report").write_text(documents.sign(documents.ISOLATION_REPORT, claims))
        (tmp_path / "keys.json").write_text(json.dumps(documents.public_keys()))
    arguments = ("documents", "verify", str(tmp_path / "report"), f"--jwks={tmp_path / 'keys.json'}")
    said = servers.flask(*arguments, environment={})
    assert said.returncode == 0, said.stderr
    for line in (
        r"  routes +120",
        r"│ orphan rows +│ tables 21, rows 0 +│",
        r"│ \[/closed\] +│",
        r"  2 +b",
        r"  passed +True",
    ):
        assert re.search(line, said.stdout), said.stdout
    assert not set("{'\"") & set(said.stdout)
