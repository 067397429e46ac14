"""The console's session: cookies, where its calls may come from, and what a proof of identity begins (ADR 0016)."""
