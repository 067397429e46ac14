"""Every setting, in one typed place, read from the environment and from a `.env` file."""

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from environs import Env, EnvError

from app.core import mail_server
from app.core import settings_rules as rules
from app.core.mail_server import MailServer
from app.core.settings_rules import Network, SettingsError

__all__ = ["Network", "Settings", "SettingsError", "changed", "settings", "use"]
_ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decides. README lists each with its environment name (the field's name in capitals)."""

    app_env: str
    """`production`, `development` or `test`."""
    database_url: str
    """SQLAlchemy URL of PostgreSQL or SQLite."""
    migration_database_url: str
    """URL that `flask db upgrade` uses: a role that may own tables; default DATABASE_URL."""
    redis_url: str | None
    """Where limits are counted when several workers share them; none = in the process."""
    secret_key: str
    """At least 32 bytes; every server key derives from it."""
    secret_key_fallbacks: tuple[str, ...]
    """Earlier SECRET_KEYs that still decrypt and verify."""
    public_url: str
    """Where people reach the service, without a slash at the end: base of issuer and links."""
    host: str
    """Address to listen on."""
    port: int
    """Port to listen on."""
    web_concurrency: int
    """Worker processes."""
    threads: int
    """Threads of each worker; its connections to the database follow from it."""
    connection_clients: int
    """Users tables that a connection to PostgreSQL meets before it is replaced."""
    trusted_proxies: tuple[Network, ...]
    """Proxies whose X-Forwarded-For is believed."""
    client_registration: str
    """`open`: anyone registers a client; `operator`: only an operator does."""
    client_registration_limit: str
    """Registrations per address, e.g. `10 per hour`."""
    client_registration_global_limit: str
    """Registrations from everywhere."""
    signup_limit: str
    """Sign-ups per address."""
    signup_global_limit: str
    """Sign-ups within one client, from everywhere."""
    login_limit: str
    """Logins and refreshes per address."""
    recovery_limit: str
    """Calls per address that send mail: to verify an address, to reset a password, to change an address."""
    recovery_global_limit: str
    """The same within one client, from everywhere."""
    code_limit: str
    """Tries of one-time codes per address."""
    tiers: Mapping[str, Mapping[str, int | None]]
    """Tiers that add to or replace the built-in ones: name → limits, null = no such window."""
    default_tier: str
    """The tier of new clients."""
    client_defaults: Mapping[str, Any]
    """Settings of clients that name none of their own: name → value, over the built-in ones."""
    client_bounds: Mapping[str, tuple[int, int]]
    """How far clients may go with settings that are numbers: name → least and most."""
    usage_hourly_kept_days: int
    """How long calls per hour are kept."""
    usage_daily_kept_days: int
    """How long calls per day are kept."""
    import_max_bytes: int
    """The largest file of users that an import takes."""
    bcrypt_rounds: int
    """Cost of a password hash: 2^rounds."""
    mail_url: MailServer | None
    """Where mails are handed over; none = they are written into the instance folder."""
    mail_from: str
    """The address that mails come from; default: rowlock at the host of PUBLIC_URL."""
    mail_worker: str
    """`thread`: each server process sends mails; `process`: only `flask worker` does."""
    metrics_token: str | None
    """What `GET /metrics` takes as Bearer; none = there is nothing at that path."""
    metrics_bind: tuple[str, int] | None
    """Address and port of a listener that serves the metrics to whoever reaches it; none = no such listener."""
    snapshot_interval: timedelta | None
    """How often each client that has changed is kept as it is; none = never by itself."""
    snapshot_keep: int | timedelta
    """How many scheduled snapshots of a client are kept, or for how long."""
    snapshot_dir: Path
    """Folder of the snapshots' files, sealed; each client has one of its own in it."""
    log_level: str
    """DEBUG, INFO, WARNING or ERROR."""
    instance_path: Path
    """Folder of what the service keeps on disk."""

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is in use."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read and check all settings; raises SettingsError naming the one that is wrong."""
        env = Env()
        env.read_env(str(_ROOT / ".env"), recurse=False)
        try:
            return _checked(_read(env))
        except EnvError as wrong:
            raise SettingsError(str(wrong)) from wrong


def _read(env: Env) -> Settings:
    instance = Path(env.str("INSTANCE_PATH", "instance"))
    instance = rules.folder("INSTANCE_PATH", instance if instance.is_absolute() else _ROOT / instance)
    app_env = _one_of(env, "APP_ENV", ("production", "development", "test"))
    database_url = env.str("DATABASE_URL", "") or f"sqlite:///{instance / 'rowlock.db'}"
    migration_url = env.str("MIGRATION_DATABASE_URL", "") or database_url
    tiers = rules.tiers("TIERS", env.str("TIERS", "") or "{}")
    public_url = rules.public_url(env.str("PUBLIC_URL", "http://localhost:8000"))
    return Settings(
        app_env=app_env,
        database_url=rules.database_url("DATABASE_URL", database_url),
        migration_database_url=rules.database_url("MIGRATION_DATABASE_URL", migration_url),
        redis_url=rules.redis_url(env.str("REDIS_URL", "")),
        secret_key=_secret_key(env, app_env, instance),
        secret_key_fallbacks=_fallbacks(env),
        public_url=public_url,
        host=rules.host("HOST", env.str("HOST", "127.0.0.1")),
        port=rules.whole("PORT", env.int("PORT", 8000), least=0, most=65_535),
        web_concurrency=rules.whole("WEB_CONCURRENCY", env.int("WEB_CONCURRENCY", 1), least=1, most=256),
        threads=rules.whole("THREADS", env.int("THREADS", 8), least=1, most=256),
        connection_clients=rules.whole(
            "CONNECTION_CLIENTS", env.int("CONNECTION_CLIENTS", 3000), least=1, most=1_000_000
        ),
        trusted_proxies=rules.networks(env.list("TRUSTED_PROXIES", [])),
        client_registration=_one_of(env, "CLIENT_REGISTRATION", ("open", "operator")),
        client_registration_limit=_limit(env, "CLIENT_REGISTRATION_LIMIT", "10 per hour"),
        client_registration_global_limit=_limit(env, "CLIENT_REGISTRATION_GLOBAL_LIMIT", "1000 per hour"),
        signup_limit=_limit(env, "SIGNUP_LIMIT", "30 per hour"),
        signup_global_limit=_limit(env, "SIGNUP_GLOBAL_LIMIT", "10000 per hour"),
        login_limit=_limit(env, "LOGIN_LIMIT", "120 per minute"),
        recovery_limit=_limit(env, "RECOVERY_LIMIT", "30 per hour"),
        recovery_global_limit=_limit(env, "RECOVERY_GLOBAL_LIMIT", "10000 per hour"),
        code_limit=_limit(env, "CODE_LIMIT", "120 per minute"),
        tiers=tiers,
        default_tier=rules.known_tier("DEFAULT_TIER", env.str("DEFAULT_TIER", "") or "free", tiers),
        client_defaults=rules.json_object("CLIENT_DEFAULTS", env.str("CLIENT_DEFAULTS", "")),
        client_bounds=rules.number_bounds("CLIENT_BOUNDS", env.str("CLIENT_BOUNDS", "")),
        usage_hourly_kept_days=_days(env, "USAGE_HOURLY_KEPT_DAYS", 31, least=2),
        usage_daily_kept_days=_days(env, "USAGE_DAILY_KEPT_DAYS", 400, least=30),
        import_max_bytes=rules.whole("IMPORT_MAX_BYTES", env.int("IMPORT_MAX_BYTES", 2**26), least=2**16, most=2**32),
        bcrypt_rounds=_bcrypt_rounds(env, app_env),
        mail_url=mail_server.parse("MAIL_URL", env.str("MAIL_URL", "")),
        mail_from=mail_server.sender("MAIL_FROM", env.str("MAIL_FROM", ""), public_url=public_url),
        mail_worker=_one_of(env, "MAIL_WORKER", ("thread", "process")),
        metrics_token=rules.bearer_token("METRICS_TOKEN", env.str("METRICS_TOKEN", "")),
        metrics_bind=rules.bind("METRICS_BIND", env.str("METRICS_BIND", "")),
        snapshot_interval=rules.interval("SNAPSHOT_INTERVAL", env.str("SNAPSHOT_INTERVAL", "")),
        snapshot_keep=rules.kept("SNAPSHOT_KEEP", env.str("SNAPSHOT_KEEP", "") or "7"),
        snapshot_dir=rules.absolute(env.str("SNAPSHOT_DIR", "") or "snapshots", below=instance),
        log_level=_one_of(env, "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
        instance_path=instance,
    )


def _checked(read: Settings) -> Settings:
    if read.web_concurrency > 1 and not read.redis_url:
        raise SettingsError("WEB_CONCURRENCY is over 1 but REDIS_URL is not set: in-process limits would not be shared")
    return read


def _one_of(env: Env, name: str, allowed: tuple[str, ...]) -> str:
    """Return one of the words allowed; the first is the default."""
    return rules.one_of(name, env.str(name, "") or allowed[0], allowed)


def _limit(env: Env, name: str, default: str) -> str:
    return rules.limit(name, env.str(name, default))


def _days(env: Env, name: str, default: int, *, least: int) -> int:
    return rules.whole(name, env.int(name, default), least=least, most=3_650)


def _bcrypt_rounds(env: Env, app_env: str) -> int:
    least = 10 if app_env == "production" else 4
    return rules.whole("BCRYPT_ROUNDS", env.int("BCRYPT_ROUNDS", 12), least=least, most=16)


def _secret_key(env: Env, app_env: str, instance: Path) -> str:
    value = env.str("SECRET_KEY", "") or _generated_secret(app_env, instance)
    return rules.secret("SECRET_KEY", value, required=app_env == "production")


def _fallbacks(env: Env) -> tuple[str, ...]:
    listed: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
    return tuple(rules.secret("SECRET_KEY_FALLBACKS", value, required=False) for value in listed)


def _generated_secret(app_env: str, instance: Path) -> str:
    """Return the development secret kept in the instance folder, made at the first start; '' in production."""
    if app_env == "production":
        return ""
    kept, fresh = instance / "secret_key", instance / f".secret_key.{os.getpid()}"
    if not kept.exists():
        # Written aside and linked, so that two processes starting at once agree on one whole secret.
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, kept)
        fresh.unlink()
    return kept.read_text().strip()


_current: Settings | None = None


def settings() -> Settings:
    """Return the settings in force."""
    if _current is None:
        raise RuntimeError("no settings yet: create_app() puts them in force")
    return _current


def use(chosen: Settings) -> None:
    """Put settings in force for this process."""
    global _current
    _current = chosen


@contextlib.contextmanager
def changed(**fields: Any) -> Iterator[Settings]:
    """Change settings for a while; for tests and the shell."""
    before = settings()
    use(replace(before, **fields))
    try:
        yield settings()
    finally:
        use(before)
