"""Colours that clients choose: what can be read on them."""

DARK, LIGHT = "#000000", "#ffffff"
PLAIN = "#1f5f3a"
"""The colour of a client that has chosen none, in mails and on pages."""


def readable_on(color: str) -> str:
    """Return black or white, whichever stands out more from `#rrggbb` (WCAG 2.2, 1.4.3: at least 4.5 to 1)."""
    light = luminance(color)
    return DARK if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else LIGHT


def luminance(color: str) -> float:
    """Return the relative luminance of a colour, 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
