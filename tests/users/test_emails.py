"""The one canonical form of e-mail addresses: many spellings of one mailbox are one account, or none."""

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.web.schemas import EmailAddress

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: list[Form] = ["NFC", "NFD", "NFKC", "NFKD"]
ADDRESS = EmailAddress()
ADA = "ada@example.com"
IDN = "ada@xn--bcher-kva.example"


def canonical(text: str) -> str | None:
    """Return the canonical form of an address; None if it is none."""
    try:
        return str(ADDRESS.deserialize(text))
    except ValidationError:
        return None


@pytest.mark.parametrize(
    "spelling",
    [
        "ada@example.com", "ADA@EXAMPLE.COM", "Ada@Example.Com", " ada@example.com", "ada@example.com ",
        "\tada@example.com\r\n", "\u3000ada@example.com\u00a0", "ａｄａ@example.com", "ada＠example.com",
        "ada\uff20ＥＸＡＭＰＬＥ.com", "ada@example\uff0ecom", "ada@example。com", "𝒶𝒹𝒶@example.com",
    ],
)  # fmt: skip
def test_ACC_01_spellings_of_one_mailbox_have_one_form(spelling: str) -> None:
    assert canonical(spelling) == ADA


@pytest.mark.parametrize(
    ("spelling", "form"),
    [
        ("ada@bücher.example", IDN), ("ada@bu\u0308cher.example", IDN), ("ADA@BÜCHER.example", IDN), (IDN.upper(), IDN),
        ("ada@straße.example", "ada@xn--strae-oqa.example"), ("ada@strasse.example", "ada@strasse.example"),
        ("\u212aay@example.com", "kay@example.com"), ("ﬁn@example.com", "fin@example.com"),
        ("ada+news@example.com", "ada+news@example.com"), ("ada@intranet", "ada@intranet"),
    ],
)  # fmt: skip
def test_ACC_01_domains_are_kept_in_ascii_and_compatibility_letters_folded(spelling: str, form: str) -> None:
    assert canonical(spelling) == form


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "ada", "@example.com", "ada@", "a@b@example.com", "a\uff20b@example.com", "ada@example.com.",
        "ada.@example.com", ".ada@example.com", "a..da@example.com", "ad ı@example.com", "adı@example.com",
        "adİ@example.com", "café@example.com", "cafe\u0301@example.com", "\u0430da@example.com",
        "a\u200bda@example.com", "ada@exa\u00admple.com", "ada@exam\u200bple.com", "ada@example.com\u202e",
        "ada@example.com\n.evil.example",
        "ada@example.com\r\nBcc: evil@example.com", "ada@example.com,evil@example.com",
        "ada@example.com evil@example.com",
        "Ada <ada@example.com>", '"ada"@example.com', '"a@b"@example.com', "ada(comment)@example.com",
        "ada@[127.0.0.1]", "ada@-example.com", "ada@exam_ple.com", "ada@xn--a.example", "ada@example..com",
        "a\0da@example.com",
        "a" * 65 + "@example.com", "ada@" + "b" * 64 + ".example", "ada@" + "b." * 130 + "example",
    ],
)  # fmt: skip
def test_ACC_01_what_is_not_one_plain_address_is_refused(text: str) -> None:
    assert canonical(text) is None


@pytest.mark.parametrize("value", [None, 7, True, ["ada@example.com", "evil@example.com"], {"email": ADA}, b"ada"])
def test_ACC_02_an_address_is_one_text(value: object) -> None:
    with pytest.raises(ValidationError):
        ADDRESS.deserialize(value)


@given(st.emails(), st.sampled_from(FORMS))
def test_ACC_01_the_form_of_a_form_is_itself_whatever_the_case_or_normalisation(text: str, form: Form) -> None:
    found = canonical(text)
    if found is not None:
        assert found.isascii()
        assert found == found.lower() == found.strip()
        assert len(found) <= EmailAddress.MOST
        assert canonical(found) == found
    assert canonical(text.upper()) == canonical(text.lower()) == found
    assert canonical(unicodedata.normalize(form, text)) == found


@given(st.text(max_size=80))
def test_ACC_01_any_text_gives_an_ascii_address_or_a_refusal(text: str) -> None:
    found = canonical(f"{text}@example.com")
    assert found is None or (found.isascii() and canonical(found) == found)
