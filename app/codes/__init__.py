"""One-time codes: what a mail, a half-finished login or a passkey ceremony is proved by."""
