"""Access tokens (RFC 9068 in form): issued through Flask-JWT-Extended, verified here and nowhere else.

The extension's own checks are lax (a token without `type` passes, `exp`, `iss` and `aud` need not be there), so
nothing is verified through it.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
import structlog
from flask_jwt_extended import create_access_token

from app.core import clock, errors
from app.core.ids import new_id, parse_id
from app.core.settings import settings
from app.extensions import jwt as issuer_extension
from app.sessions import signing
from app.sessions.models import AccessClaims, SigningKey, Subject

TYPE = "at+jwt"
LEEWAY = 30
_log = structlog.get_logger()
_REQUIRED = ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp", "type", "client_id"]
_MOST_TEXT = 8 * 1024
_MOST_ISSUED = 8000
"""With its header's name a token fits the 8 KiB that this service takes, and most proxies unless told more."""


def issuer_of(client_id: UUID) -> str:
    """Return the issuer of a client's tokens: where its `.well-known` documents are."""
    return f"{settings().public_url}/api/v1/{client_id}"


def issue(
    subject: Subject,
    *,
    session_id: UUID,
    authenticated_at: datetime,
    amr: list[str],
    impersonator_id: UUID | None = None,
) -> str:
    """Return a signed access token; it names who acts for the user, if somebody does (`act`, RFC 8693, 4.1).

    One that no header would hold names no scopes, and the log tells of it: such a role was made before roles had their
    bound, and this service reads scopes live anyway. The extension puts `fresh: false` beside these claims and leaves
    no way to keep it out. It means nothing here: how fresh a session is says `auth_time`, and to this service the
    session's own row.
    """
    key = signing.current(subject.client_id, subject.client_version)
    claims = _claims_of(subject) | {
        "sid": str(session_id),
        "auth_time": int(authenticated_at.timestamp()),
        "amr": amr,
    }
    claims |= {"act": {"sub": str(impersonator_id)}} if impersonator_id else {}
    token = _signed(subject, key, claims)
    if len(token) <= _MOST_ISSUED:
        return token
    _tell_of_no_scopes(subject.client_id, subject.role, clock.now().date())
    return _signed(subject, key, claims | {"scopes": []})


# Remembered, so that each worker tells it once a day and not with each token.
@lru_cache(maxsize=1024)
def _tell_of_no_scopes(client_id: UUID, role: str, _day: date) -> None:
    advice = "other services read no rights from them: take permissions from the role, or let them introspect"
    _log.warning("tokens of a role name no scopes", client_id=str(client_id), role=role, advice=advice)


def _signed(subject: Subject, key: SigningKey, claims: dict[str, Any]) -> str:
    token: str = create_access_token(
        _SigningIdentity(subject.user_id, key),
        expires_delta=timedelta(seconds=subject.access_token_ttl),
        additional_claims=claims,
        additional_headers={"kid": str(key.kid), "typ": TYPE},
    )
    return token


def _claims_of(subject: Subject) -> dict[str, Any]:
    moment = int(clock.now().timestamp())
    return {
        "iss": issuer_of(subject.client_id),
        "aud": str(subject.client_id),
        "client_id": str(subject.client_id),
        "sub": str(subject.user_id),
        "jti": str(new_id()),
        "iat": moment,
        "nbf": moment,
        "exp": moment + subject.access_token_ttl,
        "type": "access",
        "email": subject.email,
        "role": subject.role,
        "scopes": sorted(subject.scopes),
    }


def verify(token: str) -> AccessClaims:
    """Return what a genuine, unexpired token says.

    Raises AuthenticationRequired for a forged, foreign or malformed token, and TokenExpired, marked with whom it names.
    """
    claims = _verified(token)
    now = clock.now().timestamp()
    if claims.not_before > now + LEEWAY:
        raise errors.AuthenticationRequired()
    if claims.expires + LEEWAY <= now:
        named = errors.Named(claims.client_id, user_id=claims.user_id, impersonator_id=claims.impersonator_id)
        raise errors.TokenExpired().of(named)
    return claims


# Keyed by the whole token, so no two tokens share an entry; what a token says never changes, and whether its session
# lives is read from the database on every request.
@lru_cache(maxsize=16_384)
def _verified(token: str) -> AccessClaims:
    try:
        return _claims(token)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, RecursionError, OverflowError) as wrong:
        raise errors.AuthenticationRequired() from wrong


def _claims(token: str) -> AccessClaims:
    if len(token) > _MOST_TEXT:
        raise ValueError("too long")
    header = jwt.get_unverified_header(token)
    kid = parse_id(header["kid"]) if isinstance(header.get("kid"), str) else None
    if kid is None or header.get("alg") != signing.ALGORITHM or header.get("typ") != TYPE or "crit" in header:
        raise ValueError("not one of our headers")
    key = signing.find_public(kid)
    if key is None:
        raise ValueError("unknown key")
    payload = jwt.decode(
        token,
        key.public_key,
        algorithms=[signing.ALGORITHM],
        audience=str(key.client_id),
        issuer=issuer_of(key.client_id),
        # Times are checked on every use of the remembered claims, by the service's own clock.
        options={
            "require": _REQUIRED,
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
            "strict_aud": True,
        },
    )
    return _checked(payload, kid, key.client_id)


def _checked(payload: dict[str, Any], kid: UUID, client_id: UUID) -> AccessClaims:
    times = [payload[name] for name in ("iat", "nbf", "exp")]
    if any(type(moment) is not int or not 0 < moment < 2**40 for moment in times):
        raise ValueError("times are whole seconds")
    if payload["type"] != "access" or payload["client_id"] != str(client_id):
        raise ValueError("not an access token of this client")
    if times[0] > clock.now().timestamp() + LEEWAY:
        raise ValueError("issued in the future")
    impersonator = UUID(payload["act"]["sub"]) if "act" in payload else None
    return AccessClaims(client_id, UUID(payload["sub"]), UUID(payload["sid"]), kid, times[1], times[2], impersonator)


class _SigningIdentity:
    """What the extension takes for an identity; it asks for the signing key by nothing else."""

    def __init__(self, user_id: UUID, key: SigningKey) -> None:
        self.user_id, self.key = user_id, key


@issuer_extension.user_identity_loader
def _identity(identity: _SigningIdentity) -> str:
    return str(identity.user_id)


@issuer_extension.encode_key_loader
def _encode_key(identity: Any) -> Any:
    return identity.key.private_key


def forget_cached() -> None:
    """Empty the caches: of verified tokens, and of what was told; after an erasure, for tests that change databases."""
    _verified.cache_clear()
    _tell_of_no_scopes.cache_clear()
