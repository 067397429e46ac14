"""The settings TIERS and DEFAULT_TIER: what start-up takes, and what it refuses by name."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from app.core.settings import SettingsError
from app.limits.tiers import Tier
from tests.conftest import SECRET_KEY, settings_from
from tests.limits.test_tiers import NONE, USERS

REFUSED = [
    ({"TIERS": "gold"}, "TIERS"),
    ({"TIERS": "[]"}, "TIERS"),
    ({"TIERS": '{"gold": 5}'}, "TIERS"),
    ({"TIERS": '{"gold": {"requests_per_minute": 0}}'}, "TIERS"),
    ({"TIERS": '{"gold": {"requests_per_minute": -5}}'}, "TIERS"),
    ({"TIERS": '{"gold": {"requests_per_minute": true}}'}, "TIERS"),
    ({"TIERS": '{"gold": {"requests_per_minute": 1.5}}'}, "TIERS"),
    ({"TIERS": '{"gold": {"requests_per_minute": "5"}}'}, "TIERS"),
    ({"TIERS": '{"gold": {"requests_per_minute": 1000000001}}'}, "TIERS"),
    ({"TIERS": '{"gold": {"requests_per_second": 5}}'}, "TIERS"),
    ({"TIERS": '{"Gold": {"requests_per_minute": 5}}'}, "TIERS"),
    ({"TIERS": '{"": {"requests_per_minute": 5}}'}, "TIERS"),
    ({"TIERS": "[" * 100_000}, "TIERS"),
    ({"DEFAULT_TIER": "gold"}, "DEFAULT_TIER"),
    ({"DEFAULT_TIER": "gold", "TIERS": '{"silver": {}}'}, "DEFAULT_TIER"),
]


@pytest.mark.parametrize(("environment", "name"), REFUSED)
def test_a_tier_that_cannot_be_stops_the_start_by_name(environment: dict[str, str], name: str, tmp_path: Path) -> None:
    chosen = {"APP_ENV": "production", "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(tmp_path), "REDIS_URL": ""}
    with pytest.raises(SettingsError, match=name):
        settings_from(chosen | {"WEB_CONCURRENCY": "1"} | environment)


def test_tiers_of_the_settings_are_taken_as_they_are_written(tmp_path: Path) -> None:
    gold = {"requests_per_minute": 10**9, "requests_per_hour": None, "verify_requests_per_minute": 1}
    chosen = {"APP_ENV": "test", "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(tmp_path), "DEFAULT_TIER": "gold"}
    read = settings_from(chosen | {"TIERS": json.dumps({"gold": gold})})
    assert (read.tiers, read.default_tier) == ({"gold": gold}, "gold")
    assert asdict(Tier(**gold)) == NONE | USERS | gold
