"""README tells the truth: its curl lines are run as they stand, in one go, and give the answers it prints.

The server has the default settings: all of them fit into the ten calls a minute of a new client.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.core.settings import Settings
from tests.servers import ROOT, flask, rowlock_server

README = (ROOT / "README.md").read_text()
TOLD = README.split("## The main job, by curl")[1].split("## How it is built")[0]
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)


def test_what_readme_does_by_curl_gives_the_printed_answers(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'rowlock.db'}"
    environment = {"APP_ENV": "development", "INSTANCE_PATH": str(tmp_path), "DATABASE_URL": url}
    assert flask("db", "upgrade", environment=environment).returncode == 0
    with rowlock_server(environment | {"SECRET_KEY": "", "PUBLIC_URL": "http://localhost:8000"}) as server:
        script = [f"cd {tmp_path}"]
        blocks = BLOCK.findall(TOLD)
        for number, (kind, text) in enumerate(blocks):
            if kind == "sh":
                here = text.replace("http://localhost:8000", server.base_url).replace(
                    "instance/rowlock.db", "rowlock.db"
                )
                script += [f"{{\n{here.replace('.venv/bin/python', sys.executable)}}} > said-{number}"]
        command = ["bash", "-euo", "pipefail", "-c", "\n".join(script)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    shown = 0
    for number, (kind, _) in enumerate(blocks):
        if kind != "sh" or number + 1 >= len(blocks) or blocks[number + 1][0] == "sh":
            continue
        shown += 1
        assert shape((tmp_path / f"said-{number}").read_text()) == shape(blocks[number + 1][1])
    assert shown == 11


def shape(text: str) -> Any:
    """Return what must be the same: the JSON with its fixed values, and plain lines as they are."""
    try:
        return _fixed(json.loads(text))
    except json.JSONDecodeError:
        return [_fixed(json.loads(line)) if line.startswith("{") else line for line in text.split("\n") if line]


def _fixed(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _fixed(inner, key) for key, inner in value.items()}
    varies = name.endswith(("_id", "_at", "_url")) or name in ("access_key", "access_token", "refresh_token", "slug")
    return f"<{type(value).__name__}>" if varies else value


def test_every_setting_is_in_the_readme_and_the_example_file() -> None:
    example = (ROOT / ".env.example").read_text()
    for name in Settings.__dataclass_fields__:
        assert f"`{name.upper()}`" in README
        assert f"{name.upper()}=" in example
