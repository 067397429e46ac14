"""REC-07: where links may lead. Taken is only what every browser reads as it is written."""

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from app.core import web_addresses
from tests.clients.changing import change, refused_fields, shown
from tests.factories import Tenant

TAKEN = [
    "https://app.example.com",
    "https://app.example.com/",
    "https://app.example.com:8443/welcome/back?from=mail&x=%2F",
    "https://app.example.com//double",
    "https://xn--bcher-kva.example/",
    "http://localhost:3000/callback",
    "http://127.0.0.1/",
    "http://[::1]:8080/done",
    "https://app.example.com/a..b/.well-known/x@y",
]
REFUSED = [
    "", "//app.example.com/", "/\\app.example.com", "https:app.example.com", "https:/app.example.com",
    "%2f%2fapp.example.com",
    "https:\\\\app.example.com", "https://app.example.com\\@evil.example", "https://evil.example\\.app.example.com/",
    "https://user@app.example.com/", "https://user:pw@app.example.com/", "https://app.example.com@evil.example/",
    "https://app.example.com/\tx", "https://app.example.com/\r\nSet-Cookie: a=b", "https://app.example.com/ ",
    " https://app.example.com/", "\thttps://app.example.com/", "ht\ntps://app.example.com/", "https://app.example.com/\n",
    "https://app.example.com/#", "https://app.example.com/#top", "https://app.example.com/%0d%0a", "https://a.example/%00",
    "https://app.example.com/a/../b", "https://app.example.com/./b", "https://app.example.com/%2e%2E/b", "https://app.example.com/..",
    "https://app.example.com/%zz", "https://app.example.com/%", "https://app.example.com/é", "https://bücher.example/",
    "https://App.example.com/", "HTTPS://app.example.com/", "https://app.example.com:443/", "https://app.example.com:0/",
    "https://app.example.com:99999/", "https://app.example.com:/", "https://app.example.com:08443/", "https://", "https:///x",
    "https://.example.com/", "https://app..example.com/", "https://0x7f.1/", "https://127.1/", "https://2130706433/",
    "https://[::ffff:127.0.0.1]/", "https://[0::1]/", "https://app%2eexample.com/", "https://*.example.com/",
    "https://app.example.com/<script>", "https://app.example.com/'x", "https://app.example.com/\"x", "https://a.example/{x}",
    "http://app.example.com/", "http://localhost.example.com/", "http://127.0.0.2/", "http://0.0.0.0/", "http://[::]/",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd", "myapp://callback",
    "about:blank",
    "https://app.example.com/" + "x" * 500,
]  # fmt: skip


def test_REC_07_an_address_that_reads_the_same_everywhere_is_taken_exactly(tenant: Tenant) -> None:
    assert change(tenant, redirect_urls=TAKEN).status_code == 200
    assert shown(tenant)["redirect_urls"] == {"value": TAKEN, "source": "client"}
    assert change(tenant, redirect_urls=["https://app.example.com/x"] * 20).status_code == 200
    assert refused_fields(change(tenant, redirect_urls=["https://a.example/x"] * 21)) == ["settings.redirect_urls"]


def test_REC_07_what_a_browser_reads_as_another_address_is_refused(tenant: Tenant) -> None:
    before = shown(tenant)
    for url in REFUSED:
        answer = change(tenant, redirect_urls=["https://app.example.com/", url])
        assert refused_fields(answer) == ["settings.redirect_urls.1"], url
    assert refused_fields(change(tenant, redirect_urls=[None])) == ["settings.redirect_urls.0"]
    assert refused_fields(change(tenant, redirect_urls="https://app.example.com/")) == ["settings.redirect_urls"]
    assert shown(tenant) == before


PIECES = st.sampled_from(
    ["https", "http", ":", "/", "//", "\\", "@", "app.example.com", "evil.example", "localhost", "?", "#", "%2f",
     "%", "..", ".", "\t", "\n", " ", "[::1]", "443", "A", "é", "&", "x"]
)  # fmt: skip


@effort(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=9).map("".join).flatmap(lambda tail: st.sampled_from([tail, f"https://{tail}"])))
def test_REC_07_whatever_is_taken_leads_where_it_says(url: str) -> None:
    if not web_addresses.is_plain(url):
        return
    parts = urlsplit(url)
    host = parts.hostname or ""
    assert re.fullmatch(r"[\x21-\x7e]+", url) and not set(url) & set("\\#<>\"'")
    assert url.startswith(f"{parts.scheme}://{parts.netloc}") and "@" not in parts.netloc
    assert parts.scheme == "https" or host in ("localhost", "127.0.0.1", "::1")
    assert host == host.lower() and parts.fragment == "" and "/../" not in f"{parts.path}/"


@pytest.mark.parametrize(
    "url", ["https://" + "a." * 30_000, "https://a.example/" + "%" * 60_000, "https://a.example" + "/." * 30_000]
)
def test_IN_06_long_addresses_are_refused_at_once(tenant: Tenant, url: str) -> None:
    assert refused_fields(change(tenant, redirect_urls=[url])) == ["settings.redirect_urls.0"]
    assert not web_addresses.is_plain(url)
