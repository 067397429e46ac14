"""The commands that the banner and README print work as they stand, in a shell that knows of no settings."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.servers import ROOT, RunningServer, clean_environment, rowlock_server
from tests.support import warm

README = (ROOT / "README.md").read_text()
BIN = f"{Path(sys.executable).parent}/"
ANSWERS = "root@example.com\na long enough sentence\na long enough sentence\n"


@pytest.fixture
def instance(tmp_path: Path) -> dict[str, str]:
    """The only setting: where the default folder `instance` is for this test."""
    return {"INSTANCE_PATH": str(tmp_path / "instance")}


def run(script: str, instance: dict[str, str]) -> str:
    """Run shell lines as a person would type them; return what they printed."""
    shell = {name: value for name, value in clean_environment(instance).items() if name != "FLASK_APP"}
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace(".venv/bin/", BIN)],
        cwd=ROOT,
        env=shell,
        input=ANSWERS,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        start_new_session=True,  # without a terminal, questions are asked on standard input
    )
    assert ended.returncode == 0, f"{script}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


def banner(server: RunningServer) -> list[str]:
    """Return the commands that a server begun by `make run` has printed."""
    said = server.log().replace("\\\n", " ")
    return [
        found.strip() for found in re.findall(r"^    \S.*?  +((?:\w+=\S+ )?(?:curl|\.venv).*)$", said, re.MULTILINE)
    ]


def test_what_the_banner_prints_works_in_another_shell(instance: dict[str, str]) -> None:
    settings = instance | {"APP_ENV": "development", "SECRET_KEY": "", "BCRYPT_ROUNDS": "12"}
    with rowlock_server(settings) as server:
        register, seed, operator = banner(server)
        console = f"{server.base_url}/console/login?client=platform"
        assert console in server.log()
        assert f"{instance['INSTANCE_PATH']}/outbox" in server.log()
        assert json.loads(run(register, instance))["client_name"] == "Acme"
        assert "Demo client" in run(seed, instance)
        made = run(operator, instance)
        assert f"Console: {console.replace(server.base_url, 'http://localhost:8000')}" in made
        (login,) = re.findall(r"curl -s (\S+/login)", made)
        (key,) = re.findall(r"rlk_pk_\w+", made.partition("Log in")[2])
        email, password, _ = ANSWERS.split("\n", 2)
        headers = {"Authorization": f"Bearer {key}"}
        login = login.replace("http://localhost:8000", server.base_url)
        answer = httpx.post(login, json={"email": email, "password": password.split("\n")[0]}, headers=headers)
        assert answer.json()["user"]["role"] == "super_admin"


def test_what_readme_lists_under_commands_works_in_the_order_listed(instance: dict[str, str], tmp_path: Path) -> None:
    flask = str(warm.stand_in(tmp_path, clean_environment(instance)))
    run(f"APP_ENV=development {flask} db upgrade", instance)  # as `make run` does
    (block,) = re.findall(r"```\w*\n(.*?)```", README.split("## Commands")[1].split("\n## ")[0], re.DOTALL)
    commands = [line for line in block.splitlines() if ".venv/bin/flask" in line]
    assert len(commands) >= 5
    to_the_first, first, others = block.partition(commands[0])  # one as it stands: the others differ in arguments only
    said = run(to_the_first + first + others.replace(".venv/bin/flask", flask), instance)
    assert "Operator made" in said
    assert "✗" not in said


@pytest.mark.parametrize("command", ["clients list", "doctor"])
def test_a_command_in_production_still_wants_the_secret_key(instance: dict[str, str], command: str) -> None:
    environment = clean_environment(instance)
    ended = subprocess.run(
        [f"{BIN}flask", *command.split()], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "SECRET_KEY is not set" in ended.stderr
