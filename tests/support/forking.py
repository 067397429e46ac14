"""The process that has the code of a program loaded and forks for each caller (tests.support.warm)."""

import array
import gc
import importlib.metadata
import json
import os
import select
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from flask import cli

if sys.argv[1] == "flask":
    for command in importlib.metadata.entry_points(group="flask.commands"):
        command.load()  # what the command line looks for when it starts
elif sys.argv[1] == "gunicorn":
    # prometheus-client looks for this folder when it is first imported; a process that was forked uses its own.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="rowlock-warm-")
    from gunicorn.app.wsgiapp import WSGIApplication

    from app.web import worker  # noqa: F401 - what the configuration loads beside the application

import app  # noqa: F401 - what every command and server loads, once
from tests.support.warm import STREAMS


def _serve(address: str) -> None:
    """Fork for each caller until the process that began this one is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()  # else the collector of each child copies the memory that it looks at
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
    """Run one program in a child; tell the caller its process id, then its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, ancillary, _, _ = caller.recvmsg(4, socket.CMSG_SPACE(STREAMS * 4))
    descriptors = array.array("i")
    descriptors.frombytes(ancillary[0][2])
    request = json.loads(caller.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL))
    process = os.fork()
    if process == 0:
        caller.close()
        _become(request["arguments"], request["environment"], list(descriptors))
    for descriptor in descriptors:
        os.close(descriptor)
    caller.sendall(process.to_bytes(4, "big", signed=True))
    ended = os.pidfd_open(process)
    if caller.fileno() in select.select([caller.fileno(), ended], [], [])[0]:  # who asked is gone
        os.kill(process, signal.SIGQUIT)
    _, status = os.waitpid(process, 0)
    caller.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
    os._exit(0)


def _become(arguments: list[str], environment: dict[str, str], descriptors: list[int]) -> NoReturn:
    """Be the program from here on."""
    os.setsid()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = arguments
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the one at hand has read of another file
    if arguments[0] == "flask":
        cli.main()
    else:
        WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()
    sys.exit()


if __name__ == "__main__":
    _serve(sys.argv[2])
