"""KEY-05 on SQLite: changes are noticed in the very file that the service writes, however its address spells it."""

from pathlib import Path

import flask_migrate
import pytest

from app.core import commits
from tests.conftest import SECRET_KEY, client_from, settings_from
from tests.factories import register
from tests.keys.making import code, make
from tests.support.applications import another_application

OWN = {"APP_ENV": "test", "SECRET_KEY": SECRET_KEY, "REDIS_URL": ""}


@pytest.mark.parametrize("spelled", ["relative.db", "{folder}/asked.db?timeout=7", "{folder}/sp%20ace.db"])
def test_KEY_05_a_revoked_key_is_refused_wherever_the_file_is(tmp_path: Path, spelled: str) -> None:
    url = "sqlite:///" + spelled.format(folder=tmp_path)
    with another_application(settings_from(OWN | {"DATABASE_URL": url, "INSTANCE_PATH": str(tmp_path)})) as application:
        flask_migrate.upgrade()
        tenant = register(client_from(application, "127.0.0.1"))
        made = make(tenant)
        assert [code(tenant, made["api_key"]) for _ in range(2)] == [None, None]
        assert commits.number() == commits.number(), "nobody has written meanwhile"
        assert tenant.call("POST", f"/keys/{made['key_id']}/revoke").status_code == 200
        assert [code(tenant, made["api_key"]) for _ in range(2)] == ["revoked", "revoked"]
    assert len(list(tmp_path.glob("*.db"))) == 1


def test_asking_for_changes_makes_no_file(tmp_path: Path) -> None:
    file = tmp_path / "away.db"
    own = {"DATABASE_URL": f"sqlite:///{file}", "INSTANCE_PATH": str(tmp_path)}
    with another_application(settings_from(OWN | own)):
        assert commits.number() != commits.number(), "what is not known is never the same twice"
    assert not file.exists()
