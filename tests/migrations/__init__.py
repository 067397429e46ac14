"""Tests of app.migrations."""
