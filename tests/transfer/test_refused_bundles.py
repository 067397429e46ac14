"""A bundle is input: what is cut, altered, a stranger's or wrong in itself is refused, and leaves nothing behind."""

import gzip
import hashlib
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from app.core import isolation
from app.core.actors import SystemActor
from app.core.isolation import Crossing
from app.onboarding import documents
from app.transfer import bundles, importing
from app.transfer.errors import BundleRefused
from tests import servers
from tests.database import count, users_tables
from tests.factories import Tenant
from tests.transfer.moving import bundle_of, done, full, imported_people, shell

Lines = list[Any]
LONG = "x" * 3000


@pytest.fixture(scope="module")
def bundle(app: Flask, api: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of a client that has something of everything."""
    return bundle_of(app, full(api).tenant, tmp_path_factory.mktemp("bundles"))


def state(url: str) -> tuple[int, set[str], int]:
    """Return what an import would change."""
    return count(url, "clients"), users_tables(url), count(url, "audit_logs")


def rewritten(app: Flask, path: Path, change: Callable[[Lines], None], to: Path) -> Path:
    """Change the lines of a bundle and sign it anew, as whoever runs an installation can."""
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()][:-1]
    change(lines)
    raw = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    counts: dict[str, int] = {}
    for table, _ in lines[1:]:
        counts[table] = counts.get(table, 0) + 1
    head, digest = lines[0], hashlib.sha256(raw).hexdigest()
    claims = {"bundle_id": head["bundle_id"], "client_id": head["client_id"], "counts": counts, "sha256": digest}
    with app.app_context(), isolation.across(Crossing.SHELL):
        signature = documents.sign("bundle", claims)
    last = {"counts": counts, "sha256": digest, "signature": signature}
    to.write_bytes(gzip.compress(raw + json.dumps(last).encode() + b"\n"))
    return to


def of_table(lines: Lines, table: str, number: int = 0) -> dict[str, Any]:
    """Return a row of a bundle."""
    found: dict[str, Any] = [row for name, row in lines[1:] if name == table][number]
    return found


def of_kind(lines: Lines, kind: str) -> dict[str, Any]:
    """Return the first key of a kind."""
    found: dict[str, Any] = next(row for name, row in lines[1:] if name == "keys" and row["kind"] == kind)
    return found


def setting(table: str, **values: Any) -> Callable[[Lines], None]:
    """Return a change of the first row of a table."""
    return lambda lines: of_table(lines, table).update(values)


def heading(**values: Any) -> Callable[[Lines], None]:
    """Return a change of the header."""
    return lambda lines: lines[0].update(values)


def same_email(lines: Lines) -> None:
    """Give two users one address."""
    of_table(lines, "users").update(email=of_table(lines, "users", 1)["email"])


def no_column(lines: Lines) -> None:
    """Leave a column out."""
    del of_table(lines, "users")["status"]


WRONG: dict[str, Callable[[Lines], None]] = {
    "an operator": setting("users", role="super_admin"),
    "the platform": setting("clients", slug="platform"),
    "a slug that is none": setting("clients", slug="Not/one"),
    "a NUL": setting("users", full_name="a\0b"),
    "a lone surrogate": setting("users", full_name="\ud800"),
    "NUL in custom fields": setting("users", custom_fields={"a": ["\0"]}),
    "huge custom fields": setting("users", custom_fields={"a": "x" * 20_000}),
    "custom fields that are a list": setting("users", custom_fields=[]),
    "a text that is too long": setting("users", full_name=LONG),
    "a number for a text": setting("users", email=7),
    "an address in capitals": setting("users", email="Ada@Example.com"),
    "a script for a picture": setting("users", avatar_url="javascript:alert(1)"),
    "a hash that costs days": setting("users", password_hash="$2b$31$" + "a" * 53),
    "a status of nobody": setting("users", status="root"),
    "a moment that is none": setting("users", created_at="yesterday"),
    "an id that is none": setting("users", user_id="1"),
    "a boolean that is a number": setting("users", email_verified=1),
    "a number that is too large": setting("users", password_version=2**31),
    "a column of another table": setting("users", digest="x"),
    "another client's rows": setting("users", client_id="01a1ffb4-3ac5-7530-bf17-74f6f4f3d6c7"),
    "no status": no_column,
    "two users with one address": same_email,
    "a fixed role": setting("roles", name="admin"),
    "permissions that are none": setting("roles", permissions=["<b>"]),
    "a permission twice": setting("roles", permissions=["read", "read"]),
    "a digest that is too short": setting("keys", digest="YWJj"),
    "a key of another kind": setting("keys", kind="root"),
    "an address of a key that is none": setting("keys", allowed_ips=["nonsense"]),
    "a network that is not written as it is kept": setting("keys", allowed_ips=["203.0.113.7/24"]),
    "an origin that is not written as it is kept": setting("keys", allowed_origins=["https://App.example.com"]),
    "a scope that is none": setting("keys", scopes=["Read all"]),
    "an access key with scopes": lambda lines: of_kind(lines, "access").update(scopes=["read"]),
    "a secret key for pages": lambda lines: of_kind(lines, "secret").update(allowed_origins=["https://a.example.com"]),
    "a window of users for a key": setting("keys", rate_limit={"user_requests_per_minute": 5}),
    "a key's window of null": setting("keys", rate_limit={"requests_per_minute": None}),
    "a quota of nothing": setting("keys", usage_limit=0),
    "a seed that is none of ours": setting("totp_factors", seed="YWJj"),
    "settings that are none": setting("clients", settings={"brand_color": "red; x: y"}),
    "settings of null": setting("clients", settings={"allowed_origins": None}),
    "a colour in capitals": setting("clients", settings={"brand_color": "#ABCDEF"}),
    "a passkey's domain in capitals": setting("clients", settings={"passkey_rp_id": "EXAMPLE.com"}),
    "a contact in capitals": setting("clients", contact_email="Ada@Example.com"),
    "a domain that is none": setting("clients", domain="not a domain"),
    "a name with space around it": setting("clients", client_name=" Oars "),
    "a limit below nothing": setting("clients", limits={"requests_per_minute": -1}),
    "a status of no client": setting("clients", status="erasing"),
    "an action that is too long": setting("audit_logs", action=LONG),
    "two clients": lambda lines: lines.insert(2, lines[1]),
    "rows in disorder": lambda lines: lines.append(lines[2]),
    "an unknown table": lambda lines: lines.append(["sessions", {}]),
    "another form": heading(rowlock_bundle=2),
    "users of a newer Rowlock": heading(users_schema_version=999),
    "a snapshot": heading(kind="snapshot"),
    "a kind that moves the cursor": heading(kind="\x1b[2J"),
    "a source that moves the cursor": heading(source="https://a.example.com\x1b[2Jtrusted"),
    "a source that is no address": heading(source="the installation you trust"),
    "another source": heading(source="https://elsewhere.example.com"),
}


def test_a_signed_bundle_with_odd_rows_is_refused_in_words_and_leaves_nothing(
    app: Flask, database_url: str, bundle: Path, tmp_path: Path
) -> None:
    before = state(database_url)
    said: dict[str, str | None] = {}
    for why, change in WRONG.items():
        path = rewritten(app, bundle, change, tmp_path / "odd.rowlock")
        said[why] = refusal(app, path, slug=None if why == "the platform" else f"odd-{len(said)}")
    assert [why for why, line in said.items() if not line or LONG in line or not line.isprintable()] == []
    assert state(database_url) == before
    status, _, told = shell(app, "import", path, "--slug", "an-odd-one")
    assert (status, f"Error: bundle: {said[why]}" in told) == (1, True)


def refusal(app: Flask, path: Path, slug: str | None = "spoilt", passphrase: str | None = None) -> str | None:
    """Return why a bundle is not taken; None if it is."""
    with app.app_context(), isolation.across(Crossing.SHELL):
        try:
            with bundles.open_bundle(path, passphrase=passphrase) as opened:
                importing.import_bundle(SystemActor(), opened, slug=slug)
        except BundleRefused as refused:
            return refused.detail
    return None


def test_a_bundle_that_is_signed_anew_as_it_is_comes_in(app: Flask, bundle: Path, tmp_path: Path) -> None:
    path = rewritten(app, bundle, lambda _lines: None, tmp_path / "same.rowlock")
    assert done(app, "import", path, "--slug", f"same-{random.randrange(10**9)}")["counts"]["users"] == 3


def test_a_bundle_that_was_cut_or_altered_anywhere_is_refused_before_anything_is_written(
    app: Flask, database_url: str, tenant: Tenant, tmp_path: Path
) -> None:
    secret, file = "eight oars and one small cox", tmp_path / "passphrase"
    file.write_text(secret)
    for passphrase, tries, arguments in ((None, 15, ()), (secret, 2, ("--passphrase-file", file))):
        whole = bundle_of(app, tenant, tmp_path, *arguments).read_bytes()
        before = state(database_url)
        at = [random.randrange(10, len(whole)) for _ in range(tries)]  # gzip's first ten bytes may be what they like
        flipped = [whole[:n] + bytes([whole[n] ^ 1]) + whole[n + 1 :] for n in at]
        for spoilt in [b"", whole[:-1], whole + b"x", *(whole[:n] for n in at), *flipped]:
            (tmp_path / "spoilt").write_bytes(spoilt)
            assert refusal(app, tmp_path / "spoilt", passphrase=passphrase) is not None
        assert state(database_url) == before
    (tmp_path / "spoilt").write_bytes(whole)
    assert "passphrase is not that" in str(refusal(app, tmp_path / "spoilt", passphrase="another sixteen letters"))


def test_R_17_an_import_that_is_killed_leaves_nothing_and_the_next_one_works(
    app: Flask, database_url: str, environment: dict[str, str], tenant: Tenant, tmp_path: Path
) -> None:
    imported_people(tenant, 600)
    path, slug = bundle_of(app, tenant, tmp_path), f"killed-{random.randrange(10**9)}"
    before = state(database_url)
    command = [sys.executable, "-m", "tests.transfer.killed_import", str(path), slug, "1", "3"]
    killed = subprocess.run(
        command, cwd=servers.ROOT, env=servers.clean_environment(environment), check=True, capture_output=True
    )
    assert killed.stdout.split() == [b"killed"] * 2
    assert state(database_url) == before
    assert done(app, "import", path, "--slug", slug)["counts"]["users"] == 600
