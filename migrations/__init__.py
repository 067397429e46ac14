"""Migrations of the central tables (versions/) and of the users tables (users_tables.py)."""
