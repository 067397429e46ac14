"""Second factors: authenticator apps (TOTP), recovery codes and passkeys."""
