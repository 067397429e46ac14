"""What the service keeps on disk is for its own account alone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import servers
from tests.factories import register


@pytest.fixture(autouse=True)
def careless_shell() -> Iterator[None]:
    """The umask that most accounts have."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder.parent)): stat.filemode(path.stat().st_mode) for path in folder.rglob("*")}


@pytest.mark.parametrize("app_env", ["development", "production"])
def test_nobody_else_reads_the_database_or_the_secret(tmp_path: Path, app_env: str) -> None:
    folder = tmp_path / "instance"
    secret = "" if app_env == "development" else "kF3v9sQ1-Zx7LmW0pTqR8uYb2NcHd5EjGa4iOoV6"
    settings = {"APP_ENV": app_env, "INSTANCE_PATH": str(folder), "SECRET_KEY": secret, "BCRYPT_ROUNDS": "10"}
    servers.migrate(settings)
    with servers.rowlock_server(settings) as server, httpx.Client(base_url=server.base_url) as api:
        register(api)
        found = modes(folder)
    assert stat.filemode(folder.stat().st_mode) == "drwx------"
    assert {"instance/rowlock.db", "instance/rowlock.db-wal"} <= found.keys()
    assert set(found.values()) == {"-rw-------"}, found
