"""The process that has the code of every flask command loaded and forks for each (tests.support.warm_flask)."""

import array
import atexit
import json
import os
import select
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from flask import cli

import app  # noqa: F401 - what every command loads, once
from tests.support.warm_flask import STREAMS


def _serve(address: str) -> None:
    """Fork for each caller until the process that began this one is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{address}.new")
        listener.listen(64)
        Path(f"{address}.new").rename(address)
        while True:
            ready: list[object] = select.select([listener, sys.stdin], [], [])[0]
            if sys.stdin in ready:
                return
            caller, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _answer(caller)
            caller.close()


def _answer(caller: socket.socket) -> NoReturn:
    """Run one command in a child and tell the caller its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, ancillary, _, _ = caller.recvmsg(4, socket.CMSG_SPACE(STREAMS * 4))
    descriptors = array.array("i")
    descriptors.frombytes(ancillary[0][2])
    wanted = int.from_bytes(head, "big")
    body = b""
    while len(body) < wanted:
        body += caller.recv(wanted - len(body))
    request = json.loads(body)
    process = os.fork()
    if process == 0:
        caller.close()
        _become(request["arguments"], request["environment"], list(descriptors))
    _, ended = os.waitpid(process, 0)
    caller.sendall(os.waitstatus_to_exitcode(ended).to_bytes(4, "big", signed=True))
    os._exit(0)


def _become(arguments: list[str], environment: dict[str, str], descriptors: list[int]) -> NoReturn:
    """Be the flask command from here on."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["flask", *arguments]
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the one at hand has read of another file
    status = 1
    try:
        cli.main()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve(sys.argv[1])
