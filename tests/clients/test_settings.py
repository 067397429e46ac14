"""Each setting of a client: what it takes, what it refuses by name, and who may change it."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from app.core import db
from app.core.settings import changed
from app.mail.models import KINDS
from app.users import passwords
from app.users import service as users
from tests.clients.changing import change, refused_fields, shown
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email, register

TAKEN: list[tuple[str, Any, Any]] = [
    *[("email_verification", word, word) for word in ("off", "optional", "required")],
    *[("signup", word, word) for word in ("open", "invitation")],
    *[("mfa_policy", word, word) for word in ("off", "optional", "required_for_admins", "required")],
    ("password_blocklist", ["acme", " Teekanne "], ["acme", "Teekanne"]),
    ("password_blocklist", [f"word{number}" for number in range(200)], [f"word{number}" for number in range(200)]),
    ("allowed_origins", ["HTTPS://App.example.com:443"], ["https://app.example.com"]),
    ("sender_name", "Ærlig & Søn, “Tea”", "Ærlig & Søn, “Tea”"),
    ("brand_color", "#1A6B4F", "#1a6b4f"),
    ("mail_texts", {"invitation": {"subject": "Come in", "text": "Dear you,\r\ncome."}},
     {"invitation": {"subject": "Come in", "text": "Dear you,\ncome."}}),
    ("mail_texts", {"mfa_changed": {"subject": "x" * 120}, "password_reset": {"text": "y" * 2000}},
     {"mfa_changed": {"subject": "x" * 120}, "password_reset": {"text": "y" * 2000}}),
    ("mail_texts", {}, {}),
    ("mail_texts", {kind: {"text": "Dear {full_name} <{email}>, {client_name} says hi"}
                    for kind in KINDS},
     {kind: {"text": "Dear {full_name} <{email}>, {client_name} says hi"} for kind in KINDS}),
    ("mail_texts", {"invitation": {"text": "{ }, {}, {1,2} and { two words } are no placeholders"}},
     {"invitation": {"text": "{ }, {}, {1,2} and { two words } are no placeholders"}}),
]  # fmt: skip
NO_POLICIES: list[Any] = ["required_for_users", "none", {}]
REFUSED: list[tuple[str, Any, str]] = [
    *[("email_verification", wrong, "") for wrong in ("", "OFF", "Required", True, 1, ["off"])],
    *[("signup", wrong, "") for wrong in ("closed", "invite", False)],
    *[("mfa_policy", wrong, "") for wrong in NO_POLICIES],
    ("password_blocklist", ["x"] * 201, ""), ("password_blocklist", "acme", ""),
    ("password_blocklist", ["a", " "], ".1"),
    ("password_blocklist", ["a" * 65], ".0"), ("password_blocklist", ["a\tb"], ".0"),
    *[("sender_name", wrong, "") for wrong in ("", "  ", "x" * 65, "A\r\nBcc: you@example.com", "a\nb", "a\u2028b", 5)],
    *[("brand_color", wrong, "") for wrong in ("red", "#12345", "#1234567", "#12345g", "#123456\n", "rgb(0,0,0)", 5)],
    ("mail_texts", {"greeting": {"subject": "Hi"}}, ".greeting"),
    ("mail_texts", {"invitation": {"html": "<b>"}}, ".invitation.html"),
    ("mail_texts", {"invitation": {"subject": "x" * 121}}, ".invitation.subject"),
    ("mail_texts", {"invitation": {"subject": "Hi\nBcc: you@example.com"}}, ".invitation.subject"),
    ("mail_texts", {"invitation": {"text": "x" * 2001}}, ".invitation.text"),
    ("mail_texts", {"invitation": {"text": "a\x1b[2Jb"}}, ".invitation.text"),
    *[("mail_texts", {"invitation": {where: text}}, f".invitation.{where}") for where in ("subject", "text")
      for text in ("Dear {name}", "{{email}} {user.name}", "{ email }", "{Client_Name}")],
    ("mail_texts", {"invitation": "Come in"}, ".invitation"), ("mail_texts", [], ""),
    ("passkey_rp_id", "EXAMPLE", ""), ("passkey_rp_id", "https://example.com", ""), ("passkey_rp_id", "10.0.0.1", ""),
    ("passkey_rp_id", "example.com:443", ""), ("passkey_rp_id", "example.com.", ""), ("passkey_rp_id", ".com", ""),
    ("passkey_origins", ["http://app.example.com"], ".0"), ("passkey_origins", ["http://127.0.0.1:3000"], ".0"),
    ("passkey_origins", ["https://example.com/"], ".0"), ("colour", "#123456", ""),
]  # fmt: skip


def test_a_setting_is_taken_shown_as_the_clients_own_and_taken_back(tenant: Tenant) -> None:
    before = shown(tenant)
    for name, given_value, value in TAKEN:
        answer = change(tenant, **{name: given_value})
        assert answer.status_code == 200, (name, answer.text)
        assert answer.json()["settings"] == before | {name: {"value": value, "source": "client"}}
        assert shown(tenant) == answer.json()["settings"]
        assert change(tenant, **{name: None}).json()["settings"] == before


def test_a_value_that_cannot_be_is_refused_by_name_and_changes_nothing(tenant: Tenant) -> None:
    change(tenant, sender_name="Acme")
    before = shown(tenant)
    for name, wrong, path in REFUSED:
        assert refused_fields(change(tenant, **{name: wrong})) == [f"settings.{name}{path}"], (name, wrong)
    assert refused_fields(change(tenant, brand_color="#123456", signup="never")) == ["settings.signup"]
    assert shown(tenant) == before


@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=70))
def test_a_sender_is_one_line_or_refused(tenant: Tenant, text: str) -> None:
    answer = change(tenant, sender_name=text)
    if answer.status_code != 200:
        assert refused_fields(answer) == ["settings.sender_name"]
        return
    value = answer.json()["settings"]["sender_name"]["value"]
    assert value == text.strip() and len(value.splitlines()) == 1 and 0 < len(value) <= 64


@pytest.mark.parametrize(
    ("domain", "origins", "wrong"),
    [
        ("example.com", ["https://example.com", "https://app.example.com:8443"], None),
        ("localhost", ["http://localhost:3000"], None),
        ("localhost", None, None),  # PUBLIC_URL is http://localhost:8000
        (None, ["http://localhost:5173"], None),
        ("app.example.com", ["https://example.com"], "passkey_rp_id"),
        ("example.com", ["https://example.com", "https://badexample.com"], "passkey_rp_id"),
        ("example.com", ["https://example.com.evil.net"], "passkey_rp_id"),
        ("example.com", ["http://localhost:3000"], "passkey_rp_id"),
        ("example.com", None, "passkey_rp_id"),
        (None, ["https://example.com"], "passkey_origins"),
    ],
)
def test_passkeys_are_of_a_domain_that_their_pages_are_in(
    tenant: Tenant, domain: str | None, origins: list[str] | None, wrong: str | None
) -> None:
    sent: dict[str, Any] = {"passkey_rp_id": domain, "passkey_origins": origins}
    answer = change(tenant, **{name: value for name, value in sent.items() if value is not None})
    if wrong:
        assert refused_fields(answer) == [f"settings.{wrong}"]
        return
    assert answer.status_code == 200, answer.text
    stranger = change(tenant, passkey_origins=["https://elsewhere.example.org"])
    assert refused_fields(stranger) == ["settings.passkey_origins"]


def test_a_placeholder_that_is_none_is_refused_with_those_that_are(tenant: Tenant) -> None:
    answer = change(tenant, mail_texts={"invitation": {"text": "Dear {name}, {secret thing}"}})
    assert answer.json()["errors"] == {
        "settings.mail_texts.invitation.text": [
            "Placeholders are {client_name}, {email}, {full_name}, {change} and {moment}; no others."
        ]
    }


def test_what_nobody_has_set_is_shown_as_it_holds_now(tenant: Tenant) -> None:
    assert change(tenant, passkey_origins=[]).status_code == 200
    with changed(public_url="https://auth.example.com"):
        now = shown(tenant)
    assert [now[name] for name in ("passkey_rp_id", "passkey_origins", "sender_name")] == [
        {"value": value, "source": "default"}
        for value in ("auth.example.com", ["https://auth.example.com"], tenant.name)
    ]


def test_a_change_is_told_in_the_log_with_old_and_new_value_but_no_long_texts(tenant: Tenant) -> None:
    change(tenant, mfa_policy="required", mail_texts={"invitation": {"text": "Secret recipe"}}, signup="open")
    change(
        tenant, mfa_policy=None, signup="open", password_blocklist=["hushhush"], custom_fields_schema={"title": "Hm"}
    )
    newest, oldest = (row["detail"]["settings"] for row in tenant.audit(action="client.update"))
    assert oldest == {
        "mail_texts": {"changed": ["invitation"]}, "mfa_policy": {"old": None, "new": "required"},
        "signup": {"old": None, "new": "open"},
    }  # fmt: skip
    assert newest == {
        "custom_fields_schema": {"changed": True}, "mfa_policy": {"old": "required", "new": None},
        "password_blocklist": {"added": 1, "removed": 0},
    }  # fmt: skip
    texts = {"invitation": {"text": "Secret recipe"}, "email_changed": {"subject": "Another"}}
    change(tenant, mail_texts=texts, password_blocklist=["other", "words"])
    assert tenant.audit(action="client.update")[0]["detail"]["settings"] == {
        "mail_texts": {"changed": ["email_changed"]}, "password_blocklist": {"added": 2, "removed": 1},
    }  # fmt: skip
    assert not any(word in str(tenant.audit()) for word in ("recipe", "hushhush", "Hm"))


def test_words_of_the_client_are_no_passwords_whatever_their_case_and_decoration(tenant: Tenant) -> None:
    change(tenant, password_blocklist=["Teekessel Chen", "Straße"])
    for password in ("teekesselchen", "Teekessel-Chen 2026!", "STRASSE123", "strassestrasse"):
        answer = tenant.call("POST", "/signup", json={"email": fresh_email(), "password": password})
        assert refused_fields(answer) == ["password"]
        assert answer.json()["reason"] == "blocklisted"
    person = tenant.sign_up(password="teekesselchen steht am herd")
    wrong = {"current_password": person.password, "new_password": "12teekesselchen"}
    assert refused_fields(person.call("POST", "/me/password", json=wrong)) == ["new_password"]


def test_a_change_binds_open_sessions_from_the_next_call(tenant: Tenant) -> None:
    person = tenant.sign_up()
    origin = {"Origin": "https://app.example.com"}
    assert "Access-Control-Allow-Origin" not in person.call("GET", "/me", headers=origin).headers
    change(tenant, allowed_origins=["https://app.example.com"], access_token_ttl=60)
    answer = person.call("GET", "/me", headers=origin)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    renewed = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
    assert renewed.json()["expires_in"] == 60


def test_PWD_the_platform_keeps_its_own_rules(operator: Operator, app: Flask) -> None:
    path = f"/clients/{operator.client_id}"

    def patch(**settings: Any) -> Any:
        return operator.platform_call("PATCH", path, json={"settings": settings})

    before = operator.platform_call("GET", path).json()["settings"]
    assert before["password_min_length"] == {"value": 15, "source": "default"}
    assert before["signup"] == {"value": "invitation", "source": "default"}
    assert refused_fields(patch(password_min_length=14)) == ["settings.password_min_length"]
    assert refused_fields(patch(signup="open")) == ["settings.signup"]
    with changed(client_defaults={"signup": "open", "password_min_length": 9}):
        within = operator.platform_call("GET", path).json()["settings"]
        assert (within["signup"]["value"], within["password_min_length"]["value"]) == ("invitation", 15)
    assert patch(password_min_length=20).json()["settings"]["password_min_length"]["value"] == 20
    assert patch(password_min_length=None).json()["settings"] == before


def test_ADM_only_operators_change_how_operators_prove_who_they_are(operator: Operator, app: Flask) -> None:
    email = fresh_email()
    with app.app_context():
        hashed = passwords.hash_password(PASSWORD)
        with db.unit_of_work():
            users.add(UUID(operator.client_id), email=email, password_hash=hashed, role="admin")
    login = {"email": email, "password": PASSWORD}
    answer = operator.api.post(f"{operator.path}/login", json=login, headers=bearer(operator.publishable_key))
    platform = Tenant(operator.api, operator.client_id, answer.json()["access_token"], "platform", "Rowlock platform")
    refused = change(platform, mfa_policy="off", sender_name="Sneaked in")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert shown(platform)["sender_name"] == {"value": "Rowlock platform", "source": "default"}
    assert change(platform, sender_name="Rowlock").status_code == 200
    path = f"/clients/{operator.client_id}"
    for policy in ("off", None):
        answer = operator.platform_call("PATCH", path, json={"settings": {"mfa_policy": policy, "sender_name": None}})
        assert answer.status_code == 200


def test_the_command_shows_and_changes_settings(app: Flask, tenant: Tenant) -> None:
    runner: FlaskCliRunner = app.test_cli_runner()
    told = runner.invoke(
        args=["clients", "settings", tenant.slug, "--set", 'signup="invitation"', "--set", "access_token_ttl=90"]
    )
    assert told.exit_code == 0, told.output
    assert shown(tenant)["signup"] == {"value": "invitation", "source": "client"}
    assert shown(tenant)["access_token_ttl"]["value"] == 90
    machine = runner.invoke(args=["clients", "settings", tenant.client_id, "--json"])
    assert '"mfa_policy": {' in machine.output
    for wrong in ("signup=invitation", 'signup="closed"', "colour=1", "access_token_ttl=5"):
        refused = runner.invoke(args=["clients", "settings", tenant.slug, "--set", wrong])
        assert refused.exit_code == 1
        assert wrong.partition("=")[0] in refused.output


def test_the_settings_of_one_client_are_none_of_anothers(tenant: Tenant, other: Tenant) -> None:
    before = shown(other)
    change(tenant, brand_color="#123456", password_min_length=20)
    assert shown(other) == before
    path = f"/api/v1/clients/{tenant.client_id}"
    answer = tenant.api.patch(path, json={"settings": {"signup": "invitation"}}, headers=bearer(other.access_key))
    assert (answer.status_code, answer.json()["code"]) == (404, "client_not_found")
    assert register(tenant.api).sign_up(password=PASSWORD).user_id
