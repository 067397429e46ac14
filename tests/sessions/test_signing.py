"""Signing keys: one pair per client, private at rest, public in the key set, bound to SECRET_KEY and to their row."""

import time
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key
from flask import Flask
from sqlalchemy import text, update

from app.clients import service as clients
from app.core import crypto, db
from app.core import settings as app_settings
from app.core.settings import SettingsError, settings
from app.onboarding import boot
from app.sessions import signing
from app.sessions.tables import signing_keys
from tests import database
from tests.conftest import SECRET_KEY
from tests.erasure import traces
from tests.factories import PASSWORD, Tenant, bearer, register

NEW_KEY = "n3w-Key_of.at:least/thirty-two+bytes!"
PUBLIC_MEMBERS = {"kty", "crv", "x", "y", "kid", "use", "alg"}


def row_of(url: str, tenant: Tenant) -> dict[str, Any]:
    """Return the row of a client's only signing key."""
    client = database.uuid_text(url, tenant.client_id)
    (row,) = database.rows(url, "SELECT * FROM signing_keys WHERE client_id = :client", client=client)
    return {**row, "private_key": bytes(row["private_key"]), "public_key": bytes(row["public_key"])}


def signing_key_of(app: Flask, tenant: Tenant) -> ec.EllipticCurvePrivateKey:
    """Return the key that a client signs with, read from the database anew."""
    signing.forget_cached()
    with app.app_context():
        with db.reading():
            version = clients.require(UUID(tenant.client_id)).version
        return signing.current(UUID(tenant.client_id), version).private_key


def put_sealed(app: Flask, tenant: Tenant, sealed: bytes) -> None:
    """Put a ciphertext into the row of a client's key."""
    of_client = signing_keys.c.client_id == UUID(tenant.client_id)
    with app.app_context(), db.unit_of_work():
        db.execute(update(signing_keys).where(of_client).values(private_key=sealed))


def jwks(api: httpx.Client, tenant: Tenant) -> dict[str, Any]:
    """Return a client's public key set."""
    answer = api.get(f"{tenant.path}/.well-known/jwks.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def verified(token: str, document: dict[str, Any], tenant: Tenant) -> dict[str, Any]:
    """Verify a token as a stranger would: by PyJWT, with nothing but the key set."""
    key = jwt.PyJWKSet.from_dict(document)[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["ES256"], audience=tenant.client_id)
    return claims


class TestAtRest:
    def test_TOK_01_every_client_has_one_key_of_its_own(self, tenant: Tenant, other: Tenant, database_url: str) -> None:
        mine, theirs = row_of(database_url, tenant), row_of(database_url, other)
        assert (mine["algorithm"], mine["retired_at"]) == (theirs["algorithm"], theirs["retired_at"]) == ("ES256", None)
        assert mine["kid"] != theirs["kid"]
        assert mine["public_key"] != theirs["public_key"]

    def test_the_private_half_is_no_key_until_it_is_decrypted_for_its_client_and_row(
        self, app: Flask, tenant: Tenant, database_url: str
    ) -> None:
        row, private = row_of(database_url, tenant), signing_key_of(app, tenant)
        secret = private.private_numbers().private_value.to_bytes(32, "big")
        assert secret not in row["private_key"]
        with pytest.raises(ValueError, match="deserialize"):
            load_der_private_key(row["private_key"], password=None)
        kid, client = UUID(str(row["kid"])), tenant.client_id
        plain = crypto.unseal("signing keys", row["private_key"], bound_to=f"{client}/{kid}")
        assert secret in plain
        for bound_to in (f"{kid}/{client}", f"{client}/{client}", str(kid), ""):
            with pytest.raises(crypto.WrongKey):
                crypto.unseal("signing keys", row["private_key"], bound_to=bound_to)

    def test_a_ciphertext_moved_to_another_clients_row_signs_nothing(
        self, app: Flask, tenant: Tenant, other: Tenant, database_url: str
    ) -> None:
        person = other.sign_up()
        own = row_of(database_url, other)["private_key"]
        put_sealed(app, other, row_of(database_url, tenant)["private_key"])
        try:
            with pytest.raises(crypto.WrongKey):
                signing_key_of(app, other)
            answer = other.call("POST", "/login", json={"email": person.email, "password": person.password})
            assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
            assert "token" not in answer.text
        finally:
            put_sealed(app, other, own)
        assert other.log_in(person.email).call("GET", "/me").status_code == 200

    def test_a_ciphertext_moved_to_another_kid_of_the_same_client_signs_nothing(
        self, app: Flask, tenant: Tenant, database_url: str
    ) -> None:
        with app.app_context(), db.unit_of_work():
            newer = signing.new_pair(UUID(tenant.client_id))
            signing.add({**newer, "private_key": row_of(database_url, tenant)["private_key"]})
        with pytest.raises(crypto.WrongKey):
            signing_key_of(app, tenant)


class TestSecretKey:
    def test_a_key_sealed_under_an_earlier_secret_still_signs_and_sessions_go_on(
        self, app: Flask, tenant: Tenant
    ) -> None:
        person = tenant.sign_up()
        with app_settings.changed(secret_key=NEW_KEY, secret_key_fallbacks=(SECRET_KEY,)):
            signing.forget_cached()
            assert person.call("GET", "/me").status_code == 200
            again = tenant.log_in(person.email)
            verified(again.access_token, jwks(tenant.api, tenant), tenant)
            answer = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
            assert answer.status_code == 200
            with app.app_context():
                boot.check()
        signing.forget_cached()

    def test_a_client_registered_under_the_new_secret_needs_it(self, app: Flask, api: httpx.Client) -> None:
        with app_settings.changed(secret_key=NEW_KEY, secret_key_fallbacks=(SECRET_KEY,)):
            late = register(api)
            signing_key_of(app, late)
        with pytest.raises(crypto.WrongKey):
            signing_key_of(app, late)
        with app_settings.changed(secret_key_fallbacks=(NEW_KEY,)):
            signing_key_of(app, late)

    def test_a_wrong_secret_refuses_to_boot_and_the_message_says_what_to_do(self, app: Flask) -> None:
        with app.app_context():
            boot.check()
            with app_settings.changed(secret_key=NEW_KEY), pytest.raises(SettingsError) as refused:
                boot.check()
        assert str(refused.value) == (
            "SECRET_KEY is not the one this database was made with; put the old one into SECRET_KEY_FALLBACKS"
        )
        assert settings().secret_key not in str(refused.value)


class TestWellKnown:
    def test_TOK_01_the_key_set_shows_the_public_members_of_the_clients_own_key_and_nothing_else(
        self, app: Flask, tenant: Tenant, database_url: str
    ) -> None:
        answer = tenant.api.get(f"{tenant.path}/.well-known/jwks.json")
        numbers = signing_key_of(app, tenant).public_key().public_numbers()
        (key,) = answer.json()["keys"]
        assert key.keys() == PUBLIC_MEMBERS
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")
        assert key["kid"] == str(UUID(str(row_of(database_url, tenant)["kid"])))
        shown = jwt.PyJWK(key).key
        assert shown.public_numbers() == numbers
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert answer.headers["content-type"] == "application/json"

    def test_a_stranger_verifies_a_token_with_the_key_set_alone(self, tenant: Tenant) -> None:
        person, now = tenant.sign_up(), int(time.time())
        claims = verified(person.access_token, jwks(tenant.api, tenant), tenant)
        assert jwt.get_unverified_header(person.access_token).keys() == {"alg", "kid", "typ"}
        # `fresh` comes from the library that signs; what decides is `auth_time` and the session.
        assert claims.keys() - {"fresh"} == {
            "iss", "sub", "aud", "client_id", "sid", "jti", "iat", "nbf", "exp", "auth_time", "type", "email",
            "role", "scopes", "amr",
        }  # fmt: skip
        assert (claims["sub"], claims["aud"], claims["client_id"]) == (person.user_id, *2 * [tenant.client_id])
        assert claims["exp"] - claims["iat"] == 30 * 60
        assert abs(claims["iat"] - now) <= 2
        assert (claims["type"], claims["role"], claims["amr"], claims["email"]) == (
            "access", "user", ["pwd"], person.email,
        )  # fmt: skip

    def test_TOK_01_a_token_is_not_verified_by_another_clients_key_set(self, tenant: Tenant, other: Tenant) -> None:
        token, foreign = tenant.sign_up().access_token, jwks(tenant.api, other)
        with pytest.raises(KeyError):
            verified(token, foreign, tenant)
        renamed = {"keys": [{**foreign["keys"][0], "kid": jwt.get_unverified_header(token)["kid"]}]}
        with pytest.raises(jwt.InvalidSignatureError):
            verified(token, renamed, tenant)

    def test_the_configuration_promises_the_issuer_and_its_keys_and_no_more(self, tenant: Tenant) -> None:
        answer = tenant.api.get(f"{tenant.path}/.well-known/openid-configuration")
        issuer = f"{settings().public_url}{tenant.path}"
        assert answer.status_code == 200
        assert answer.json() == {"issuer": issuer, "jwks_uri": f"{issuer}/.well-known/jwks.json"}
        assert answer.headers["cache-control"] == "public, max-age=300"
        claims = jwt.decode(tenant.sign_up().access_token, options={"verify_signature": False})
        assert claims["iss"] == issuer
        assert httpx.URL(answer.json()["jwks_uri"]).path == f"{tenant.path}/.well-known/jwks.json"

    @pytest.mark.parametrize("document", ["jwks.json", "openid-configuration"])
    @pytest.mark.parametrize("client_id", ["01a1fd2d-3e9f-73bf-971e-18ed3257afe7", "ghost"])
    def test_TEN_02_an_unknown_client_has_no_documents(self, api: httpx.Client, client_id: str, document: str) -> None:
        answer = api.get(f"/api/v1/{client_id}/.well-known/{document}")
        assert (answer.status_code, answer.json()["code"]) == (404, "client_not_found")

    def test_a_retired_key_is_neither_shown_nor_taken(self, app: Flask, tenant: Tenant, database_url: str) -> None:
        person = tenant.sign_up()
        client = database.uuid_text(database_url, tenant.client_id)
        engine = database.seeing_all(database_url)
        with engine.begin() as connection:
            retire = text("UPDATE signing_keys SET retired_at = created_at WHERE client_id = :client")
            connection.execute(retire, {"client": client})
        engine.dispose()
        signing.forget_cached()
        assert jwks(tenant.api, tenant) == {"keys": []}
        answer = tenant.api.get(f"{tenant.path}/me", headers=bearer(person.access_token))
        assert (answer.status_code, answer.json()["code"]) == (401, "authentication_required")

    def test_who_logs_in_while_the_client_is_erased_is_told_that_there_is_none(
        self, tenant: Tenant, database_url: str
    ) -> None:
        person = tenant.sign_up()
        traces.remove(database_url, tenant.client_id, only="signing_keys")  # keys go first, between two statements
        signing.forget_cached()
        answer = tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (404, "client_not_found")
