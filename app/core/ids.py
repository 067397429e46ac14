"""Identifiers: UUIDv7 (RFC 9562), so that new rows sort by the time they were made."""

from functools import lru_cache
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a fresh UUIDv7."""
    return uuid7()


@lru_cache(maxsize=1024)
def parse_id(text: str) -> UUID | None:
    """Return the id that `text` spells in canonical form (36 lower-case characters), or None."""
    try:
        value = UUID(text)
    except ValueError:
        return None
    return value if str(value) == text else None
