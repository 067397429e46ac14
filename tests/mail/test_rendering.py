"""What mails say: people's and clients' words as text, in the client's name and colour, with nothing to fetch."""

from html.parser import HTMLParser

import pytest

from app.mail import rendering
from app.mail.models import KINDS, Brand
from tests.mail.sending import LINK, message

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;{{ 7 * 7 }}{% raw %}",
    "</p><style>*{display:none}</style><a href='javascript:alert(1)'>here</a>",
    "{email}{full_name}{client_name} %s %(x)s",
)
NO_LINKS = "Win at evil.example/now http://evil.example"


class Tags(HTMLParser):
    """The elements of a page, their addresses, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "background", "action")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


PLAIN = set(Tags(rendering.render(message()).html).names)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_ADM_07_what_a_client_types_has_no_markup_in_a_mail(hostile: str) -> None:
    texts = {"subject": hostile, "text": f"{hostile}\n\n{{full_name}}"}
    brand = Brand(hostile, color="red;background:url(//evil)", sender_name=hostile)
    made = rendering.render(message(brand=brand, texts=texts, values={"full_name": hostile}))
    page = Tags(made.html)
    assert set(page.names) <= PLAIN
    assert page.addresses == [LINK]
    assert "url(" not in made.html
    assert hostile.split("{")[0] in page.text
    assert hostile.split("{")[0] in made.text


@pytest.mark.parametrize("name", [NO_LINKS, "evil.example", "www.evil", "Ada @ evil", "<b>Ada</b>"])
def test_ADM_07_a_name_that_leads_elsewhere_is_left_out(name: str) -> None:
    texts, values = {"text": "Hello {full_name}!"}, {"full_name": name}
    made = rendering.render(message(recipient="ada@example.com", texts=texts, values=values))
    assert "Hello ada@example.com!" in made.text
    assert "evil" not in made.text + made.html


def test_a_name_is_said_as_it_is() -> None:
    made = rendering.render(message(texts={"text": "Hello {full_name}!"}, values={"full_name": "J. R. O’Neill 王"}))
    assert "Hello J. R. O’Neill 王!" in made.text


@pytest.mark.parametrize("broken", ["a\r\nBcc: eve@evil.example", "a\nb", "a\x00b", "a\u2028b", "a\x85b", "a\ud800b"])
def test_ADM_07_a_header_is_one_line(broken: str) -> None:
    made = rendering.render(message(texts={"subject": broken}, brand=Brand("Acme", sender_name=broken)))
    for header in (made.subject, made.sender_name):
        assert header.isprintable()
        assert header.startswith("a ")


def test_ADM_07_text_that_runs_backwards_is_put_right() -> None:
    made = rendering.render(message(texts={"text": "pay\u202egnp.exe\u2066", "subject": "\u200bx\u202ey"}))
    assert "paygnp.exe" in made.text
    assert made.subject == "xy"


def test_a_clients_text_stands_above_the_link_and_placeholders_are_filled_in_once() -> None:
    texts = {"subject": "Welcome to {client_name}", "text": "Dear {full_name},\r\n\r\nline one\r\nline two {unknown}"}
    values = {"full_name": "{email}"}
    made = rendering.render(message(recipient="ada@example.com", texts=texts, values=values))
    assert made.subject == "Welcome to Acme"
    assert made.text.startswith("Dear {email},\n\nline one\nline two {unknown}\n")
    assert made.text.index(LINK) > made.text.index("line two")
    assert ">Dear {email},</p>" in made.html
    assert "line one<br>line two" in made.html


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_says_in_both_forms_who_sends_it_and_to_whom(kind: str) -> None:
    for link in (LINK, None):
        made = rendering.render(message(kind=kind, recipient="ada@example.com", link=link))
        page = Tags(made.html)
        assert "Acme" in made.subject
        for shown in (made.text, page.text):
            assert "ada@example.com" in shown
            assert "{" not in shown
            assert (LINK in shown) is (link is not None)
        assert page.addresses == ([LINK] if link else [])


@pytest.mark.parametrize(
    ("color", "shown", "text"),
    [("#ffffff", "#ffffff", "#000000"), ("#003366", "#003366", "#ffffff"), ("#FFDD00", "#FFDD00", "#000000"),
     ("#777777", "#777777", "#000000"), (None, "#1f5f3a", "#ffffff"), ("red", "#1f5f3a", "#ffffff"),
     ("#12345", "#1f5f3a", "#ffffff"), ("#123456;x", "#1f5f3a", "#ffffff")],
)  # fmt: skip
def test_the_clients_colour_has_a_text_that_reads_well_on_it(color: str | None, shown: str, text: str) -> None:
    made = rendering.render(message(brand=Brand("Acme", color=color)))
    assert f"background:{shown};color:{text}" in made.html
