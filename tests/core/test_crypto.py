"""The form of secrets and what is derived from SECRET_KEY."""

import string

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import crypto
from app.core import settings as app_settings

BASE62 = string.digits + string.ascii_letters


@given(kind=st.sampled_from(crypto.KINDS), place=st.integers(0, 55), letter=st.sampled_from(BASE62 + "-_= é"))
@settings(max_examples=300)
def test_KEY_08_any_one_changed_character_is_noticed_without_a_database(kind: str, place: int, letter: str) -> None:
    secret = crypto.new_secret(kind)
    assert len(secret) == 56
    assert crypto.kind_of(secret) == kind
    changed = secret[:place] + letter + secret[place + 1 :]
    assert (crypto.kind_of(changed) == kind) == (changed == secret)


@given(st.text(max_size=80))
def test_KEY_08_no_text_breaks_the_check(text: str) -> None:
    assert crypto.kind_of(text) is None


@pytest.mark.usefixtures("app")
class TestServerKeys:
    def test_what_is_sealed_opens_only_where_it_belongs(self) -> None:
        sealed = crypto.seal("label", b"seed", bound_to="client/row")
        assert crypto.unseal("label", sealed, bound_to="client/row") == b"seed"
        for label, bound_to in (("label", "client/other"), ("other", "client/row")):
            with pytest.raises(crypto.WrongKey):
                crypto.unseal(label, sealed, bound_to=bound_to)
        with pytest.raises(crypto.WrongKey):
            crypto.unseal("label", sealed[:-1] + bytes([sealed[-1] ^ 1]), bound_to="client/row")

    def test_an_earlier_key_still_opens_and_checks(self) -> None:
        sealed, made = crypto.seal("label", b"seed", bound_to="x"), crypto.mac("label", b"message")
        child = next(crypto.derived_secret("rt", "label", "parent"))
        before = app_settings.settings().secret_key
        with app_settings.changed(secret_key="n3w-Key_of.at:least/thirty-two+bytes!", secret_key_fallbacks=(before,)):
            assert crypto.unseal("label", sealed, bound_to="x") == b"seed"
            assert made in crypto.macs("label", b"message")
            assert made != crypto.mac("label", b"message")
            assert child in list(crypto.derived_secret("rt", "label", "parent"))
        with app_settings.changed(secret_key="n3w-Key_of.at:least/thirty-two+bytes!"), pytest.raises(crypto.WrongKey):
            crypto.unseal("label", sealed, bound_to="x")

    def test_a_derived_secret_is_well_formed_and_always_the_same(self, app: Flask) -> None:
        first, again = (next(crypto.derived_secret("rt", "label", "parent")) for _ in range(2))
        assert first == again
        assert crypto.kind_of(first) == "rt"
        assert next(crypto.derived_secret("rt", "label", "other")) != first
