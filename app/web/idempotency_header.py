"""The request header Idempotency-Key."""

from flask import request

from app.core import errors

_MAX = 255


def idempotency_key() -> str | None:
    """Return the Idempotency-Key of the request, None without one; raises InvalidRequest for an unusable one."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= _MAX or not key.isascii() or not key.isprintable():
        raise errors.InvalidRequest(f"Idempotency-Key must be 1 to {_MAX} printable ASCII characters.")
    return key
