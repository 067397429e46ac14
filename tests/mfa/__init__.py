"""Second factors: authenticator apps, recovery codes, passkeys, and the policy that asks for them."""
