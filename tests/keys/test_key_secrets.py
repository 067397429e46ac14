"""Keys leak nowhere, and what is no key costs nothing."""

import json
import re

import httpx
import pytest
from flask import Flask

from app.core import crypto
from app.core.redis_link import RedisLink
from app.core.settings import changed
from tests import database, servers
from tests.factories import Tenant, bearer, register
from tests.flows.counting import code_of
from tests.keys.making import ENDED, asked_of_database, make, through, typo, verify

KEY = re.compile(r"rlk_(ak|sk|pk|rt)_[0-9A-Za-z]{49}")
SLICE = 8


def slices(key: str) -> set[str]:
    """Return every part of a key that tells something: its beginning and its last four characters are public."""
    hidden = key[crypto.PREFIX_SHOWN : -4]
    return {hidden[start : start + SLICE] for start in range(len(hidden) - SLICE + 1)}


def test_KEY_04_a_key_is_told_once_and_neither_database_nor_logs_know_it(
    live: httpx.Client, server: servers.RunningServer, database_url: str
) -> None:
    tenant = register(live)
    begun = len(server.log())
    made = [make(tenant, kind=kind, name="Secret") for kind in ("secret", "publishable")]
    path = f"/keys/{made[0]['key_id']}"
    answers = [tenant.call("POST", f"{path}/rotate", json={"grace_seconds": 60})]
    keys = [*(one["api_key"] for one in made), answers[0].json()["api_key"], tenant.access_key]
    answers = [tenant.call("GET", "/keys"), tenant.call("GET", path), tenant.call("GET", f"{path}/usage")]
    answers.append(tenant.call("GET", "/audit-logs"))
    for key in keys:
        for header in (bearer(key), {"X-API-Key": key}, {"User-Agent": key}, {"Idempotency-Key": key}):
            answers.append(live.get(f"{tenant.path}/keys", headers=header))
            answers.append(live.post(f"{tenant.path}/keys/verify", json={"key": key, "name": key}, headers=header))
        answers.append(live.get(f"{tenant.path}/keys/{key}?key={key}"))
        answers.append(tenant.call("POST", "/keys/verify", json={"key": key}))
    told = "\n".join(answer.text + str(answer.headers) for answer in answers)
    stored, logged = database.dump(database_url), server.log()[begun:]
    assert len(logged.splitlines()) >= len(answers)
    for key in keys:
        for where in (stored, logged, told):
            assert not [part for part in slices(key) if part in where]


def test_KEY_08_the_scanners_pattern_finds_keys_in_a_text(tenant: Tenant) -> None:
    person = tenant.sign_up()
    found = [
        tenant.access_key,
        make(tenant)["api_key"],
        make(tenant, kind="publishable")["api_key"],
        person.refresh_token,
    ]
    text = json.dumps({"env": [f"KEY={key}\n" for key in found], "other": "rlk_sk_short rlk_xx_" + "a" * 49})
    assert [match.group() for match in KEY.finditer(text)] == found
    assert [crypto.kind_of(key) for key in found] == ["ak", "sk", "pk", "rt"]
    assert [crypto.kind_of(typo(key)) for key in found] == [None] * 4


def test_KEY_08_a_flood_of_typos_asks_neither_database_nor_redis(
    app: Flask, tenant: Tenant, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, asked = make(tenant, scopes=["keys:read"])["api_key"], []
    run = RedisLink.run
    monkeypatch.setattr(RedisLink, "run", lambda *given: asked.append(given) or run(*given))  # type: ignore[func-returns-value]
    wrong = [
        typo(key),
        key[:-1] + ("a" if key[-1] != "a" else "b"),
        key[:30],
        "rlk_sk_" + "0" * 49,
        "rlk_",
        typo(tenant.access_key),
    ]
    with changed(redis_url=redis_url):
        with asked_of_database(app) as statements:
            for number in range(50):
                for header in (bearer(wrong[number % 6]), {"X-API-Key": wrong[number % 6]}):
                    answer = tenant.api.get(f"{tenant.path}/keys", headers=header)
                    assert code_of(answer) == ENDED
                    assert answer.headers["www-authenticate"].startswith("Bearer")
        assert (statements, asked) == ([], [])
        # The same of a key that is asked about: only the caller's own costs something.
        verify(tenant, key)
        with asked_of_database(app) as statements:
            assert [verify(tenant, one)["code"] for one in wrong] == ["not_found"] * 6
        assert statements == []
    assert tenant.audit(action="credential.refuse") == []
    assert through(tenant, key, "GET", "/keys").status_code == 200
