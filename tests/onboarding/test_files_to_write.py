"""A file that a command cannot write is named as what it is, and before the work begins."""

from pathlib import Path

import pytest
from flask import Flask

from app.core.settings import settings
from app.onboarding import failures
from tests import servers

COMMANDS = (
    ("doctor", "isolation", "--to"),
    ("clients", "restore", "platform", "--at", "now", "--report"),
    ("clients", "export", "platform", "--to"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_file_that_cannot_be_written_is_named_in_a_line(
    app: Flask, environment: dict[str, str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "no folder" / "x", tmp_path / "file" / "x"):
        ended = servers.flask(*command, str(place), environment=environment)
        (line,) = ended.stderr.splitlines()
        assert (ended.returncode, ended.stdout) == (1, "")
        assert f"{place} cannot be written" in line


def test_only_the_files_of_the_database_stand_for_the_database(app: Flask) -> None:
    elsewhere = failures.in_words(FileNotFoundError(2, "No such file or directory", "/elsewhere/x"))
    assert elsewhere == "/elsewhere/x cannot be read or written: No such file or directory."
    if settings().is_sqlite:
        lock = f"{settings().database_url.removeprefix('sqlite:///')}.lock"
        assert "DATABASE_URL" in failures.in_words(PermissionError(13, "Permission denied", lock))
