"""Reads the notation of docs/API.md for fields: `{name, other?: {inner}}`, where `?` marks what may be left out."""

from collections.abc import Iterator, Mapping

Fields = dict[str, bool]
"""Each field, nested ones with dots, and whether it must be there."""

_LIST_OF = "list of "


def read_fields(text: str, shapes: Mapping[str, Fields]) -> Fields:
    """Return the fields that a text in the notation names; the name of a shape stands for its fields."""
    text = text.strip()
    if text in shapes:
        return dict(shapes[text])
    if text.startswith(_LIST_OF):
        return {"items": True, **below("items", shapes[text.removeprefix(_LIST_OF)]), "next_cursor": True}
    if not (text.startswith("{") and text.endswith("}")):
        raise ValueError(f"neither fields nor a shape: {text}")
    found: Fields = {}
    for part in _parts(text[1:-1]):
        name, _, value = (piece.strip() for piece in part.partition(":"))
        found[name.rstrip("?")] = not name.endswith("?")
        if value in shapes or value.startswith("{"):
            found |= below(name.rstrip("?"), read_fields(value, shapes))
    return found


def below(name: str, fields: Fields) -> Fields:
    """Return fields as those of an inner object of that name."""
    return {f"{name}.{inner}": needed for inner, needed in fields.items()}


def _parts(text: str) -> Iterator[str]:
    """Split at the commas that are not inside inner braces."""
    depth, part = 0, ""
    for letter in text:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            yield part
            part = ""
        else:
            part += letter
    if part.strip():
        yield part
