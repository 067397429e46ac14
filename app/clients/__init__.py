"""Clients (tenants): their rows, settings, status and tier; read by all, knows nothing above it."""
