"""Idempotency-Key: the same call twice has one outcome (draft-ietf-httpapi-idempotency-key-header-07)."""
