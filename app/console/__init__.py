"""The console's session: logging in and out at the service's own pages, with the tokens in cookies (ADR 0016)."""
