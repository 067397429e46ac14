"""What shares connections to PostgreSQL out by the transaction: PgBouncer where the machine has it, and a stand-in."""

import contextlib
import os
import pwd
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg2
from sqlalchemy import make_url

from tests.support.processes import child, free_port, kill_group, wait_until
from tests.support.transaction_pooler import TransactionPooler

_PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
PGBOUNCER = shutil.which("pgbouncer", path=_PLACES)
Pooler = Callable[..., AbstractContextManager[str]]


@contextlib.contextmanager
def pgbouncer(database_url: str, *, size: int) -> Iterator[str]:
    """Run PgBouncer with this many connections to a database; yield the URL that leads through it."""
    target, port = make_url(database_url), free_port()
    with tempfile.TemporaryDirectory(prefix="rowlock-pooler-") as name:
        folder = Path(name)
        users = folder / "users"
        users.write_text(f'"{target.username}" "{target.password}"\n')
        configuration = folder / "pgbouncer.ini"
        configuration.write_text(
            f"[databases]\n* = host={target.host} port={target.port}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = trust\nauth_file = {users}\n"
            f"pool_mode = transaction\ndefault_pool_size = {size}\nignore_startup_parameters = options\n"
        )
        account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # PgBouncer refuses to run as root
        if account is not None:
            for path in (folder, users, configuration):
                os.chown(path, account.pw_uid, account.pw_gid)
        through = target.set(host="127.0.0.1", port=port)
        log = folder / "log"
        command: list[str | Path] = [PGBOUNCER or "pgbouncer", configuration]
        process = child(command, output=log, dies_by=signal.SIGINT, user=account, folder=folder)
        try:
            wait_until(lambda: _answers(_plain(through.render_as_string(hide_password=False))), process, log)
            yield through.render_as_string(hide_password=False)
        finally:
            kill_group(process)


@contextlib.contextmanager
def stand_in(database_url: str, *, size: int) -> Iterator[str]:
    """Do the same without PgBouncer."""
    with contextlib.closing(TransactionPooler(_plain(database_url), size=size)) as pooler:
        through = make_url(database_url).set(host="127.0.0.1", port=pooler.port)
        yield through.render_as_string(hide_password=False)


POOLERS: dict[str, Pooler] = {"stand-in": stand_in}
if PGBOUNCER:
    POOLERS["PgBouncer"] = pgbouncer


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _answers(url: str) -> bool:
    with contextlib.suppress(psycopg2.OperationalError):
        psycopg2.connect(url, connect_timeout=2).close()
        return True
    return False
