"""Patterns of a client's own that are matched in linear time (SECURITY IN-06): a small part of ECMA-262's.

A pattern is `^`, pieces, `$`. A piece is a character, an escape (`\\d`, `\\w`, `\\s`, `\\.` …) or a class (`[A-Z_]`),
with `?`, `*`, `+`, `{2}` or `{2,5}` after it. What may follow a repeated piece must be none of its characters, so that
there is one way only to read a text, and nothing to try again. Choices are what `enum` and `anyOf` are for.
"""

import re
from functools import lru_cache

LONGEST = 200
MOST_REPEATED = 1_000
_CLASS = r"\[\^?-?(?:[^\[\]\\^-]|\\[dws.\-\[\]\\^/])(?:-?(?:[^\[\]\\^-]|\\[dws.\-\[\]\\^/]))*-?\]"
_PIECE = re.compile(
    rf"(?P<atom>{_CLASS}|\\[dws]|\\[.\-\[\]\\^$*+?(){{}}|/]|\.|[^\[\]\\^$*+?(){{}}|.])"
    r"(?P<repeat>[?*+]|\{(?P<least>\d{1,4})(?P<range>,(?P<most>\d{1,4})?)?\})?"
)
_LETTERS = (*map(chr, range(128)), "\u00e9")  # the last one stands for all beyond ASCII, which no class names
_FORM = (
    "A pattern is ^, then characters, escapes or classes, each with ?, *, + or {n,m} if you like, then $; "
    "without groups, and without choices"
)


class PatternRefused(ValueError):
    """A pattern that could take long to match; the message says what to write instead."""


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return what a whole text is to match; raises PatternRefused."""
    if len(pattern) > LONGEST:
        raise PatternRefused(f"A pattern has at most {LONGEST} characters")
    if not (pattern.isascii() and pattern.isprintable() and len(pattern) > 1 and pattern[0] + pattern[-1] == "^$"):
        raise PatternRefused(_FORM)
    pieces = _pieces(pattern[1:-1])
    _check_one_reading(pieces)
    return re.compile(pattern[1:-1], re.ASCII | re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text, as a whole, matches a pattern that was taken."""
    return compiled(pattern).fullmatch(text) is not None


def _pieces(body: str) -> list[tuple[frozenset[str], int, int | None]]:
    """Return of each piece its characters, and how often it may stand there at least and at most."""
    found, position = [], 0
    while position < len(body):
        piece = _PIECE.match(body, position)
        if piece is None:
            raise PatternRefused(_FORM)
        least, most = _times(piece)
        try:
            atom = re.compile(piece["atom"], re.ASCII | re.DOTALL)
        except re.error as wrong:
            raise PatternRefused(_FORM) from wrong
        found.append((frozenset(filter(atom.fullmatch, _LETTERS)), least, most))
        position = piece.end()
    return found


def _times(piece: re.Match[str]) -> tuple[int, int | None]:
    if piece["repeat"] is None:
        return 1, 1
    if piece["least"] is None:
        return {"?": (0, 1), "*": (0, None), "+": (1, None)}[piece["repeat"]]
    least = int(piece["least"])
    most = least if piece["range"] is None else int(piece["most"]) if piece["most"] else None
    if least > MOST_REPEATED or (most is not None and not least <= most <= MOST_REPEATED):
        raise PatternRefused(f"A repetition is of at most {MOST_REPEATED}, the smaller number first")
    return least, most


def _check_one_reading(pieces: list[tuple[frozenset[str], int, int | None]]) -> None:
    """Raise PatternRefused where a character could belong to a repeated piece or to one after it."""
    follows: frozenset[str] = frozenset()
    for letters, least, most in reversed(pieces):
        if least != most and letters & follows:
            raise PatternRefused("What follows a repeated piece must be none of its characters")
        follows = letters | follows if least == 0 else letters
