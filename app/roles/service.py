"""The built-in roles and the scopes that each holds."""

USER, ADMIN, SUPER_ADMIN = "user", "admin", "super_admin"

MANAGEMENT_SCOPES = frozenset(
    {
        "apps:read",
        "apps:write",
        "audit:read",
        "keys:read",
        "keys:verify",
        "keys:write",
        "roles:read",
        "roles:write",
        "storage:read",
        "tokens:introspect",
        "usage:read",
        "usage:write",
        "users:impersonate",
        "users:read",
        "users:write",
        "webhooks:write",
    }
)
RESERVED_SCOPES = frozenset({"read", "write", "admin"}) | MANAGEMENT_SCOPES
"""The scopes that mean something to this service; every other word is a client's own."""
_SCOPES = {
    USER: frozenset({"read", "write"}),
    ADMIN: RESERVED_SCOPES,
}
_SCOPES[SUPER_ADMIN] = _SCOPES[ADMIN]


def scopes_of(role: str) -> frozenset[str]:
    """Return the scopes of a role; none for one that is not known."""
    return _SCOPES.get(role, frozenset())
