"""What can go wrong on purpose: every such error is an AppError with a stable code (RFC 9457 problem details)."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a refused credential names: a real client, and its user or key where known."""

    client_id: UUID
    user_id: UUID | None = None
    key_id: UUID | None = None
    impersonator_id: UUID | None = None


class AppError(Exception):
    """An error that the caller is told about.

    `status` is the HTTP status, `code` the stable machine-readable name, `title` one sentence that never
    changes, `advice` what the caller can do next. `detail` replaces `title` in one answer, `extra` adds
    members to the problem document, `retry_after` (seconds) becomes the header of that name.
    `keeps_writes = True` commits what the unit of work wrote before the error was raised.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side."
    advice: ClassVar[str] = "Try again; if it goes on, give the operator the request_id."
    keeps_writes: ClassVar[bool] = False

    def __init__(self, detail: str | None = None, *, retry_after: float | None = None, **extra: Any) -> None:
        """Keep what is particular to this one answer."""
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.retry_after = retry_after
        self.extra = extra
        self.named: Named | None = None

    def of(self, named: Named) -> "AppError":
        """Mark a refusal with whom the credential named, so that it is summed up in that client's audit log."""
        self.named = named
        return self


class InternalError(AppError):
    """A fault of ours; the answer says nothing of it, the log says all."""


class InvalidRequest(AppError):
    """The request could not be read at all."""

    status, code, title = 400, "invalid_request", "The request cannot be read."
    advice = "Send one JSON object in UTF-8, at most 64 KiB, with no duplicate keys and no NaN."


class AuthenticationRequired(AppError):
    """No credential, or none that is known."""

    status, code, title = 401, "authentication_required", "This call needs a valid credential."
    advice = "Send an access key, API key or access token as `Authorization: Bearer …`."


class TokenExpired(AppError):
    """A genuine token past its end."""

    status, code, title = 401, "token_expired", "The token has expired."
    advice = "Refresh the session (POST /refresh), or log in again."


class TokenRevoked(AppError):
    """A genuine token whose session has ended, or a spent or unknown refresh token."""

    status, code, title = 401, "token_revoked", "The token no longer works."
    advice = "Log in again."
    keeps_writes = True


class MfaRequired(AppError):
    """A second factor is asked for; a login's answer carries `mfa_token` and the `methods` that it takes."""

    status, code, title = 401, "mfa_required", "A second factor is needed."
    advice = (
        "Send the mfa_token of a login with a code or a passkey's answer to POST /login/mfa within five minutes; where"
        " there is none, log in again."
    )
    keeps_writes = True


class InsufficientScope(AppError):
    """A known caller that may not make this call."""

    status, code, title = 403, "insufficient_scope", "This credential may not make this call."
    advice = "Use a credential with the scope that the API reference names for the call."


class ReauthRequired(AppError):
    """The call wants a login or re-authentication of the last five minutes."""

    status, code, title = 403, "reauth_required", "This call needs a login within the last five minutes."
    advice = (
        "Call POST /me/reauth with the password, and a code where there is a second factor, or with a passkey;"
        " then repeat the call."
    )


class ClientSuspended(AppError):
    """The caller's own client is suspended."""

    status, code, title = 403, "client_suspended", "This client is suspended."
    advice = "Ask the operator of this service to activate it."


class ClientNotFound(AppError):
    """No such client, or another one than the credential's: the answers are the same on purpose."""

    status, code, title = 404, "client_not_found", "There is no such client for this credential."
    advice = "Check the client id in the path against the credential you use."


class NotFound(AppError):
    """No such thing within the caller's client."""

    status, code, title = 404, "not_found", "There is nothing here."
    advice = "Check the path and the id."


class MethodNotAllowed(AppError):
    """The path exists, the method does not."""

    status, code, title = 405, "method_not_allowed", "This path does not take that method."
    advice = "Look at the Allow header."


class Conflict(AppError):
    """The request contradicts what is stored."""

    status, code, title = 409, "conflict", "The request conflicts with what is stored."
    advice = "Read the current state, then decide again."


class PayloadTooLarge(AppError):
    """A body over 64 KiB."""

    status, code, title = 413, "payload_too_large", "The body is larger than 64 KiB."
    advice = "Send less in one call."


class UnsupportedMediaType(AppError):
    """A body that is not plain JSON."""

    status, code, title = 415, "unsupported_media_type", "The body must be application/json, not compressed."
    advice = "Send `Content-Type: application/json`."


class ValidationFailed(AppError):
    """Well-formed JSON with wrong fields; `errors` maps a field to its messages."""

    status, code, title = 422, "validation_failed", "Some fields are not acceptable."
    advice = "Mend the fields named in `errors`."

    def __init__(self, errors: dict[str, list[str]], detail: str | None = None) -> None:
        """Carry the messages by field; nested fields are joined by dots."""
        super().__init__(detail, errors=errors)
        self.errors = errors


class RateLimited(AppError):
    """Too many calls in a window; `retry_after` says when the next one passes."""

    status, code, title = 429, "rate_limited", "Too many calls."
    advice = "Wait for the seconds in Retry-After."

    def __init__(self, detail: str | None = None, *, retry_after: float | None = None, states: Any = ()) -> None:
        """Carry what is left of each window (app.core.windows.WindowState), for the headers."""
        full = max((state for state in states if state.remaining < 1), key=lambda state: state.reset_at, default=None)
        if detail is None and full is not None and retry_after is not None:
            wait = max(1, math.ceil(retry_after))
            detail = f"{full.name} ({full.limit}) is used up; the next call passes in {wait} s."
        super().__init__(detail, retry_after=retry_after)
        self.states = tuple(states)


class QuotaExceeded(AppError):
    """A key has been used as often as its `usage_limit` allows; waiting does not help."""

    status, code, title = 429, "quota_exceeded", "The quota of this key is used up."
    advice = "Raise the key's usage_limit, or use another key: no later call passes by itself."

    def __init__(self) -> None:
        """Tell the caller to stay away for a day: a quota does not come back."""
        super().__init__(retry_after=86_400)


class HeadersTooLarge(AppError):
    """A header field, or all of them, over the limit."""

    status, code, title = 431, "headers_too_large", "The request headers are larger than 8 KiB."
    advice = "Send fewer or shorter headers."


class TemporarilyUnavailable(AppError):
    """The database is out of reach or the service is at its capacity."""

    status, code, title = 503, "temporarily_unavailable", "The service cannot answer just now."
    advice = "Wait for the seconds in Retry-After, then repeat the same call."

    def __init__(self, detail: str | None = None, *, retry_after: float = 2) -> None:
        """Tell the caller when to come back."""
        super().__init__(detail, retry_after=retry_after)


class NotMigrated(TemporarilyUnavailable):
    """The tables, or the platform client, are not those that this code needs."""

    title = "The database is not ready."
    advice = "Run `flask db upgrade`."


class StorageFull(AppError):
    """The disk beneath the database is full; reads go on."""

    status, code, title = 507, "storage_full", "The service has no room left to write."
    advice = "Tell the operator; nothing of this call was kept."
