"""What a mail says, in plain text and HTML; whatever people and clients have typed in comes out as text.

It holds nothing that a mail program would fetch: no images, no fonts, no style sheets.
"""

import re
import unicodedata
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.core import clock
from app.core.colors import PLAIN, readable_on
from app.mail.models import PLACEHOLDERS, Content, Message
from app.mail.texts import WORDINGS

_PLACEHOLDER = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_LEADS_AWAY = re.compile(r"[/\\:@<>]|\w\.\w\w|www\.", re.IGNORECASE)
"""What mail programs turn into a link although it is only text."""
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters that hide others or change their order (Unicode TR 36)."""
_SOME_CHANGE = "Something about your account was changed"
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_LONGEST_SUBJECT, _LONGEST_NAME = 200, 120
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=False,
    keep_trailing_newline=True,
)


def render(message: Message) -> Content:
    """Return what a mail holds; the client's own texts stand in place of the built-in ones, the link below them."""
    wording, values = WORDINGS[message.kind], _values(message)
    sender_name = one_line(message.brand.sender_name or message.brand.name, longest=_LONGEST_NAME)
    text = _many_lines(_filled(message.texts.get("text") or wording.text, values))
    subject = one_line(_filled(message.texts.get("subject") or wording.subject, values), longest=_LONGEST_SUBJECT)
    color = message.brand.color if _COLOR.fullmatch(message.brand.color or "") else PLAIN
    told = {
        "subject": subject,
        "sender_name": sender_name,
        "text": text,
        "paragraphs": [paragraph.split("\n") for paragraph in re.split(r"\n{2,}", text)],
        "link": message.link,
        "button": one_line(_filled(wording.button, values), longest=_LONGEST_NAME) or "Open",
        "closing": _many_lines(_filled(wording.closing, values)),
        "color": color,
        "color_text": readable_on(color or PLAIN),
    }
    plain, html = (_templates.get_template(name).render(told) for name in ("mail.txt", "mail.html"))
    return Content(message.recipient, sender_name, subject, plain, html)


def one_line(text: str, *, longest: int) -> str:
    """Return a text that fits into a header: one line, without control characters (RFC 5322, 2.2)."""
    spaced = "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Cs") else letter for letter in text)
    return " ".join(_UNSEEN.sub("", spaced).split())[:longest].strip()


def _values(message: Message) -> dict[str, str]:
    email = message.values.get("email") or message.recipient
    # Who signs somebody else's address up chooses the name: it must not carry an advertisement there.
    name = one_line(message.values.get("full_name") or "", longest=_LONGEST_NAME)
    change = message.values.get("change") or _SOME_CHANGE
    told = (message.brand.name, email, email if not name or _LEADS_AWAY.search(name) else name)
    return dict(zip(PLACEHOLDERS, (*told, change, _spelt(clock.now())), strict=True))


def _spelt(moment: datetime) -> str:
    """Return a moment as people in any country read it, whatever the server's language is."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment:%Y, %H:%M} UTC"


def _filled(text: str, values: dict[str, str]) -> str:
    """Replace the placeholders in one pass: what a value says is never taken for a placeholder."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _many_lines(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_bare(line).rstrip() for line in lines).strip()


def _bare(line: str) -> str:
    kept = (letter for letter in line if letter == "\t" or unicodedata.category(letter) not in ("Cc", "Cs"))
    return _UNSEEN.sub("", "".join(kept))
