"""What the tests of this folder share: settings over an empty database of a test's own."""

from pathlib import Path

import pytest

from tests import servers
from tests.conftest import DATABASES, GENEROUS, SECRET_KEY


@pytest.fixture(params=DATABASES)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Settings over an empty database of this test's own."""
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    if request.param == "postgresql":
        postgres: servers.PostgresServer = request.getfixturevalue("postgres")
        url = postgres.create_database()
    limits = dict.fromkeys(("CLIENT_REGISTRATION_LIMIT", "CLIENT_REGISTRATION_GLOBAL_LIMIT", "SIGNUP_LIMIT"), GENEROUS)
    own = {"INSTANCE_PATH": str(tmp_path / "instance"), "BCRYPT_ROUNDS": "4", "LOG_LEVEL": "WARNING"}
    own["PUBLIC_URL"] = "http://localhost:8000"  # the same for every server of a test: tokens name it
    return {"APP_ENV": "test", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, **own, **limits}


@pytest.fixture
def migrated(fresh: dict[str, str]) -> dict[str, str]:
    """The same after `flask db upgrade`."""
    servers.migrate(fresh)
    return fresh
