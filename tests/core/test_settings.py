"""What start-up refuses, and how it says so."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.core.mail_server import MailServer
from app.core.settings import Settings, SettingsError
from tests.conftest import SECRET_KEY, settings_from
from tests.servers import ROOT, clean_environment

REFUSED = [
    ({}, "SECRET_KEY"),
    ({"SECRET_KEY": ""}, "SECRET_KEY"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    ({"SECRET_KEY": "12345678"}, "SECRET_KEY"),
    ({"SECRET_KEY": "changeme"}, "SECRET_KEY"),
    ({"SECRET_KEY": "changeme-changeme-changeme-changeme-changeme"}, "SECRET_KEY"),
    ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
    ({"SECRET_KEY": SECRET_KEY, "SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY_FALLBACKS"),
    ({"SECRET_KEY": SECRET_KEY, "TRUSTED_PROXIES": "*"}, "TRUSTED_PROXIES"),
    ({"SECRET_KEY": SECRET_KEY, "WEB_CONCURRENCY": "2"}, "REDIS_URL"),
    ({"SECRET_KEY": SECRET_KEY, "WEB_CONCURRENCY": "many"}, "WEB_CONCURRENCY"),
    ({"SECRET_KEY": SECRET_KEY, "BCRYPT_ROUNDS": "4"}, "BCRYPT_ROUNDS"),
    ({"SECRET_KEY": SECRET_KEY, "PUBLIC_URL": "auth.example.com"}, "PUBLIC_URL"),
    ({"SECRET_KEY": SECRET_KEY, "DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
    ({"SECRET_KEY": SECRET_KEY, "CLIENT_REGISTRATION": "maybe"}, "CLIENT_REGISTRATION"),
    ({"SECRET_KEY": SECRET_KEY, "SIGNUP_LIMIT": "often"}, "SIGNUP_LIMIT"),
    ({"SECRET_KEY": SECRET_KEY, "SIGNUP_LIMIT": "0 per hour"}, "SIGNUP_LIMIT"),
    ({"SECRET_KEY": SECRET_KEY, "REDIS_URL": "foo"}, "REDIS_URL"),
    ({"SECRET_KEY": SECRET_KEY, "REDIS_URL": "redis://cache:port/0"}, "REDIS_URL"),
    ({"SECRET_KEY": SECRET_KEY, "DATABASE_URL": "postgresql://u:pw@h:notaport/db"}, "DATABASE_URL"),
    ({"SECRET_KEY": SECRET_KEY, "DATABASE_URL": "sqlite://"}, "DATABASE_URL"),
    ({"SECRET_KEY": SECRET_KEY, "DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL"),
    ({"SECRET_KEY": SECRET_KEY, "MIGRATION_DATABASE_URL": "mysql://x"}, "MIGRATION_DATABASE_URL"),
    ({"SECRET_KEY": SECRET_KEY, "TRUSTED_PROXIES": "0.0.0.0/0"}, "TRUSTED_PROXIES"),
    ({"SECRET_KEY": SECRET_KEY, "TRUSTED_PROXIES": "10.0.0.1,::/0"}, "TRUSTED_PROXIES"),
    ({"SECRET_KEY": SECRET_KEY, "TRUSTED_PROXIES": "128.0.0.0/1,10.0.0.1,0.0.0.0/1"}, "TRUSTED_PROXIES"),
    ({"SECRET_KEY": SECRET_KEY, "PORT": "99999"}, "PORT"),
    ({"SECRET_KEY": SECRET_KEY, "PORT": "http"}, "PORT"),
    ({"SECRET_KEY": SECRET_KEY, "HOST": "300.1.1.1"}, "HOST"),
    ({"SECRET_KEY": SECRET_KEY, "THREADS": "0"}, "THREADS"),
    ({"SECRET_KEY": SECRET_KEY, "PUBLIC_URL": "http://h:port"}, "PUBLIC_URL"),
    ({"SECRET_KEY": SECRET_KEY, "PUBLIC_URL": "http://a b"}, "PUBLIC_URL"),
    ({"SECRET_KEY": SECRET_KEY, "PUBLIC_URL": "http://<script>"}, "PUBLIC_URL"),
    ({"SECRET_KEY": SECRET_KEY, "PUBLIC_URL": "https://user:pw@auth.example.com"}, "PUBLIC_URL"),
    ({"SECRET_KEY": SECRET_KEY, "LOGIN_LIMIT": "0 per hour"}, "LOGIN_LIMIT"),
    ({"SECRET_KEY": SECRET_KEY, "RECOVERY_LIMIT": "often"}, "RECOVERY_LIMIT"),
    ({"SECRET_KEY": SECRET_KEY, "CODE_LIMIT": "0 per hour"}, "CODE_LIMIT"),
    ({"SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": "/dev/null/instance"}, "INSTANCE_PATH"),
    ({"SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": "/dev/null"}, "INSTANCE_PATH"),
    ({"SECRET_KEY": SECRET_KEY, "DATABASE_URL": "sqlite:///file::memory:?uri=true"}, "DATABASE_URL"),
    ({"SECRET_KEY": SECRET_KEY, "USAGE_HOURLY_KEPT_DAYS": "1"}, "USAGE_HOURLY_KEPT_DAYS"),
    ({"SECRET_KEY": SECRET_KEY, "USAGE_DAILY_KEPT_DAYS": "forever"}, "USAGE_DAILY_KEPT_DAYS"),
    ({"APP_ENV": "staging"}, "APP_ENV"),
    ({"SECRET_KEY": SECRET_KEY, "METRICS_TOKEN": "short"}, "METRICS_TOKEN"),
    ({"SECRET_KEY": SECRET_KEY, "METRICS_TOKEN": f"{SECRET_KEY} {SECRET_KEY}"}, "METRICS_TOKEN"),
    ({"SECRET_KEY": SECRET_KEY, "METRICS_TOKEN": f"{SECRET_KEY}ß"}, "METRICS_TOKEN"),
    ({"SECRET_KEY": SECRET_KEY, "METRICS_TOKEN": "changeme-changeme-changeme-changeme-changeme"}, "METRICS_TOKEN"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_URL": "mail.example.com"}, "MAIL_URL"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_URL": "http://mail.example.com"}, "MAIL_URL"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_URL": "smtp://mail.example.com:port"}, "MAIL_URL"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_URL": "smtp://mail.example.com:0"}, "MAIL_URL"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_URL": "smtp://mail.example.com?starttls=maybe"}, "MAIL_URL"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_URL": "smtp://mail.example.com?tls=true"}, "MAIL_URL"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_URL": "smtp://user@mail.example.com?starttls=true"}, "MAIL_URL"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_URL": "smtp://user:pw@mail.example.com"}, "MAIL_URL"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_URL": "smtps://mail.example.com/path"}, "MAIL_URL"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_FROM": "nobody"}, "MAIL_FROM"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_FROM": "Acme <auth@example.com>"}, "MAIL_FROM"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_FROM": "a@example.com\r\nBcc: b@example.com"}, "MAIL_FROM"),
    ({"SECRET_KEY": SECRET_KEY, "MAIL_WORKER": "none"}, "MAIL_WORKER"),
    ({"SECRET_KEY": SECRET_KEY, "METRICS_BIND": "9100"}, "METRICS_BIND"),
    ({"SECRET_KEY": SECRET_KEY, "METRICS_BIND": ":9100"}, "METRICS_BIND"),
    ({"SECRET_KEY": SECRET_KEY, "METRICS_BIND": "127.0.0.1:0"}, "METRICS_BIND"),
    ({"SECRET_KEY": SECRET_KEY, "METRICS_BIND": "127.0.0.1:65536"}, "METRICS_BIND"),
    ({"SECRET_KEY": SECRET_KEY, "METRICS_BIND": "::1:9100"}, "METRICS_BIND"),
    ({"SECRET_KEY": SECRET_KEY, "METRICS_BIND": "300.1.1.1:9100"}, "METRICS_BIND"),
]


@pytest.mark.parametrize(("environment", "name"), REFUSED)
def test_TOK_04_a_setting_that_cannot_be_is_refused_by_name(
    environment: dict[str, str], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in ("SECRET_KEY", "APP_ENV", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(setting, raising=False)
    with pytest.raises(SettingsError, match=name):
        settings_from({"APP_ENV": "production", "INSTANCE_PATH": str(tmp_path), **environment})


def test_an_instance_folder_that_may_not_be_written_to_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # the tests may run as root, who may write anywhere
    with pytest.raises(SettingsError, match="INSTANCE_PATH"):
        settings_from({"APP_ENV": "production", "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(tmp_path)})


@pytest.mark.parametrize("listed", ["10.0.0.0/8, ::1", "0.0.0.0/1"])
def test_proxies_are_addresses_and_networks(listed: str, tmp_path: Path) -> None:
    given = {"APP_ENV": "test", "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(tmp_path), "TRUSTED_PROXIES": listed}
    assert len(settings_from(given).trusted_proxies) == len(listed.split(","))


def test_TOK_04_the_server_does_not_start_with_a_bad_secret(tmp_path: Path) -> None:
    chosen = clean_environment({"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": "changeme", "PORT": "0"})
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    started = time.monotonic()
    ended = subprocess.run(command, cwd=ROOT, env=chosen, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode != 0
    assert "SECRET_KEY" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert time.monotonic() - started < 20


SIX_PROCESSES = """
import os
from app.core.settings import Settings
waiting, starting = os.pipe()
for _ in range(6):
    if os.fork() == 0:
        os.close(starting)
        os.read(waiting, 1)
        print(Settings.from_environment().secret_key, flush=True)
        os._exit(0)
os.close(starting)
"""


def test_in_development_one_secret_is_made_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    chosen = clean_environment({"INSTANCE_PATH": str(tmp_path), "APP_ENV": "development"})
    command = [sys.executable, "-c", SIX_PROCESSES]
    ended = subprocess.run(command, cwd=ROOT, env=chosen, capture_output=True, text=True, check=True)
    read = ended.stdout.split()
    assert len(read) == 6, ended.stderr
    secrets = set(read)
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_postgresql_address_names_its_driver(tmp_path: Path) -> None:
    read: Settings = settings_from(
        {
            "APP_ENV": "test",
            "SECRET_KEY": SECRET_KEY,
            "INSTANCE_PATH": str(tmp_path),
            "DATABASE_URL": "postgres://u@h/d",
        }
    )
    assert read.database_url == "postgresql+psycopg2://u@h/d"
    assert read.migration_database_url == read.database_url


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://u%40x:p%3Aw@mail.example.com", MailServer("mail.example.com", 465, True, False, "u@x", "p:w")),
        ("smtp://u:p@mail.example.com?starttls=true", MailServer("mail.example.com", 587, False, True, "u", "p")),
        ("smtp://u:p@[::1]:2525", MailServer("::1", 2525, False, False, "u", "p")),
        ("smtp://relay", MailServer("relay", 25, False, False)),
    ],
)
def test_a_mail_server_is_read_with_its_way_of_encryption(url: str, server: MailServer, tmp_path: Path) -> None:
    given = {"APP_ENV": "test", "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(tmp_path), "MAIL_URL": url}
    read = settings_from(given)
    assert read.mail_url == server
    assert "'p" not in repr(read.mail_url)
    assert read.mail_from == "rowlock@localhost"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("HTTPS://Auth.Example.com", "https://auth.example.com"),
        ("https://AUTH.example.com:8443/Base/", "https://auth.example.com:8443/Base"),
    ],
)
def test_the_address_of_the_service_is_spelt_as_browsers_spell_it(given: str, kept: str) -> None:
    assert settings_from({"SECRET_KEY": SECRET_KEY, "PUBLIC_URL": given}).public_url == kept
