"""Every route declares who may call it, and it is whom docs/contract.yaml names."""

import re
import uuid

import httpx
import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.web import guards
from app.web.guards import Caller
from tests.contracts.contract import CONTRACT, Row

# Guards are the same whatever the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")

EVERY_CALL = (*CONTRACT.built, *CONTRACT.additions)
CLOSED = [row for row in EVERY_CALL if "anyone" not in row.credentials]


def test_every_endpoint_declares_who_may_call_it(app: Flask) -> None:
    bare = [name for name, view in app.view_functions.items() if not guards.callers_of(view)]
    assert bare == []


def test_the_declared_callers_are_the_contracts(app: Flask) -> None:
    declared = {
        f"{method} {_path(rule)}": {name for caller in _callers(app, rule) for name in _names(caller)}
        for rule in app.url_map.iter_rules()
        for method in _methods(rule)
    }
    assert declared == {str(row): set(row.credentials) for row in EVERY_CALL}


@pytest.mark.parametrize("row", CLOSED, ids=str)
def test_ADM_01_a_call_without_a_credential_is_refused_before_its_body_is_read(api: httpx.Client, row: Row) -> None:
    path = re.sub(r"\{\w+\}", lambda _: str(uuid.uuid4()), row.path)
    answer = api.request(row.method, path, content=b"not json")
    assert answer.status_code == 401
    assert answer.json()["code"] == "authentication_required"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def _callers(app: Flask, rule: Rule) -> tuple[Caller, ...]:
    return guards.callers_of(app.view_functions[rule.endpoint])


def _methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


def _path(rule: Rule) -> str:
    """Return the path of a rule as OpenAPI writes it."""
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)


def _names(caller: Caller) -> list[str]:
    """Return a declared caller in the words of the contract."""
    fresh = " fresh" if caller.fresh else ""
    match caller:
        case Caller("registrant"):
            return ["anyone", "operator"]
        case Caller("api_key", scope):
            # An access key may do everything within its own client.
            return ["access_key" + fresh, (f"api_key[{scope}]" if scope else "api_key") + fresh]
        case Caller("admin", "admin"):
            return ["admin" + fresh]
        case Caller(kind, None):
            return [kind + fresh]
        case Caller(kind, scope):
            return [f"{kind}[{scope}]{fresh}"]
    raise AssertionError(caller)
