"""The settings TIERS and DEFAULT_TIER: what start-up takes, and what it refuses by name."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from app.core.settings import Settings, SettingsError
from app.core.settings_rules import TIER_LIMITS
from app.limits.tiers import Tier
from tests.conftest import SECRET_KEY, settings_from
from tests.limits.test_tiers import NONE, USERS

SAMPLE = '{"gold": {"requests_per_minute": 200, "requests_per_hour": null}}'
PER_MINUTE = "TIERS: gold.requests_per_minute must be from 1 to 1000000000 or null"
NO_LIMIT = f"is no limit; there are {', '.join(TIER_LIMITS)}"
FORM = "must be lower-case letters, digits, - and _ (at most 32)"
REFUSED = [
    ("gold", f"TIERS is not JSON; write it like {SAMPLE}"),
    ("[" * 100_000, f"TIERS is not JSON; write it like {SAMPLE}"),
    ("[]", f"TIERS must be a JSON object such as {SAMPLE}"),
    ('{"gold": 5}', f"TIERS: gold must be an object of limits, as in {SAMPLE}"),
    ('{"gold": {"requests_per_minute": 0}}', PER_MINUTE),
    ('{"gold": {"requests_per_minute": -5}}', PER_MINUTE),
    ('{"gold": {"requests_per_minute": true}}', PER_MINUTE),
    ('{"gold": {"requests_per_minute": 1.5}}', PER_MINUTE),
    ('{"gold": {"requests_per_minute": "5"}}', PER_MINUTE),
    ('{"gold": {"requests_per_minute": 1000000001}}', PER_MINUTE),
    ('{"free": {}, "gold": {"requests_per_hour": 9, "burst": 5}}', f"TIERS: gold.burst {NO_LIMIT}"),
    ('{"Gold": {"requests_per_minute": 5}}', f'TIERS: "Gold" {FORM}'),
    ('{"": {"requests_per_minute": 5}}', f'TIERS: "" {FORM}'),
    (json.dumps({"a\n" * 5_000: {}}), 'TIERS: "' + "a\\n" * 32 + f'…" {FORM}'),
]


@pytest.mark.parametrize(("tiers", "said"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_tier_that_cannot_be_stops_the_start_and_is_told_what_is_wrong(tiers: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        started(tmp_path, TIERS=tiers)
    assert str(refused.value) == said


@pytest.mark.parametrize("tiers", ["", '{"silver": {}}'])
def test_a_default_tier_that_is_not_there_stops_the_start_by_name(tiers: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DEFAULT_TIER must be a tier of TIERS or one of free, pro, enterprise"):
        started(tmp_path, DEFAULT_TIER="gold", TIERS=tiers)


def started(folder: Path, **environment: str) -> Settings:
    """Read the settings of a server in production."""
    chosen = {"APP_ENV": "production", "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(folder), "REDIS_URL": ""}
    return settings_from(chosen | {"WEB_CONCURRENCY": "1"} | environment)


def test_tiers_of_the_settings_are_taken_as_they_are_written(tmp_path: Path) -> None:
    gold = {"requests_per_minute": 10**9, "requests_per_hour": None, "verify_requests_per_minute": 1}
    chosen = {"APP_ENV": "test", "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(tmp_path), "DEFAULT_TIER": "gold"}
    read = settings_from(chosen | {"TIERS": json.dumps({"gold": gold})})
    assert (read.tiers, read.default_tier) == ({"gold": gold}, "gold")
    assert asdict(Tier(**gold)) == NONE | USERS | gold
