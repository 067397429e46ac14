"""Every setting, in one typed place, read from the environment and from a `.env` file."""

import contextlib
import ipaddress
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvError
from limits import parse_many

_ROOT = Path(__file__).resolve().parent.parent.parent
_SAMPLES = ("changeme", "change-me", "change_me", "secret", "example", "password", "your-", "sample", "insecure")
_MIN_SECRET = 32

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(Exception):
    """A setting that start-up refuses; the message names it and says what to do."""


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
    bcrypt_rounds: int
    """Cost of a password hash: 2^rounds."""
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
    instance = instance if instance.is_absolute() else _ROOT / instance
    app_env = _one_of(env, "APP_ENV", "production", ("production", "development", "test"))
    database_url = _database_url(env.str("DATABASE_URL", "") or f"sqlite:///{instance / 'rowlock.db'}")
    return Settings(
        app_env=app_env,
        database_url=database_url,
        migration_database_url=_database_url(env.str("MIGRATION_DATABASE_URL", "") or database_url),
        redis_url=env.str("REDIS_URL", "") or None,
        secret_key=env.str("SECRET_KEY", "") or _generated_secret(app_env, instance),
        secret_key_fallbacks=tuple(env.list("SECRET_KEY_FALLBACKS", [])),
        public_url=env.str("PUBLIC_URL", "http://localhost:8000").rstrip("/"),
        host=env.str("HOST", "127.0.0.1"),
        port=env.int("PORT", 8000),
        web_concurrency=env.int("WEB_CONCURRENCY", 1),
        threads=env.int("THREADS", 8),
        trusted_proxies=_networks(env.list("TRUSTED_PROXIES", [])),
        client_registration=_one_of(env, "CLIENT_REGISTRATION", "open", ("open", "operator")),
        client_registration_limit=env.str("CLIENT_REGISTRATION_LIMIT", "10 per hour"),
        client_registration_global_limit=env.str("CLIENT_REGISTRATION_GLOBAL_LIMIT", "1000 per hour"),
        signup_limit=env.str("SIGNUP_LIMIT", "30 per hour"),
        signup_global_limit=env.str("SIGNUP_GLOBAL_LIMIT", "10000 per hour"),
        login_limit=env.str("LOGIN_LIMIT", "120 per minute"),
        bcrypt_rounds=env.int("BCRYPT_ROUNDS", 12),
        log_level=_one_of(env, "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        instance_path=instance,
    )


def _checked(read: Settings) -> Settings:
    _check_secrets(read)
    parts = urlsplit(read.public_url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError("PUBLIC_URL must be an http(s) address such as https://auth.example.com")
    if read.web_concurrency < 1 or read.threads < 1:
        raise SettingsError("WEB_CONCURRENCY and THREADS must be at least 1")
    if read.web_concurrency > 1 and not read.redis_url:
        raise SettingsError("WEB_CONCURRENCY is over 1 but REDIS_URL is not set: in-process limits would not be shared")
    lowest = 10 if read.app_env == "production" else 4
    if not lowest <= read.bcrypt_rounds <= 16:
        raise SettingsError(f"BCRYPT_ROUNDS must be from {lowest} to 16 (12 is the default)")
    _check_limits(read)
    return read


def _check_limits(read: Settings) -> None:
    for name in (
        "client_registration_limit",
        "client_registration_global_limit",
        "signup_limit",
        "signup_global_limit",
        "login_limit",
    ):
        try:
            parse_many(getattr(read, name))
        except ValueError as wrong:
            raise SettingsError(f"{name.upper()} must read like `10 per hour` or `5 per minute;100 per day`") from wrong


def _check_secrets(read: Settings) -> None:
    for name, value in [
        ("SECRET_KEY", read.secret_key),
        *(("SECRET_KEY_FALLBACKS", f) for f in read.secret_key_fallbacks),
    ]:
        if read.app_env == "production" and not value:
            raise SettingsError(
                f"{name} is not set: make one with `python -c 'import secrets; print(secrets.token_urlsafe(48))'`"
            )
        if len(value.encode()) < _MIN_SECRET:
            raise SettingsError(
                f"{name} is shorter than {_MIN_SECRET} bytes: make a random one of at least that length"
            )
        if len(set(value)) < 10 or any(sample in value.lower() for sample in _SAMPLES):
            raise SettingsError(f"{name} looks like a sample: make a random one")


def _generated_secret(app_env: str, instance: Path) -> str:
    """Return the development secret kept in the instance folder, made at the first start; '' in production."""
    if app_env == "production":
        return ""
    instance.mkdir(parents=True, exist_ok=True)
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


def _one_of(env: Env, name: str, default: str, allowed: tuple[str, ...]) -> str:
    value: str = env.str(name, default) or default
    if value not in allowed:
        raise SettingsError(f"{name} must be one of {', '.join(allowed)}")
    return value


def _networks(listed: list[str]) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(item.strip()) for item in listed if item.strip())
    except ValueError as wrong:
        raise SettingsError(
            "TRUSTED_PROXIES must list addresses or networks of your own proxies (never `*`)"
        ) from wrong


def _database_url(url: str) -> str:
    """Name the driver: SQLAlchemy 2.1 would take `postgresql://` for psycopg 3."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg2://" + url.removeprefix(scheme)
    if not url.startswith(("postgresql+psycopg2://", "sqlite://")):
        raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite://")
    return url


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
