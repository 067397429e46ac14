"""How the secret of an authenticator app is shown: as text, as a link, and as a picture that a camera reads."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from tests.factories import Tenant, register
from tests.mfa.enrolling import enrol


def test_a_secret_is_shown_as_text_link_and_picture(tenant: Tenant) -> None:
    person = tenant.sign_up()
    answer = person.call("POST", "/me/mfa/totp")
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"secret", "otpauth_uri", "qr_svg"}
    parts = urlsplit(body["otpauth_uri"])
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == f"/{tenant.name}:{person.email}"
    assert parse_qs(parts.query) == {"secret": [body["secret"]], "issuer": [tenant.name]}
    assert len(body["secret"]) == 32
    assert body["qr_svg"].startswith("<svg ")
    assert "http://www.w3.org/2000/svg" in body["qr_svg"]


@pytest.mark.parametrize("letter", ["\U0001f3e6", "\u6f22", "/", "m"])
def test_the_longest_names_of_client_and_user_are_cut_to_a_code_that_a_camera_reads(
    api: httpx.Client, letter: str
) -> None:
    tenant = register(api, client_name=letter * 119 + "x")
    person = tenant.sign_up(f"{'a' * 64}@{'.'.join(['b' * 60] * 3)}.{'c' * 2}.com"[:254])
    answer = person.call("POST", "/me/mfa/totp")
    assert answer.status_code == 200, answer.text
    parts = urlsplit(answer.json()["otpauth_uri"])
    (issuer,) = parse_qs(parts.query)["issuer"]
    assert unquote(parts.path) == f"/{issuer}:{person.email}"
    assert tenant.name.startswith(issuer)
    assert len(issuer) == {"m": 120, "/": 120}.get(letter, len(issuer)) >= 30
    modules = int(re.findall(r'width="(\d+)"', answer.json()["qr_svg"])[0]) // 4
    assert modules <= 17 + 4 * 29 + 8
    enrol(person)
