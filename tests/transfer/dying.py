"""Flask commands that are killed (SIGKILL) right after a statement, by a process that forks for each."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

from flask import cli
from sqlalchemy import Engine, event

import app  # noqa: F401 - what every command loads, once
from tests.support.processes import ROOT


class Dying:
    """Runs commands to their death."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Talk to a process that forks."""
        self._process = process

    def run(self, *arguments: str, until: str) -> bool:
        """Run a command that is killed after the first statement that holds a text; return whether it met one."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"arguments": arguments, "until": until}) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip() == str(-signal.SIGKILL)


@contextlib.contextmanager
def commands(environment: dict[str, str]) -> Iterator[Dying]:
    """Be ready to run commands with these settings."""
    command = [sys.executable, "-m", "tests.transfer.dying"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as process:
        try:
            yield Dying(process)
        finally:
            process.kill()


def _serve() -> None:
    for line in sys.stdin:
        given = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_killed(given["arguments"], given["until"])
        _, ended = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(ended)}\n")
        sys.stdout.flush()


def _be_killed(arguments: list[str], until: str) -> NoReturn:
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)

    @event.listens_for(Engine, "after_cursor_execute")
    def die(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if until in statement:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.argv = ["flask", *arguments]
    try:
        cli.main()
    finally:
        os._exit(1)


if __name__ == "__main__":
    _serve()
