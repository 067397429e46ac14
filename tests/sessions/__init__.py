"""Tests of app.sessions."""
