"""Starts gunicorn over and over, quickly: the modules are imported once, and each server is forked from there.

It reads `<port>` lines and answers the process id of a new server, whose process group is its own: master and worker,
as `gunicorn -c gunicorn.conf.py wsgi:app` starts them. The launcher itself makes no application and opens no database.
"""

import gc
import os
import signal
import sys

from gunicorn.app.wsgiapp import WSGIApplication

import app  # noqa: F401 - imported here once, so that servers start in a fraction of a second
import config  # noqa: F401 - the same


def main() -> None:
    """Start a server for each line read; end when the input does."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()  # else the collector of each server copies the memory that it looks at
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _serve(line.strip())
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _serve(port: str) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # the pipe to whom asked is the launcher's; a server's lines go to its log
    os.environ["PORT"] = port
    sys.argv = ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()


if __name__ == "__main__":
    main()
