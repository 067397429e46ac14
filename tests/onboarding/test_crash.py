"""R-01: a server that is killed while clients register leaves each of them whole or not at all."""

import pytest

from bench import crash
from tests import servers

KILLS = 8


@pytest.fixture
def fresh_database(request: pytest.FixtureRequest, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of this test's own, of the same kind as the others'."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path_factory.mktemp('crash') / 'rowlock.db'}"
    postgres: servers.PostgresServer = request.getfixturevalue("postgres")
    return postgres.create_database()


@pytest.mark.timeout(240)
def test_R_01_a_server_killed_during_registrations_leaves_each_client_whole_or_not_there(fresh_database: str) -> None:
    attack, left = crash.run(fresh_database, KILLS)

    assert attack.kills == KILLS
    assert attack.refused == []
    assert left.acknowledged >= KILLS * crash.THREADS
    assert left.unanswered > 0, "no kill met a registration under way"
    assert left.lost == 0
    assert left.clients == left.users_tables == left.access_keys == left.signing_keys
    assert (left.orphan_tables, left.halves) == (0, 0)
    assert left.doctor_status == 0, left.doctor_text
