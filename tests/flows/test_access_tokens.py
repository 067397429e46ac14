"""Access tokens: only ours, only whole, only for what they are."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask

from app.clients import service as clients
from app.core import clock, db
from app.sessions import signing
from tests.factories import Person, Tenant, bearer

Forge = Callable[..., str]


@pytest.fixture
def person(tenant: Tenant) -> Person:
    return tenant.sign_up()


@pytest.fixture
def forge(app: Flask, tenant: Tenant, person: Person) -> Forge:
    """Sign tokens with the client's own private key: claims and headers as wished, None leaves one out."""
    with app.app_context(), db.reading():
        version = clients.require(UUID(tenant.client_id)).version
        key = signing.current(UUID(tenant.client_id), version)
    genuine = jwt.decode(person.access_token, options={"verify_signature": False})

    def make(headers: dict[str, Any] | None = None, signer: Any = None, algorithm: str = "ES256", **claims: Any) -> str:
        payload = {name: value for name, value in {**genuine, **claims}.items() if value is not None}
        head = {"kid": str(key.kid), "typ": "at+jwt", **(headers or {})}
        return jwt.encode(payload, signer or key.private_key, algorithm, headers=head)

    return make


def refused(tenant: Tenant, token: str) -> None:
    """Assert that a token is refused with 401, a problem and a challenge."""
    answer = tenant.api.get(f"{tenant.path}/me", headers=bearer(token))
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] in ("authentication_required", "token_expired", "token_revoked")


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_made_as_ours_are_is_taken(tenant: Tenant, forge: Forge) -> None:
    answer = tenant.api.get(f"{tenant.path}/me", headers=bearer(forge()))
    assert answer.status_code == 200


def test_TOK_01_another_algorithm_is_refused(app: Flask, tenant: Tenant, person: Person, forge: Forge) -> None:
    document = tenant.api.get(f"{tenant.path}/.well-known/jwks.json").json()
    public = jwt.PyJWK(document["keys"][0]).key
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, payload, _ = person.access_token.split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    for algorithm in ("none", "None", "NONE", "nOnE", ""):
        refused(tenant, f"{_part({**header, 'alg': algorithm})}.{payload}.")
    for secret in (pem, json.dumps(document["keys"][0]).encode(), b""):
        signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
        message = f"{_part({**header, 'alg': 'HS256'})}.{payload}".encode()
        forged = base64.urlsafe_b64encode(signature.sign(message, secret)).rstrip(b"=").decode()
        refused(tenant, f"{message.decode()}.{forged}")
    refused(tenant, forge(signer=rsa.generate_private_key(65537, 2048), algorithm="RS256"))
    refused(tenant, forge(signer=ec.generate_private_key(ec.SECP384R1()), algorithm="ES384"))
    refused(tenant, forge(signer=ec.generate_private_key(ec.SECP256R1())))


@pytest.mark.parametrize(
    "headers",
    [
        {"kid": "../../dev/null"},
        {"kid": "x' OR '1'='1"},
        {"kid": ""},
        {"kid": "01a1fd2d-3e9f-73bf-971e-18ed3257afe7"},
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": False},
    ],
)
def test_TOK_01_an_unknown_key_or_a_critical_header_is_refused(
    tenant: Tenant, forge: Forge, headers: dict[str, Any]
) -> None:
    refused(tenant, forge(headers))


def test_TOK_01_keys_that_a_token_brings_along_are_never_used(tenant: Tenant, forge: Forge) -> None:
    own = ec.generate_private_key(ec.SECP256R1())
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(own.public_key(), as_dict=True)
    for headers in ({"jwk": jwk}, {"jku": "http://127.0.0.1/keys"}, {"x5u": "http://127.0.0.1/cert"}):
        refused(tenant, forge(headers, signer=own))


@pytest.mark.parametrize("typ", ["JWT", "jwt", "rt+jwt", "", None, "AT+JWT ", "application/at+jwt", 1])
def test_TOK_02_a_token_of_another_kind_is_refused(tenant: Tenant, forge: Forge, typ: Any) -> None:
    refused(tenant, forge({"typ": typ}))


@pytest.mark.parametrize("kind", [None, "refresh", "id", "", "mfa", 1])
def test_TOK_02_a_token_without_the_claim_type_access_is_refused(tenant: Tenant, forge: Forge, kind: Any) -> None:
    refused(tenant, forge(type=kind))


def test_TOK_02_a_refresh_token_is_no_access_token_nor_the_other_way_round(tenant: Tenant, person: Person) -> None:
    refused(tenant, person.refresh_token)
    answer = tenant.call("POST", "/refresh", json={"refresh_token": person.access_token})
    assert (answer.status_code, answer.json()["code"]) in [(401, "token_revoked"), (422, "validation_failed")]


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf", "iss", "aud", "sub", "jti", "sid", "type", "client_id"])
def test_TOK_03_a_token_that_lacks_a_claim_is_refused(tenant: Tenant, forge: Forge, claim: str) -> None:
    refused(tenant, forge(**{claim: None}))


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": "9999999999"},
        {"exp": 1e308},
        {"exp": -1},
        {"exp": True},
        {"exp": 10**30},
        {"iat": 9999999999},
        {"nbf": 9999999999},
        {"iss": "https://evil.example/api/v1/x"},
        {"aud": "01a1fd2d-3e9f-73bf-971e-18ed3257afe7"},
        {"aud": []},
        {"client_id": "01a1fd2d-3e9f-73bf-971e-18ed3257afe7"},
        {"sub": "nobody"},
        {"sub": 7},
        {"sid": "../x"},
        {"sid": "01a1fd2d-3e9f-73bf-971e-18ed3257afe7"},
        {"sub": "01a1fd2d-3e9f-73bf-971e-18ed3257afe7"},
    ],
)
def test_TOK_03_a_token_with_a_wrong_claim_is_refused(tenant: Tenant, forge: Forge, claims: dict[str, Any]) -> None:
    refused(tenant, forge(**claims))


def test_TOK_03_an_audience_among_others_is_refused(tenant: Tenant, forge: Forge) -> None:
    refused(tenant, forge(aud=[tenant.client_id, "someone-else"]))


def test_an_expired_token_says_so_and_is_summed_up_in_its_clients_log(tenant: Tenant, person: Person) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
        for _ in range(3):
            answer = person.call("GET", "/me")
            assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
        rows = tenant.audit(action="credential.refuse")
    assert [(row["status"], row["user_id"], row["detail"]) for row in rows] == [
        ("failed", person.user_id, {"code": "token_expired", "times": 3})
    ]


@pytest.mark.parametrize(
    "token",
    ["x", "a.b.c", "..", "eyJhbGciOiJFUzI1NiJ9..", "rlk_ak_", "[" * 5000, f"{'W' * 4000}.{'W' * 3000}.x"],
)
def test_TOK_03_garbage_is_refused(tenant: Tenant, token: str) -> None:
    answer = tenant.api.get(f"{tenant.path}/me", headers=bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_required")


def test_IN_02_a_deeply_nested_token_header_is_refused(tenant: Tenant) -> None:
    nested = base64.urlsafe_b64encode(b"[" * 5500).rstrip(b"=").decode()
    refused(tenant, f"{nested}.e30.x")


def test_TOK_12_no_credential_is_taken_from_the_url(tenant: Tenant, person: Person) -> None:
    for name in ("access_token", "jwt", "token", "api_key", "apikey", "key"):
        for value in (person.access_token, tenant.access_key):
            answer = tenant.api.get(f"{tenant.path}/me", params={name: value})
            assert (answer.status_code, answer.json()["code"]) == (401, "authentication_required")


def test_TOK_12_no_answer_holds_a_url_with_a_credential(api: httpx.Client, tenant: Tenant, person: Person) -> None:
    answers = [
        api.post("/api/v1/clients/register", json={"client_name": "Urls"}),
        tenant.call("POST", "/login", json={"email": person.email, "password": person.password}),
        tenant.call("GET", "/audit-logs"),
        person.call("GET", "/me"),
        api.get(f"/api/v1/clients/{tenant.client_id}", headers=bearer(tenant.access_key)),
    ]
    for answer in answers:
        for word in answer.text.split('"'):
            assert not (word.startswith("http") and ("rlk_" in word or "eyJ" in word))
        assert "location" not in answer.headers
