"""The routes that may admit whoever calls, written down a second time: any other that does has lost its guard."""

OPEN = frozenset({"anyone", "registrant"})
"""The kinds of callers that need no credential."""
OPEN_ROUTES = frozenset(
    {
        "GET /",
        "POST /api/v1/clients/register",
        "GET /api/v1/{client_id}/.well-known/jwks.json",
        "GET /api/v1/{client_id}/.well-known/openid-configuration",
        # For the service's own pages alone, which hold cookies for it.
        "DELETE /api/v1/console/session",
        "POST /api/v1/console/email/resend",
        "POST /api/v1/console/password/forgot",
        "POST /api/v1/console/session",
        "POST /api/v1/console/session/mfa",
        "POST /api/v1/console/session/passkey",
        "POST /api/v1/console/session/passkey/options",
        "POST /api/v1/console/session/refresh",
        # A code that was mailed is the proof.
        "POST /api/v1/{client_id}/email/verify",
        "POST /api/v1/{client_id}/invitations/accept",
        "POST /api/v1/{client_id}/me/email/confirm",
        "POST /api/v1/{client_id}/password/reset",
        "GET /console",
        "GET /console/",
        "GET /console/assets/{name}",
        "GET /console/{path}",
        "GET /docs",
        "GET /docs/",
        "GET /docs/assets/{name}",
        "GET /docs/errors",
        "GET /docs/{client_id}",
        "GET /docs/{client_id}/openapi.json",
        "GET /healthz",
        "GET /metrics",
        "GET /openapi.json",
        "GET /pages/assets/{name}",
        "GET /pages/{client_id}/brand.css",
        "GET /pages/{client_id}/{page}",
        "GET /readyz",
    }
)
