"""Roles: what a user may do within its client."""
